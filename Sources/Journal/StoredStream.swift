import Events
import GRDB

/// A stream as an earlier run left it in the file.
struct StoredStream {
  let id: Int64
  let epoch: String
  let isOpen: Bool
  let used: JournalReach
  let reserved: JournalReach
  let last: JournalMoment
  let touched: Timestamp

  // More than any stream makes of records, events or objects, on average.
  private static let mostPerSecond: UInt64 = 100

  static func find(_ name: String, _ database: Database) throws -> StoredStream? {
    try Row.fetchOne(database, sql: "SELECT * FROM streams WHERE name = ?", arguments: [name])
      .map(StoredStream.init)
  }

  private init(_ row: Row) {
    func reach(_ prefix: String) -> JournalReach {
      func number(_ what: String) -> UInt64 { UInt64(max(1, row["\(prefix)_\(what)"] as Int64)) }
      return JournalReach(seq: number("seq"), event: number("event"), object: number("object"))
    }
    id = row["id"]
    epoch = row["epoch"]
    isOpen = row["is_open"]
    used = reach("used")
    reserved = reach("reserved")
    last = JournalMoment(
      time: Timestamp(milliseconds: row["time"]), mediaTime: row["media_time"],
      segment: Int(row["segment"] as Int64), frame: UInt64(max(0, row["frame"] as Int64)))
    touched = Timestamp(milliseconds: row["touched"])
  }

  static func insert(_ name: String, epoch: String, _ database: Database) throws -> Int64 {
    try database.execute(
      sql: """
        INSERT INTO streams (name, epoch, is_open, used_seq, used_event, used_object, reserved_seq,
          reserved_event, reserved_object, media_time, time, segment, frame, touched)
        VALUES (?, ?, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)
        """, arguments: [name, epoch])
    return database.lastInsertedRowID
  }

  /// Notes the gap of an unclean stop and ends what it left open.
  func resume(_ database: Database, now: Timestamp) throws -> JournalStart {
    var start = JournalStart(epoch: epoch)
    // Before the first frame no clock ran.
    start.last = last.frame > 0 ? last : nil
    start.next = used
    if isOpen {
      start.next = firstSurelyFree(at: now)
      let gap = used.seq...start.next.seq - 1
      start.gap = gap
      try Self.insertHole(
        stream: id, epoch: epoch, gap, events: nil, reason: .restart, database)
    }
    try endOpenEvents(&start, database)
    return start
  }

  /// Beyond what is reserved; and as a journal that failed can't have reserved more, beyond what the stream
  /// can have used since it was last written.
  private func firstSurelyFree(at now: Timestamp) -> JournalReach {
    let seconds = UInt64(max(0, now.milliseconds - touched.milliseconds) / 1000)
    let possible = seconds * Self.mostPerSecond
    return reserved.joined(
      used.advanced(by: JournalReach(seq: possible, event: possible, object: possible)))
  }

  private func endOpenEvents(_ start: inout JournalStart, _ database: Database) throws {
    let rows = try Row.fetchAll(
      database, sql: "SELECT last_seen, line FROM open_events WHERE stream = ?", arguments: [id])
    var ends: [EventRecord] = []
    for row in rows {
      let line: String = row["line"]
      guard case .event(var record)? = try? RecordReader.read(line.utf8) else { continue }
      record.event.phase = .end
      record.event.reason = .aborted
      record.event.changed = []
      record.event.lastSeen = max(record.event.lastSeen, row["last_seen"])
      record.time = last.time
      record.mediaTime = max(last.mediaTime, record.event.lastSeen)
      record.segment = last.segment
      record.frame = last.frame
      ends.append(record)
    }
    ends.sort { $0.seq < $1.seq }
    var writer = RecordWriter()
    for index in ends.indices {
      ends[index].seq = start.next.seq
      start.next.seq += 1
      let record = JournalRecord.event(ends[index])
      try StoredRecord.insert(record, line: record.line(&writer), stream: id, epoch: epoch, database)
    }
    try database.execute(sql: "DELETE FROM open_events WHERE stream = ?", arguments: [id])
    start.aborted = ends
  }

  static func insertHole(
    stream: Int64, epoch: String, _ seqs: ClosedRange<UInt64>, events: UInt64?, reason: Gap.Reason,
    _ database: Database
  ) throws {
    try database.cachedStatement(
      sql: "INSERT INTO holes (stream, epoch, from_seq, to_seq, events, reason) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(
      arguments: [
        stream, epoch, Int64(seqs.lowerBound), Int64(seqs.upperBound), events.map { Int64($0) },
        reason.rawValue,
      ])
  }
}

enum StoredRecord {
  static func insert(
    _ record: JournalRecord, line: String, stream: Int64, epoch: String, _ database: Database
  ) throws {
    // What a failed commit did write is written again over it.
    let statement = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO records
          (stream, epoch, seq, type, media_time, time, event, kind, phase, line)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    switch record {
    case .frame(let frame):
      try statement.execute(arguments: [
        stream, epoch, Int64(frame.seq), RecordType.frame.rawValue, frame.mediaTime, frame.time.milliseconds,
        nil, nil, nil, line,
      ])
    case .event(let record):
      try statement.execute(arguments: [
        stream, epoch, Int64(record.seq), RecordType.event.rawValue, record.mediaTime,
        record.time.milliseconds, record.event.id, record.event.kind, record.event.phase.rawValue, line,
      ])
    }
  }
}
