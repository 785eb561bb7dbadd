import Base

/// What somebody would like to have looked at.
package struct FovealWish: Sendable, Hashable {
  /// 0…1 of the upright picture.
  package var box: Rect
  package var reason: Fixation.Reason
  /// Since when it is wished for: among equals, the oldest goes first.
  package var since: MediaTime
  /// Looks in a row that saw nothing there: it may be a part of something larger.
  package var doubt: Int

  package init(box: Rect, reason: Fixation.Reason, since: MediaTime, doubt: Int = 0) {
    self.box = box
    self.reason = reason
    self.since = since
    self.doubt = doubt
  }
}

/// How often a stream's detector may look.
package struct FovealConfiguration: Sendable, Hashable {
  /// The detector's name, as it stands in records.
  package var encoder: String
  /// Inputs of the model a second of the stream, on the average of a second or two.
  package var looksPerSecond: Double
  /// The picture as a whole is looked at when it wasn't for this long, in seconds.
  package var wholeEvery: Nanoseconds
  /// What the detector says with less is not believed, 0…1.
  package var leastScore: Double

  package init(
    encoder: String = "detector", looksPerSecond: Double = 4, wholeEvery: Nanoseconds = .seconds(10),
    leastScore: Double = 0.4
  ) {
    self.encoder = encoder
    self.looksPerSecond = looksPerSecond
    self.wholeEvery = wholeEvery
    self.leastScore = leastScore
  }
}

/// Chooses where the detector looks next: the whole picture at the start, after an upheaval and now and then; else places
/// that were wished for, the most urgent first, several in one input.
///
/// Pure: time comes in as a value. One request is under way at a time, so that a slow detector is asked about the
/// present, and never about a queue of the past.
package struct Fovea: Sendable {
  /// Places that share one input: each gets a quarter of it.
  package static let tiles = 4
  /// A place is this much wider than what is looked for in it, so that it shows what the thing stands in.
  /// By looks in vain: a part may have been taken for the thing.
  private static let margins = [1.5, 2.12, 3, 4.24]
  /// The least side of a place, in picture heights: a model doesn't know enlarged pixels.
  private static let least = 0.2
  /// Seconds of its allowance that may be saved up.
  private static let depth = 1.5
  /// Seconds between looks at the whole while it is searched, or those of a look, where these are more.
  private static let searching = 0.25

  private let configuration: FovealConfiguration
  /// Inputs that may be looked at now.
  private var saved: Double
  private var filledAt: MediaTime?
  private var wholeAt: MediaTime?
  private var isWholeDue = true
  private var asked = 0
  private var pending: FovealRequest?
  /// Times at which something was wished for and the allowance was spent, or the look before it was still under way when
  /// the next was due.
  package private(set) var short = 0

  package init(_ configuration: FovealConfiguration) {
    self.configuration = configuration
    saved = max(1, configuration.looksPerSecond * Self.depth)
  }

  package var isWaiting: Bool { pending != nil }

  /// Everything may have changed: the whole picture is due.
  package mutating func noteUpheaval() { isWholeDue = true }

  /// What to look at in the frame at `time`, whose picture is `aspect` times as wide as high; nil for nothing now.
  /// A request stays under way until `settle`. `wantsWhole`: something may be there that nobody can wish for, as it
  /// isn't followed yet.
  package mutating func choose(
    _ wishes: [FovealWish], wantsWhole: Bool = false, at time: MediaTime, aspect: Double
  ) -> FovealRequest? {
    let passed = filledAt.map { min(1, max(0, (time - $0).inSeconds)) } ?? 0
    filledAt = time
    saved = min(
      max(1, configuration.looksPerSecond * Self.depth), saved + passed * configuration.looksPerSecond)
    let wholeIsLate = wholeAt.map { time - $0 >= configuration.wholeEvery } ?? true
    let pause = max(Self.searching, 1 / configuration.looksPerSecond)
    let isSearching = wantsWhole && (wholeAt.map { (time - $0).inSeconds >= pause } ?? true)
    guard isSearching || isWholeDue || wholeIsLate || !wishes.isEmpty else { return nil }
    if let pending {
      if (time - pending.time).inSeconds > 1 / configuration.looksPerSecond { short += 1 }
      return nil
    }
    guard saved >= 1 else {
      short += 1
      return nil
    }
    // What is new can't wait; a look at the whole that is only late can.
    let isUrgent = wishes.contains { $0.reason == .new || $0.reason == .changed }
    let fixations =
      isSearching || isWholeDue || wholeIsLate && !isUrgent
      ? [.whole] : Self.places(of: wishes, aspect: aspect)
    if fixations == [.whole] {
      isWholeDue = false
      wholeAt = time
    }
    saved -= 1
    asked += 1
    let request = FovealRequest(number: asked, time: time, fixations: fixations)
    pending = request
    return request
  }

  /// The request is answered, or never will be.
  package mutating func settle(_ answer: FovealAnswer) {
    guard pending?.number == answer.request.number else { return }
    pending = nil
    if answer.detections == nil, answer.request.fixations == [.whole] { isWholeDue = true }
  }

  private static func places(of wishes: [FovealWish], aspect: Double) -> [Fixation] {
    var places: [Fixation] = []
    for wish in wishes.sorted(by: {
      ($0.reason.rank, $0.since, $0.box.x) < ($1.reason.rank, $1.since, $1.box.x)
    }) {
      if places.contains(where: { $0.region.intersection(wish.box) > 0.95 * wish.box.area }) { continue }
      places.append(
        Fixation(region: place(around: wish.box, doubt: wish.doubt, aspect: aspect), reason: wish.reason))
      if places.count == tiles { break }
    }
    return places
  }

  /// A square around a box, as far as the picture has room for one; wider after looks in vain.
  static func place(around box: Rect, doubt: Int = 0, aspect: Double) -> Rect {
    let margin = margins[min(doubt, margins.count - 1)]
    let side = min(max(1, aspect), max(least, margin * max(box.width * aspect, box.height)))
    let width = min(1, side / aspect)
    let height = min(1, side)
    return Rect(
      x: min(max(0, box.centre.x - width / 2), 1 - width),
      y: min(max(0, box.centre.y - height / 2), 1 - height), width: width, height: height)
  }
}

extension Fixation.Reason {
  /// The most urgent is 0.
  fileprivate var rank: Int {
    switch self {
    case .whole, .new: 0
    case .changed: 1
    case .doubtful: 2
    case .again: 3
    }
  }
}
