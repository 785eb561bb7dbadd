import Base

/// How far reading has fallen behind a live source, and what it passes over to catch up.
///
/// A reader that keeps up spends much of its time waiting for packets. From the last wait on each falls due by its own time
/// stamp, and what is read later than that lay unread meanwhile, here or with a sender that found no room: then it isn't
/// the source that is slow, it is this machine. As most frames build on others, decoding can go on only at a key frame. It
/// jumps there once one must have arrived, by the usual distance of key frames, so that nothing is lost but what is late
/// already.
package struct Backlog: Sendable {
  /// How long the packet that was read last had lain unread.
  package private(set) var lag: Nanoseconds = 0
  /// Packets are passed over until a key frame.
  package private(set) var isPassingOver = false

  /// Least of the moment of reading − time stamp since the last wait: packets can't be read before they came.
  private var due: Nanoseconds?
  /// Time spent waiting, of late: it fades within `memory`.
  private var idle: Nanoseconds = 0
  private var lastRead: MonotonicTime?
  private var newest: Nanoseconds?
  private var newestKey: Nanoseconds?
  /// Between key frames.
  private var distance: Nanoseconds?
  private var passingSince = MonotonicTime(nanoseconds: 0)

  /// A lag from which on it is worth losing frames.
  package static let bearable: Nanoseconds = .milliseconds(250)
  /// A lag that can't be borne, though nobody knows when a key frame comes.
  package static let hopeless: Nanoseconds = .seconds(5)
  /// Who has waited for a quarter of this keeps up. Who doesn't still waits at times: for a lock, or for a sender that was
  /// blocked to notice that there is room again.
  static let memory: Nanoseconds = .seconds(1)
  /// Between key frames, until it was seen.
  static let usualDistance: Nanoseconds = .seconds(2)
  static let shortestDistance: Nanoseconds = .milliseconds(1)
  /// Time stamps further apart don't belong together.
  static let longestStep: Nanoseconds = .seconds(2)
  /// Without a key frame for this long, whatever comes is tried.
  static let patience: Nanoseconds = .seconds(12)

  package init() {}

  /// A packet was read. Returns false when it should be passed over.
  ///
  /// - Parameters:
  ///   - stamp: When it is to be decoded, on the source's own clock; nil where the source doesn't say.
  ///   - waited: How long the reader was blocked before it came.
  package mutating func read(
    stamp: Nanoseconds?, isKey: Bool, at now: MonotonicTime, waited: Nanoseconds
  ) -> Bool {
    measure(stamp, isKey, now, waited)
    let next = untilKey(stamp)
    if isPassingOver {
      // At a key frame it goes on, unless the next one lies there as well.
      if isKey && next > lag || now - passingSince > Self.patience { isPassingOver = false }
    } else if lag >= Self.bearable, next <= lag || lag >= Self.hopeless && !isKey {
      isPassingOver = true
      passingSince = now
    }
    return !isPassingOver
  }

  private mutating func measure(
    _ stamp: Nanoseconds?, _ isKey: Bool, _ now: MonotonicTime, _ waited: Nanoseconds
  ) {
    // No stream runs for a lifetime: such numbers are damage.
    guard let stamp, stamp.magnitude < Timeline.absurd else {
      (due, newest, newestKey, lag) = (nil, nil, nil, 0)
      return
    }
    if let newest, !(0...Self.longestStep).contains(stamp - newest) { (due, newestKey) = (nil, nil) }
    newest = stamp
    let passed = min(max(0, now - (lastRead ?? now)), Self.memory)
    lastRead = now
    idle = idle - idle / 1000 * passed / (Self.memory / 1000) + min(waited, Self.memory)
    let offset = now.nanoseconds - stamp
    if waited > 0, idle > Self.memory / 4 { due = offset }
    let least = min(due ?? offset, offset)
    due = least
    lag = offset - least
    guard isKey else { return }
    // The longest of late: to jump in vain costs more than to wait for a while.
    if let newestKey {
      distance = max(stamp - newestKey, (distance ?? 0) / 4 * 3, Self.shortestDistance)
    }
    newestKey = stamp
  }

  /// How far ahead of this packet the next key frame is to be expected. One that didn't come in its time may take twice as
  /// long.
  private func untilKey(_ stamp: Nanoseconds?) -> Nanoseconds {
    guard let stamp, let newestKey else { return .max }
    var distance = distance ?? Self.usualDistance
    while distance < stamp - newestKey { distance *= 2 }
    return newestKey + distance - stamp
  }
}
