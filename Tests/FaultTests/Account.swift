import Base
import Events

/// What a subscriber of everything was told, stream by stream, and whether it adds up by PROTOCOL §2 and §3.
struct Account: Sendable {
  struct Frame: Sendable {
    var seq: UInt64
    var tick: Int64
    var segment: Int
    var frame: UInt64
    var isFresh: Bool
    var state: SceneReport.State
    var age: Int64
    var time: Int64
  }

  struct Stream: Sendable {
    var frames: [Frame] = []
    var events: [EventRecord] = []
    var gaps: [Gap] = []
    /// One after the other, from that of the connection on.
    var states: [StreamEntry.State] = []
    var reasons: [String] = []
    var epochs: Set<String> = []

    var last: Frame? { frames.last }
    var lost: [EventRecord] { events.filter { $0.event.kind == "signal_lost" } }
    /// The newest frame record is of a new frame, and the signal isn't lost.
    var isFresh: Bool { last.map { $0.isFresh && $0.state != .signalLost } ?? false }
    var segment: Int { last?.segment ?? 0 }
  }

  private(set) var streams: [String: Stream] = [:]
  private(set) var hasEnded = false

  subscript(name: String) -> Stream { streams[name] ?? Stream() }

  mutating func take(_ message: ServerMessage) {
    switch message {
    case .hello(let hello):
      for entry in hello.streams {
        streams[entry.name, default: Stream()].epochs.insert(entry.epoch)
        streams[entry.name]?.states.append(entry.state)
      }
    case .stream(let notice):
      streams[notice.entry.name, default: Stream()].states.append(notice.entry.state)
      streams[notice.entry.name]?.reasons.append(notice.reason)
      streams[notice.entry.name]?.epochs.insert(notice.entry.epoch)
    case .frame(let record):
      streams[record.stream, default: Stream()].frames.append(
        Frame(
          seq: record.seq, tick: Int64((record.mediaTime * 30).rounded()), segment: record.segment,
          frame: record.frame, isFresh: record.freshness == .fresh, state: record.scene.state,
          age: record.ageMilliseconds, time: record.time.milliseconds))
    case .event(let record): streams[record.stream, default: Stream()].events.append(record)
    case .gap(let gap): streams[gap.stream, default: Stream()].gaps.append(gap)
    case .bye: hasEnded = true
    case .subscribed, .status, .error, .unknown: break
    }
  }

  /// Everything about a stream that can't be; empty when all adds up.
  func faults(of name: String) -> [String] {
    let stream = self[name]
    return stream.seqFaults + stream.frameFaults + stream.eventFaults
  }
}

extension Account.Stream {
  /// Each seq from the first to the last is in one record or in one gap, and one epoch has them all.
  var seqFaults: [String] {
    var faults: [String] = []
    if epochs.count != 1 { faults.append("epochs \(epochs.sorted())") }
    var told = frames.map { ($0.seq, $0.seq) } + events.map { ($0.seq, $0.seq) }
    for gap in gaps {
      if gap.reason != .late { faults.append("a gap \(gap.reason.rawValue), \(gap.fromSeq)…\(gap.toSeq)") }
      // Of what a gap doesn't speak of, it may have records between its ends.
      var from = gap.fromSeq
      if !gap.types.contains(.event) {
        for record in events where (from...gap.toSeq).contains(record.seq) {
          if record.seq > from { told.append((from, record.seq - 1)) }
          from = record.seq + 1
          if from > gap.toSeq { break }
        }
      }
      if from <= gap.toSeq { told.append((from, gap.toSeq)) }
    }
    told.sort { $0.0 < $1.0 }
    for (a, b) in zip(told, told.dropFirst()) where b.0 != a.1 + 1 {
      faults.append(b.0 <= a.1 ? "seq \(b.0) twice" : "seqs \(a.1 + 1)…\(b.0 - 1) missing")
    }
    return faults
  }

  /// Ticks go on one by one but for those that a gap tells of; segments go up by one, frames never back.
  var frameFaults: [String] {
    var faults: [String] = []
    var late = gaps[...]
    for (a, b) in zip(frames, frames.dropFirst()) {
      var missed: Int64 = 0
      while let gap = late.first, gap.toSeq < b.seq {
        if gap.fromSeq > a.seq { missed += Int64(gap.toSeq - gap.fromSeq + 1) }
        late.removeFirst()
      }
      if a.frame > 0, b.tick != a.tick + 1 + missed {
        faults.append("tick \(b.tick) after \(a.tick), with \(missed) late, at seq \(b.seq)")
      }
      if b.segment != a.segment, b.segment != a.segment + 1 {
        faults.append("segment \(b.segment) after \(a.segment) at seq \(b.seq)")
      }
      if b.isFresh != (b.frame > a.frame) || b.frame < a.frame {
        faults.append("frame \(b.frame) after \(a.frame), fresh: \(b.isFresh), at seq \(b.seq)")
      }
    }
    return faults
  }

  /// No event ends that has not begun or has ended; those of the same scene state don't overlap.
  var eventFaults: [String] {
    var faults: [String] = []
    var open: Set<String> = []
    var ended: Set<String> = []
    for record in events {
      let id = record.event.id
      switch record.event.phase {
      case .begin:
        if !open.insert(id).inserted || ended.contains(id) { faults.append("\(id) begins twice") }
      case .end:
        if open.remove(id) == nil { faults.append("\(id) ends without a beginning") }
        ended.insert(id)
      case .update, .point: break
      }
    }
    let phases = lost.map(\.event.phase)
    for (a, b) in zip(phases, phases.dropFirst()) where a == b { faults.append("signal_lost \(a) twice") }
    return faults
  }
}
