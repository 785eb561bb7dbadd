import Base
import Events
import Media
import Service

extension Line {
  /// What `status` says of the stream, beside its entry.
  func status(at now: MonotonicTime) -> [JSON.Field] {
    let health = pulse.health(pipeline.name, at: now)
    let standing = counters.standing
    return [
      .init("source", .text(pipeline.source.shownURL)),
      .init("video", video),
      .init(
        "scene",
        .object([
          .init("state", .text(standing.scene.rawValue)), .init("objects", .integer(Int64(standing.objects))),
          .init("open_events", .integer(Int64(standing.openEvents))),
          .init(
            "smallest_object",
            counters.smallestNoticed > 0 ? .number(counters.smallestNoticed.rounded(places: 4)) : .null),
        ])),
      .init(
        "latency_ms",
        .object([
          .init("p50", milliseconds(counters.latency.percentile(0.5))),
          .init("p99", milliseconds(counters.latency.percentile(0.99))),
        ])),
      .init(
        "retry_in", health.retryAt.map { .number(max(0, ($0 - now).inSeconds).rounded(places: 1)) } ?? .null),
      .init("hanging", .flag(health.hangs(at: now))),
      .init(
        "encoder",
        .object([
          .init("ran", .list(standing.ran.map(JSON.text))),
          .init("skipped", standing.skipped.map(JSON.text) ?? .null),
        ])),
      .init("counters", .object(totals.map { .init($0.key, .integer(Int64(clamping: $0.value))) })),
      .init(
        "events_begun", .object(counters.begun.map { .init($0.kind, .integer(Int64(clamping: $0.count))) })),
      .init("warnings", .list(reader.warnings.map { .text($0) })),
    ]
  }

  private var video: JSON {
    guard let description = reader.description else { return .null }
    return .object([
      .init("codec", .text(description.codec)),
      .init("width", .integer(Int64(description.width))),
      .init("height", .integer(Int64(description.height))),
      .init("fps", reader.measuredRate.map { .number($0.rounded(places: 3)) } ?? .null),
      .init("hardware", description.hardware.map { .text($0.rawValue) } ?? .null),
    ])
  }

  private func milliseconds(_ time: Nanoseconds?) -> JSON {
    time.map { .number($0.inMilliseconds.rounded(places: 1)) } ?? .null
  }
}

extension Double {
  fileprivate func rounded(places: Int) -> Double {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return (self * scale).rounded() / scale
  }
}
