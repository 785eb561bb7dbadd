import Base

/// Where media time 0 lies on the monotonic clock, by the least delayed frames.
///
/// A frame can come late but never early, so the smallest of arrival − media time over some seconds is the
/// truth, and the rest is delay (network, scheduler, bursts). The estimate follows slowly, so that ticks
/// keep their cadence:
/// - at most 500 ppm while it is off by less than half a tick (clock drift of a camera is below 100 ppm);
/// - at most a quarter of the time that passes when all frames of the last second say that it is off by more: a
///   source that was found again, a longer way, a camera whose clock runs wrong (says 25 fps, sends 21);
/// - at once towards earlier in the first two seconds of a segment: a server that sends what it holds in
///   one burst at first makes every frame of it look late.
package struct PhaseLock: Sendable {
  package private(set) var origin: MonotonicTime

  private let near: Nanoseconds
  private var updated: MonotonicTime
  private var segment: Int
  private var acquiring: MonotonicTime
  private var least = SlidingMinimum()

  private static let acquisition: Nanoseconds = .seconds(2)
  private static let slow: Int64 = 2_000  // 1/2000 is 500 ppm
  private static let fast: Int64 = 4

  /// Starts with the first frame of a stream.
  package init(time: MediaTime, segment: Int, seen now: MonotonicTime, near: Nanoseconds) {
    self.near = near
    self.segment = segment
    origin = MonotonicTime(nanoseconds: now.nanoseconds - time.nanoseconds)
    updated = now
    acquiring = now + Self.acquisition
    least.add(origin.nanoseconds, at: now)
  }

  package mutating func arrive(time: MediaTime, segment: Int, seen now: MonotonicTime) {
    let sample = now.nanoseconds - time.nanoseconds
    if segment != self.segment {
      self.segment = segment
      acquiring = now + Self.acquisition
      least = SlidingMinimum()
    }
    least.add(sample, at: now)
    let passed = min(max(0, now - updated), .seconds(1))
    updated = now
    if now < acquiring, sample < origin.nanoseconds {
      origin = MonotonicTime(nanoseconds: sample)
      return
    }
    let error = max(least.ofAll, least.ofLatest - near) - origin.nanoseconds
    let step = passed / (abs(error) <= near ? Self.slow : Self.fast)
    origin = origin + max(-step, min(step, error))
  }
}

/// The smallest sample of the last 8 seconds, and of the last one.
private struct SlidingMinimum: Sendable {
  private var spans: InlineArray<16, Int64> = .init(repeating: .max)
  /// Number of the span that samples go into now, counted from time 0.
  private var current: Int64 = 0

  private static let length: Nanoseconds = .milliseconds(500)

  var ofAll: Int64 {
    var least = Int64.max
    for i in spans.indices { least = min(least, spans[i]) }
    return least
  }

  var ofLatest: Int64 { min(spans[slot(current)], spans[slot(current - 1)]) }

  mutating func add(_ sample: Int64, at now: MonotonicTime) {
    let span = max(current, now.nanoseconds / Self.length)
    // What is older than the whole window is forgotten at once, however long nothing came.
    let forgotten = max(current + 1, span - Int64(spans.count) + 1)
    if forgotten <= span { for old in forgotten...span { spans[slot(old)] = .max } }
    current = span
    spans[slot(span)] = min(spans[slot(span)], sample)
  }

  private func slot(_ span: Int64) -> Int { Int((span + Int64(spans.count)) % Int64(spans.count)) }
}
