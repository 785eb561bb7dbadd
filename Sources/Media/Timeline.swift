import Base

/// Puts frames on the stream's media clock: 0 at the first, then strictly forward.
///
/// A frame's time follows its PTS. Where that can't be:
/// - no PTS: one usual interval after the last frame; live, by the time between arrivals.
/// - the last PTS again, or less than `reorder` before it: `nudge` after the last frame. From the fourth such
///   frame in a row on the times are not believed: repeated ones count as missing, earlier ones as a jump.
/// - further back: the times of the source jumped, a new segment begins.
/// - ahead by more than `gap` (or ten usual intervals): in a recording a jump; live only when the frame is
///   also early by more than a second against the least delayed frame so far, else time really passed.
///
/// Over a jump the clock goes on by the time between the arrivals (live) or by one usual interval.
package struct Timeline: Sendable {
  package struct Stamp: Sendable, Hashable {
    package var time: MediaTime
    /// From 1.
    package var segment: Int
    /// Why this frame starts a segment; nil when it doesn't, and for the very first.
    package var broke: Discontinuity?
    /// The time isn't the source's own.
    package var isMadeUp: Bool
  }

  /// PTS this far back are frames in a wrong order, not a jump.
  static let reorder: Nanoseconds = .milliseconds(500)
  static let nudge: Nanoseconds = 1_000
  static let nudgesInARow = 3
  static let absurd: UInt64 = 1 << 61
  /// A recording's longest pause between frames.
  static let recordingGap: Nanoseconds = .seconds(10)
  static let liveGap: Nanoseconds = .seconds(1)
  /// Upward drift of the least delay, so that a clock that runs slow isn't taken for early frames.
  static let relaxation: Nanoseconds = 2_000  // a second

  package var isLive: Bool
  package private(set) var estimate: RateEstimate
  /// While frames are left out on purpose their distances say nothing about the rate.
  package var learnsRate = true

  private var segment = 1
  private var last: (time: MediaTime, arrival: MonotonicTime)?
  /// Media time minus PTS; nil while a new segment's first PTS is awaited.
  private var base: Nanoseconds?
  private var lastPTS: Nanoseconds?
  private var nudges = 0
  private var pending: Discontinuity?
  private var pendingKeepsTimes = true
  /// Least of arrival − media time.
  private var leastDelay: Nanoseconds?

  package init(isLive: Bool, declaredInterval: Nanoseconds? = nil) {
    self.isLive = isLive
    estimate = RateEstimate(declared: declaredInterval)
  }

  /// The source starts anew: the next frame's PTS have nothing to do with the last one's.
  package mutating func restart(_ why: Discontinuity) {
    guard last != nil else { return }
    pending = why
    pendingKeepsTimes = false
  }

  /// The picture changes with the next frame, its times go on.
  package mutating func change(_ why: Discontinuity) {
    guard last != nil, pending == nil else { return }
    pending = why
    pendingKeepsTimes = true
  }

  /// - Parameters:
  ///   - pts: On the source's own clock; nil where the source has none.
  ///   - arrival: Of the frame's last packet.
  package mutating func stamp(pts: Nanoseconds?, arrival: MonotonicTime) -> Stamp {
    // No stream runs for a lifetime: such numbers are damage.
    let pts = pts.flatMap { $0.magnitude < Self.absurd ? $0 : nil }
    guard let last else {
      base = pts.map { -$0 }
      lastPTS = pts
      return accept(.zero, arrival, madeUp: pts == nil)
    }
    guard let why = pending else { return follow(last, pts, arrival) }
    pending = nil
    if !pendingKeepsTimes { return jump(from: last, pts, arrival, why) }
    var stamp = follow(last, pts, arrival)
    if stamp.broke == nil {
      segment += 1
      stamp.segment = segment
    }
    stamp.broke = why
    return stamp
  }

  private mutating func follow(
    _ last: (time: MediaTime, arrival: MonotonicTime), _ pts: Nanoseconds?, _ arrival: MonotonicTime
  ) -> Stamp {
    guard let pts else { return withoutTime(last, arrival) }
    guard let base, let lastPTS else {
      // The first PTS after frames that had none.
      let stamp = withoutTime(last, arrival)
      self.base = stamp.time.nanoseconds - pts
      self.lastPTS = pts
      return stamp
    }
    let step = pts - lastPTS
    let time = MediaTime(nanoseconds: base + pts)
    if time <= last.time {
      if time.nanoseconds < last.time.nanoseconds - Self.reorder {
        return jump(from: last, pts, arrival, .timeWentBack)
      }
      nudges += 1
      if nudges <= Self.nudgesInARow {
        if step > 0 { self.lastPTS = pts }
        return accept(last.time + Self.nudge, arrival, madeUp: true)
      }
      if step == 0 { return withoutTime(last, arrival) }
      return jump(from: last, pts, arrival, .timeWentBack)
    }
    nudges = 0
    if learnsRate, step > 0 { estimate.add(step) }
    let usual = estimate.isMeasured ? estimate.interval : 0
    if step > max(isLive ? Self.liveGap : Self.recordingGap, 10 * usual), !isLive || isEarly(time, arrival) {
      return jump(from: last, pts, arrival, .timeJumped)
    }
    self.lastPTS = pts
    return accept(time, arrival, madeUp: false)
  }

  /// Later PTS are put after this frame's made-up time by the same base, so that one lost PTS shifts nothing.
  private mutating func withoutTime(
    _ last: (time: MediaTime, arrival: MonotonicTime), _ arrival: MonotonicTime
  ) -> Stamp {
    accept(last.time + advance(last, arrival), arrival, madeUp: true)
  }

  private mutating func jump(
    from last: (time: MediaTime, arrival: MonotonicTime), _ pts: Nanoseconds?, _ arrival: MonotonicTime,
    _ why: Discontinuity
  ) -> Stamp {
    segment += 1
    let time = last.time + advance(last, arrival)
    base = pts.map { time.nanoseconds - $0 }
    lastPTS = pts
    nudges = 0
    leastDelay = nil
    var stamp = accept(time, arrival, madeUp: pts == nil)
    stamp.broke = why
    return stamp
  }

  private func advance(
    _ last: (time: MediaTime, arrival: MonotonicTime), _ arrival: MonotonicTime
  ) -> Nanoseconds {
    max(Self.nudge, isLive ? arrival - last.arrival : estimate.interval)
  }

  private func isEarly(_ time: MediaTime, _ arrival: MonotonicTime) -> Bool {
    guard let leastDelay else { return true }
    return arrival.nanoseconds - time.nanoseconds < leastDelay - Self.liveGap
  }

  private mutating func accept(_ time: MediaTime, _ arrival: MonotonicTime, madeUp: Bool) -> Stamp {
    let delay = arrival.nanoseconds - time.nanoseconds
    let passed = last.map { time - $0.time } ?? 0
    let relaxed = leastDelay.map { $0 + passed / 1_000_000 * Self.relaxation / 1000 }
    leastDelay = min(delay, relaxed ?? delay)
    last = (time, arrival)
    return Stamp(time: time, segment: segment, broke: nil, isMadeUp: madeUp)
  }
}
