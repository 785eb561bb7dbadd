import Base
import CKernels
import Media

/// Decides which frames the encoder looks at, and how much the decoder may leave out.
///
/// While nothing is open, a frame is skipped when no patch of it changed by more than its own noise since the last look:
/// an object that comes into view changes at least one. At the latest after a fifth of a second it looks all
/// the same, which is what shows objects too slow to change a patch.
///
/// A stream that has spent its budget is looked at less often: ten times a second while something is open, which keeps
/// tracks, and at the floor else.
struct Gate: ~Copyable {
  /// The longest between two looks.
  private static let floor = Nanoseconds.milliseconds(200)
  /// The longest between two looks at something open, with the budget spent.
  private static let leastAwake = Nanoseconds.milliseconds(100)
  /// What a look costs a pixel, in seconds: for recordings, where budgets count work, not time.
  private static let work = 8e-9
  /// A patch is taken for changed from this much above its usual change, and this many levels in all.
  private static let margin: Float = 0.35
  private static let least: Float = 96
  /// Quiet for this long, the decoder may leave out frames that no other frame needs.
  private static let rest = Nanoseconds.seconds(2)
  /// Time constant of a patch's usual change, in seconds.
  private static let memory = 3.0
  /// Looks before the usual change is known.
  private static let learning = 20

  private let configuration: EncoderConfiguration
  private var budget: Budget?
  private var last = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  private var change = UnsafeMutableBufferPointer<UInt32>(start: nil, count: 0)
  private var usual = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  private var width = 0
  private var height = 0
  private var looks = 0
  private var lookedAt = MediaTime.zero
  private var quietSince: MediaTime?
  private var now = MediaTime.zero

  init(_ configuration: EncoderConfiguration) {
    self.configuration = configuration
    budget = configuration.budget.map { Budget(share: $0) }
  }

  deinit {
    last.deallocate()
    change.deallocate()
    usual.deallocate()
  }

  /// What the decoder may leave out now.
  var economy: DecodeEconomy {
    guard configuration.economy, looks > Self.learning, let quietSince else { return .everyFrame }
    return now - quietSince >= Self.rest ? .referencedFrames : .everyFrame
  }

  /// Why the frame needs no look; nil when it does.
  mutating func skip(_ picture: PeripheralPicture, at time: MediaTime, isAwake: Bool) -> String? {
    now = time
    budget?.fill(to: time)
    if picture.width != width || picture.height != height { resize(picture) }
    if isAwake {
      quietSince = nil
    } else if quietSince == nil {
      quietSince = time
    }
    // Safety: `resize` allocated all planes, and a picture has pixels.
    let luma = picture.luma.baseAddress!
    saccade_patch_change(luma, last.baseAddress!, Int32(width), Int32(height), change.baseAddress!)
    var isChanged = looks < Self.learning
    for i in 0..<change.count where Float(change[i]) > usual[i] * (1 + Self.margin) + Self.least {
      isChanged = true
      break
    }
    if !isAwake && !isChanged && time - lookedAt < Self.floor { return "unchanged" }
    if budget?.isSpent == true, time - lookedAt < (isAwake ? Self.leastAwake : Self.floor) { return "budget" }
    let passed = min(0.5, max(0, (time - lookedAt).inSeconds))
    let rate = Float(looks < Self.learning ? 1 / Double(looks + 1) : passed / Self.memory)
    for i in 0..<change.count {
      // What is far out is an event, not noise: it counts as just out.
      let capped =
        looks < Self.learning
        ? Float(change[i]) : min(Float(change[i]), usual[i] * (1 + Self.margin) + Self.least)
      usual[i] += (capped - usual[i]) * rate
    }
    last.baseAddress!.update(from: luma, count: width * height)  // Safety: as above.
    looks += 1
    lookedAt = time
    return nil
  }

  /// Takes what a look cost off the budget; without a measure, by the work that it is.
  mutating func charge(_ spent: Nanoseconds?) {
    budget?.spend(spent?.inSeconds ?? Double(width * height) * Self.work)
  }

  /// The side in pixels of the smallest thing of this contrast, in levels, that would wake it.
  func smallest(contrast: Double) -> Double {
    guard !usual.isEmpty else { return 0 }
    var sum: Float = 0
    for u in usual { sum += u }
    let needed = Self.margin * sum / Float(usual.count) + Self.least
    return (Double(needed) / contrast).squareRoot()
  }

  private mutating func resize(_ picture: PeripheralPicture) {
    last.deallocate()
    change.deallocate()
    usual.deallocate()
    width = picture.width
    height = picture.height
    let patches = ((width + 7) / 8) * ((height + 7) / 8)
    last = .allocate(capacity: width * height)
    change = .allocate(capacity: patches)
    usual = .allocate(capacity: patches)
    last.initialize(repeating: 0)
    change.initialize(repeating: 0)
    usual.initialize(repeating: 0)
    looks = 0
  }
}
