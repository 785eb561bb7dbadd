import Events

/// One stream's way into a journal. Used by one thread at a time; no call waits for the disk.
package final class JournalStream: @unchecked Sendable {
  // Safety: one thread at a time is the caller's part of the contract; `inlet` is Sendable.
  private struct OpenEvent {
    var objects: Set<UInt64>
    var lastSeen: Double
  }

  private let index: Int
  private let frames: JournalOptions.Frames
  private let inlet: JournalInlet
  private var reach: JournalReach
  private var moment: JournalMoment?
  private var open: [String: OpenEvent] = [:]
  private var lastSecond: Double?
  private var lastGiven: UInt64
  /// Not given to the writer yet.
  private var setting: String?

  // Numbers are reserved when the writer hears of them: well within half a block.
  private static let mostSilentSeqs: UInt64 = 1024

  init(_ index: Int, _ start: JournalStart, _ frames: JournalOptions.Frames, _ inlet: JournalInlet) {
    self.index = index
    self.frames = frames
    self.inlet = inlet
    reach = start.next
    lastGiven = start.next.seq
  }

  /// Takes the records of one tick. Every event is kept with the frame record of its tick, and of the other frame
  /// records what the options say.
  ///
  /// - Parameter done: Called once, on the writer's thread, in the order of the calls: true when what was kept
  ///   is on disk, false when it can't be now.
  /// - Returns: False where nothing of it is kept: `done` isn't called then.
  @discardableResult
  package func write(
    _ frame: FrameRecord?, _ events: [EventRecord], done: (@Sendable (Bool) -> Void)? = nil
  ) -> Bool {
    var records: [JournalRecord] = []
    if let frame {
      note(frame)
      // What an event's objects were like is told by the frame record of its tick.
      if isDue(frame) || !events.isEmpty { records.append(.frame(frame)) }
    }
    for event in events {
      note(event)
      records.append(.event(event))
    }
    guard !records.isEmpty else { return false }
    give(records, done)
    return true
  }

  /// How its records are kept; `lost` counts this stream's alone.
  package var status: (trouble: String?, lost: UInt64) { inlet.status(of: index) }

  /// What the stream is like from the next record on, in the caller's own words, for whoever reads the journal.
  package func describe(_ setting: String) { self.setting = setting }

  /// Seqs below `next` are used up by ticks that were never told.
  package func late(to next: UInt64) {
    reach.seq = max(reach.seq, next)
    if reach.seq - lastGiven > Self.mostSilentSeqs { give([], nil) }
  }

  /// The stream ends in order: what is free from here on is what comes next.
  package func leave() {
    give([], nil)
    inlet.put(.leave(stream: index))
  }

  private func give(_ records: [JournalRecord], _ done: (@Sendable (Bool) -> Void)?) {
    lastGiven = reach.seq
    defer { setting = nil }
    inlet.put(
      .batch(
        JournalBatch(
          stream: index, records: records, reach: reach, moment: moment, setting: setting,
          seen: open.map { (event: $0.key, at: $0.value.lastSeen) }, done: done)))
  }

  private func isDue(_ frame: FrameRecord) -> Bool {
    guard case .eachSecond = frames else { return true }
    let second = frame.mediaTime.rounded(.down)
    guard second != lastSecond || frame.seq >= lastGiven + Self.mostSilentSeqs else { return false }
    lastSecond = second
    return true
  }

  private func note(_ frame: FrameRecord) {
    reach.seq = max(reach.seq, frame.seq + 1)
    moment = JournalMoment(
      time: frame.time, mediaTime: frame.mediaTime, segment: frame.segment, frame: frame.frame)
    for object in frame.objects { reach.object = max(reach.object, object.id + 1) }
    guard !open.isEmpty else { return }
    let observed = Set(frame.objects.lazy.filter { $0.seen == .observed }.map(\.id))
    for (id, event) in open
    // What has no object is seen as long as anything is.
    where event.objects.isEmpty ? frame.freshness == .fresh : !event.objects.isDisjoint(with: observed) {
      open[id]?.lastSeen = max(event.lastSeen, frame.mediaTime)
    }
  }

  private func note(_ record: EventRecord) {
    let event = record.event
    reach.seq = max(reach.seq, record.seq + 1)
    if let number = Self.number(of: event.id) { reach.event = max(reach.event, number + 1) }
    for object in event.objects { reach.object = max(reach.object, object + 1) }
    moment = JournalMoment(
      time: record.time, mediaTime: record.mediaTime, segment: record.segment, frame: record.frame)
    switch event.phase {
    case .begin: open[event.id] = OpenEvent(objects: Set(event.objects), lastSeen: event.lastSeen)
    case .update:
      if let known = open[event.id] {
        open[event.id] = OpenEvent(
          objects: Set(event.objects), lastSeen: max(known.lastSeen, event.lastSeen))
      }
    case .end: open[event.id] = nil
    case .point: break
    }
  }

  /// Of `lobby-k3f9-000012`: 12.
  private static func number(of id: String) -> UInt64? {
    UInt64(id[id.index(after: id.lastIndex(of: "-") ?? id.startIndex)...])
  }
}
