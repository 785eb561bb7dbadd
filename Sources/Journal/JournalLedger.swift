import Base
import Events
import GRDB

/// What the writer knows of one stream, and how it stands in the file. A copy is changed within a
/// transaction and kept when that is written.
struct JournalLedger {
  struct Open {
    var seq: UInt64
    var line: String
    var lastSeen: Double
  }

  let name: String
  /// Where the file knows the stream, the file's.
  private(set) var epoch: String
  /// Its row in `streams`; nil while the file doesn't know it.
  var row: Int64?
  var used: JournalReach
  var reserved: JournalReach
  var moment = JournalMoment(time: Timestamp(milliseconds: 0), mediaTime: 0, segment: 0, frame: 0)
  var open: [String: Open] = [:]
  private var setting: String?
  /// The oldest seq of this epoch in the file.
  private(set) var oldest: UInt64?
  /// Lost, and not told of in the file yet.
  var lost: JournalLoss?

  init(name: String, epoch: String) {
    self.name = name
    self.epoch = epoch
    used = JournalReach()
    reserved = JournalReach()
  }
}

// In the file.
extension JournalLedger {
  /// Finds the stream's row or makes it. What an earlier run left open is ended. With `isNew` the numbers go on
  /// where the file says; else they are those that are in use already, and win over it.
  ///
  /// - Returns: What to go on with.
  mutating func enter(
    _ database: Database, isNew: Bool, block: JournalReach, now: Timestamp
  ) throws -> JournalStart {
    var start = JournalStart(epoch: epoch)
    if let found = try StoredStream.find(name, database) {
      row = found.id
      if isNew { epoch = found.epoch }
      if found.epoch == epoch, !isNew {
        try insertHole(database)
      } else {
        start = try found.resume(database, now: now)
      }
    } else {
      row = try StoredStream.insert(name, epoch: epoch, database)
    }
    if isNew {
      used = start.next
      if let last = start.last { moment = last }
    } else {
      start.next = used
      try writeOpenEvents(database)
      try writeSetting(database)
    }
    reserved = used.advanced(by: block)
    try save(database, isOpen: true, now: now)
    try findOldest(database)
    return start
  }

  mutating func findOldest(_ database: Database) throws {
    oldest = try Int64.fetchOne(
      database, sql: "SELECT min(seq) FROM records WHERE stream = ? AND epoch = ?", arguments: [row, epoch]
    ).map { UInt64($0) }
  }

  mutating func take(
    _ batch: JournalBatch, block: JournalReach, now: Timestamp, _ writer: inout RecordWriter,
    _ database: Database
  ) throws {
    try insertHole(database)
    for record in batch.records { try insert(record, &writer, database) }
    oldest = oldest ?? batch.records.first?.seq
    for (event, time) in batch.seen where time > open[event]?.lastSeen ?? .infinity {
      open[event]?.lastSeen = time
      try database.cachedStatement(
        sql: "UPDATE open_events SET last_seen = ? WHERE stream = ? AND event = ?"
      ).execute(arguments: [time, row, event])
    }
    follow(batch.reach, block)
    if let moment = batch.moment { self.moment = moment }
    if let setting = batch.setting {
      self.setting = setting
      try writeSetting(database)
    }
    try save(database, isOpen: true, now: now)
  }

  /// Takes in what was numbered, and reserves ahead when half a block is left.
  private mutating func follow(_ reach: JournalReach, _ block: JournalReach) {
    used = used.joined(reach)
    if used.seq + block.seq / 2 > reserved.seq { reserved.seq = used.seq + block.seq }
    if used.event + block.event / 2 > reserved.event { reserved.event = used.event + block.event }
    if used.object + block.object / 2 > reserved.object { reserved.object = used.object + block.object }
  }

  func save(_ database: Database, isOpen: Bool, now: Timestamp) throws {
    try database.cachedStatement(
      sql: """
        UPDATE streams SET epoch = ?, is_open = ?, used_seq = ?, used_event = ?, used_object = ?,
          reserved_seq = ?, reserved_event = ?, reserved_object = ?, media_time = ?, time = ?, segment = ?,
          frame = ?, touched = ? WHERE id = ?
        """
    ).execute(
      arguments: [
        epoch, isOpen, Int64(used.seq), Int64(used.event), Int64(used.object), Int64(reserved.seq),
        Int64(reserved.event), Int64(reserved.object), moment.mediaTime, moment.time.milliseconds,
        Int64(moment.segment), Int64(moment.frame), now.milliseconds, row,
      ])
  }

  private mutating func insertHole(_ database: Database) throws {
    guard let lost, let row else { return }
    try StoredStream.insertHole(
      stream: row, epoch: epoch, lost.from...lost.to, events: lost.events, reason: .journalFailed, database)
    self.lost = nil
  }

  private mutating func insert(
    _ record: JournalRecord, _ writer: inout RecordWriter, _ database: Database
  ) throws {
    guard let row else { preconditionFailure("stream \(name) is written before it has entered") }
    let line = record.line(&writer)
    try StoredRecord.insert(record, line: line, stream: row, epoch: epoch, database)
    guard case .event(let record) = record else { return }
    let event = record.event
    switch event.phase {
    case .begin: open[event.id] = Open(seq: record.seq, line: line, lastSeen: event.lastSeen)
    case .update:
      // One that comes after the end opens nothing.
      guard let known = open[event.id] else { return }
      open[event.id] = Open(seq: record.seq, line: line, lastSeen: max(known.lastSeen, event.lastSeen))
    case .end:
      open[event.id] = nil
      try database.cachedStatement(sql: "DELETE FROM open_events WHERE stream = ? AND event = ?")
        .execute(arguments: [row, event.id])
      return
    case .point: return
    }
    try writeOpen(event.id, database)
  }

  private func writeOpenEvents(_ database: Database) throws {
    try database.execute(sql: "DELETE FROM open_events WHERE stream = ?", arguments: [row])
    for id in open.keys.sorted() { try writeOpen(id, database) }
  }

  private func writeSetting(_ database: Database) throws {
    guard let setting else { return }
    try database.execute(sql: "UPDATE streams SET setting = ? WHERE id = ?", arguments: [setting, row])
  }

  private func writeOpen(_ id: String, _ database: Database) throws {
    guard let event = open[id] else { return }
    try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO open_events (stream, event, last_seen, line) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [row, id, event.lastSeen, event.line])
  }
}

extension JournalRecord {
  /// As it is sent, without its line feed.
  func line(_ writer: inout RecordWriter) -> String {
    writer.removeAll()
    switch self {
    case .frame(let record): writer.write(record)
    case .event(let record): writer.write(record)
    }
    return writer.lines.withBytes { String(decoding: $0.dropLast(), as: UTF8.self) }
  }
}
