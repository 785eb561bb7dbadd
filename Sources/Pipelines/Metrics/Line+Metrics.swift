import Base
import Events
import Service

extension Line {
  private static let states: [StreamEntry.State] = [.starting, .running, .lost, .ended, .failed]

  /// Notes the stream's metrics.
  func note(on sheet: MetricSheet, at now: MonotonicTime) {
    let labels = [("stream", pipeline.name)]
    for total in totals {
      sheet.total("saccade_stream_\(total.key)_total", total.help, labels, total.value)
    }
    for (kind, count) in counters.begun {
      sheet.total(
        "saccade_stream_events_begun_total", "Events that began or happened, by kind",
        labels + [("kind", kind)], count)
    }
    let health = pulse.health(pipeline.name, at: now)
    for state in Self.states {
      sheet.gauge(
        "saccade_stream_state", "1 for the state that the stream is in", labels + [("state", state.rawValue)],
        state == health.state)
    }
    sheet.gauge(
      "saccade_stream_hanging", "1 while the stream keeps the watchdog from being fed", labels,
      health.hangs(at: now))
    sheet.gauge("saccade_stream_rate", "Records a second that are due", labels, Double(pipeline.rate))
    if let rate = reader.measuredRate {
      sheet.gauge("saccade_stream_source_fps", "Frames a second of the source, measured", labels, rate)
    }
    let standing = counters.standing
    sheet.gauge("saccade_stream_objects", "Objects in sight", labels, Double(standing.objects))
    sheet.gauge("saccade_stream_open_events", "Events that are open", labels, Double(standing.openEvents))
    sheet.spread(
      "saccade_stream_latency_seconds",
      "From the arrival of a frame's last packet to its record; live streams only", labels,
      counters.latency.spread)
  }
}
