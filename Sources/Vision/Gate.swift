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
  /// Measured looks before the usual change is known.
  private static let learning = 20

  private let configuration: EncoderConfiguration
  private var budget: Budget?
  private var change = UnsafeMutableBufferPointer<UInt32>(start: nil, count: 0)
  private var usual = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  /// The mean of `usual`.
  private var usualMean: Float = 0
  private var width = 0
  private var height = 0
  /// Looks of which the change since the one before is known.
  private var measured = 0
  private var measuredAt = MediaTime.zero
  private var lookedAt = MediaTime.zero
  private var quietSince: MediaTime?
  private var now = MediaTime.zero

  init(_ configuration: EncoderConfiguration) {
    self.configuration = configuration
    budget = configuration.budget.map { Budget(share: $0) }
  }

  deinit {
    change.deallocate()
    usual.deallocate()
  }

  /// What the decoder may leave out now.
  var economy: DecodeEconomy {
    guard configuration.economy, measured > Self.learning, let quietSince else { return .everyFrame }
    return now - quietSince >= Self.rest ? .referencedFrames : .everyFrame
  }

  /// Why the frame needs no look; nil when it does. `last` is the picture of the last look, where it has the same size.
  mutating func skip(
    _ picture: PeripheralPicture, last: PeripheralPicture?, at time: MediaTime, isAwake: Bool
  ) -> String? {
    now = time
    budget?.fill(to: time)
    if picture.width != width || picture.height != height { resize(picture) }
    if isAwake {
      quietSince = nil
    } else if quietSince == nil {
      quietSince = time
    }
    let isLearning = measured < Self.learning
    // Awake it looks whatever changed: what is usual is then followed from time to time.
    let measures = !isAwake || isLearning || time - measuredAt >= Self.floor
    let isMeasured = measures && measure(picture, last)
    let isChanged = isLearning || !isMeasured || change.indices.contains { Float(change[$0]) > limit($0) }
    if !isAwake && !isChanged && time - lookedAt < Self.floor { return "unchanged" }
    if budget?.isSpent == true, time - lookedAt < (isAwake ? Self.leastAwake : Self.floor) { return "budget" }
    lookedAt = time
    if isMeasured { learn(at: time) }
    return nil
  }

  /// What a patch changes by at most without being taken for changed.
  @inline(__always)
  private func limit(_ i: Int) -> Float { usual[i] * (1 + Self.margin) + Self.least }

  /// By how much each patch changed since the last look. Returns false where that can't be told.
  private mutating func measure(_ picture: PeripheralPicture, _ last: PeripheralPicture?) -> Bool {
    guard let last else { return false }
    // Safety: a picture has pixels.
    saccade_patch_change(
      picture.luma.baseAddress!, last.luma.baseAddress!, Int32(width), Int32(height), change.baseAddress!)
    return true
  }

  private mutating func learn(at time: MediaTime) {
    let isLearning = measured < Self.learning
    let passed = min(0.5, max(0, (time - measuredAt).inSeconds))
    let rate = Float(isLearning ? 1 / Double(measured + 1) : passed / Self.memory)
    var sum: Float = 0
    for i in change.indices {
      // What is far out is an event, not noise: it counts as just out.
      let capped = isLearning ? Float(change[i]) : min(Float(change[i]), limit(i))
      usual[i] += (capped - usual[i]) * rate
      sum += usual[i]
    }
    usualMean = sum / Float(change.count)
    measured += 1
    measuredAt = time
  }

  /// Takes what a look cost off the budget; without a measure, by the work that it is.
  mutating func charge(_ spent: Nanoseconds?) {
    budget?.spend(spent?.inSeconds ?? Double(width * height) * Self.work)
  }

  /// The side in pixels of the smallest thing of this contrast, in levels, that would wake it.
  func smallest(contrast: Double) -> Double {
    (Double(Self.margin * usualMean + Self.least) / contrast).squareRoot()
  }

  private mutating func resize(_ picture: PeripheralPicture) {
    change.deallocate()
    usual.deallocate()
    width = picture.width
    height = picture.height
    let patches = ((width + 7) / 8) * ((height + 7) / 8)
    change = .allocate(capacity: patches)
    usual = .allocate(capacity: patches)
    change.initialize(repeating: 0)
    usual.initialize(repeating: 0)
    usualMean = 0
    measured = 0
  }
}
