import Base
import Pipelines
import Synchronization

/// One line on the terminal that says how far long work is: `walk.mp4: 42 %, 12 times, 0:12 left`.
final class ProgressLine: Sendable {
  private let name: String
  private let isShown: Bool
  private let stands = Mutex(false)

  init(_ name: String, isShown: Bool) {
    self.name = name
    self.isShown = isShown
  }

  func show(_ progress: Analysis.Progress) {
    guard isShown else { return }
    var text = "\(name): "
    if let duration = progress.duration, duration > 0 {
      let share = min(100, max(0, progress.done.nanoseconds * 100 / duration))
      text += "\(share) %, "
    } else {
      text += "\(Clock.text(progress.done.nanoseconds)) so far, "
    }
    text += "\(Clock.factor(progress.speed)) as fast as it plays"
    if let remaining = progress.remaining { text += ", \(Clock.text(remaining)) left" }
    stands.withLock { $0 = true }
    Console.sketch("\r\u{1B}[K" + Console.harmless(text))
  }

  func show(_ progress: SweepAnalysis.Progress) {
    guard isShown else { return }
    var text = "\(name): \(progress.slices)"
    if let count = progress.count { text += " of \(count)" }
    text += " slices, \(Int(progress.perSecond)) a second"
    if let remaining = progress.remaining { text += ", \(Clock.text(remaining)) left" }
    stands.withLock { $0 = true }
    Console.sketch("\r\u{1B}[K" + Console.harmless(text))
  }

  /// Takes the line away. May be called again.
  func end() {
    let stood = stands.withLock { stood in
      defer { stood = false }
      return stood
    }
    if stood { Console.sketch("\r\u{1B}[K") }
  }
}

/// Lengths of time and factors, for people.
enum Clock {
  /// `0:12`, `3:05`, `1:02:03`.
  static func text(_ length: Nanoseconds) -> String {
    let seconds = max(0, Int((length.inSeconds).rounded()))
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return hours > 0
      ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
  }

  /// `12 times`, `0.8 times`.
  static func factor(_ value: Double) -> String {
    guard value < 10 else { return "\(Int(value.rounded())) times" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) times"
  }
}
