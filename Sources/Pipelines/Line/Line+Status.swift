import Base
import Events
import Media

extension Line {
  /// What `status` says of the stream, beside its entry.
  var status: [JSON.Field] {
    let counts = reader.counts
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
      .init("counters", .object(fields(counts))),
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

  private func fields(_ counts: ReaderCounts) -> [JSON.Field] {
    let values: [(String, UInt64)] = [
      ("packets", counts.packets), ("bytes", counts.bytes), ("frames_decoded", counts.decoded),
      ("frames_looked_at", counters.frames.value), ("frames_skipped", counters.skipped.value),
      ("frames_left_undecoded", counts.leftOut), ("frames_lapped", counters.lapped.value),
      ("frames_unreadable", counters.unreadable.value), ("frames_damaged", counts.damagedFrames),
      ("packets_corrupt", counts.corruptPackets), ("packets_before_key", counts.discarded),
      ("packets_not_kept", reader.history.dropped), ("reconnects", counts.reconnects),
      ("discontinuities", counts.discontinuities), ("times_made_up", counts.madeUpTimes),
      ("ticks", counters.ticks.value), ("ticks_stale", counters.staleTicks.value),
      ("ticks_late", counters.lateTicks.value), ("events", counters.events.value),
    ]
    return values.map { .init($0.0, .integer(Int64(clamping: $0.1))) }
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
