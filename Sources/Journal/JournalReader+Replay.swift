import Events
import GRDB

/// A part of a stream as the journal holds it.
package struct JournalPage: Sendable {
  package var rows: [JournalRow] = []
  /// Those that begin in it, and where asked for those that reach into it.
  package var holes: [JournalHole] = []
  /// What was before this seq has expired, or was never in this file; the first seq asked for where all is held.
  package var knownFrom: UInt64
  /// It tells of all events up to here; below the first seq asked for where the file isn't that far.
  package var end: UInt64
}

/// What a subscription that begins in the past needs to know.
package struct JournalPlace: Sendable {
  package var from: UInt64
  /// Frame records from there to the end that was asked for, kept or not, as far as is known.
  package var frames: UInt64
  /// Of each event that was open just before `from`: its records, each behind the frame record of its tick where that is
  /// kept, in the order of their seqs.
  package var open: [JournalRow]
}

/// Replay. Each answer is of one moment of the file.
extension JournalReader {
  /// The records of `seqs` of one stream and epoch, at most so many rows. Nil for a stream that it doesn't know.
  package func page(
    _ stream: String, epoch: String, seqs: ClosedRange<UInt64>, most: Int, withEarlierHoles: Bool
  ) throws -> JournalPage? {
    try read { database in
      guard let known = try Part(stream, epoch, database) else { return nil }
      let end = min(seqs.upperBound, known.used - 1)
      guard end >= seqs.lowerBound else { return JournalPage(knownFrom: seqs.lowerBound, end: end) }
      var page = JournalPage(knownFrom: seqs.lowerBound, end: end)
      guard let oldest = try known.oldest(database) else { return JournalPage(knownFrom: end + 1, end: end) }
      page.knownFrom = max(page.knownFrom, oldest)
      page.rows = try known.rows(seqs.lowerBound...end, most, database)
      if page.rows.count == most, let last = page.rows.last { page.end = last.seq }
      page.holes = try known.holes(seqs.lowerBound...page.end, withEarlierHoles, database)
      // Nothing lies in a hole of which nothing is known, so it may reach beyond the page.
      for hole in page.holes where hole.events == nil { page.end = max(page.end, min(end, hole.toSeq)) }
      return page
    }
  }

  /// Where `start` lies, and what was open there. Nil for a stream of which it has nothing.
  package func place(
    _ stream: String, epoch: String, seq: UInt64, before end: UInt64
  ) throws -> JournalPlace? {
    try read { database in
      guard let known = try Part(stream, epoch, database) else { return nil }
      return try known.place(seq, before: end, database)
    }
  }

  /// As above, for the first record of this time or later.
  package func place(
    _ stream: String, epoch: String, time: Timestamp, before end: UInt64
  ) throws -> JournalPlace? {
    try read { database in
      guard let known = try Part(stream, epoch, database), let oldest = try known.oldest(database) else {
        return nil
      }
      let before = try known.newest(before: time, database)
      return try known.place(max(oldest, before.map { $0 + 1 } ?? 0), before: end, database)
    }
  }
}

/// One stream's records of one epoch.
private struct Part {
  let name: String
  let id: Int64
  let epoch: String
  /// The first seq that is free, as far as the file knows.
  let used: UInt64

  init?(_ name: String, _ epoch: String, _ database: Database) throws {
    let row = try Row.fetchOne(
      database, sql: "SELECT id, epoch, used_seq FROM streams WHERE name = ?", arguments: [name])
    guard let row, row["epoch"] == epoch else { return nil }
    self.name = name
    self.epoch = epoch
    id = row["id"]
    used = UInt64(max(1, row["used_seq"] as Int64))
  }

  private static let columns = "id, seq, epoch, type, kind, time, media_time, line"

  private func fetch(
    _ condition: String, _ values: [(any DatabaseValueConvertible)?], _ database: Database
  ) throws -> [JournalRow] {
    try Row.fetchAll(
      database, sql: "SELECT \(Self.columns) FROM records WHERE stream = ? AND epoch = ? AND \(condition)",
      arguments: StatementArguments([id, epoch] + values)
    ).compactMap { JournalRow($0, stream: name) }
  }

  func oldest(_ database: Database) throws -> UInt64? {
    try Int64.fetchOne(
      database, sql: "SELECT min(seq) FROM records WHERE stream = ? AND epoch = ?", arguments: [id, epoch]
    ).map { UInt64($0) }
  }

  func newest(before time: Timestamp, _ database: Database) throws -> UInt64? {
    try Int64.fetchOne(
      database,
      sql: """
        SELECT seq FROM records WHERE stream = ? AND epoch = ? AND time < ? ORDER BY time DESC, id DESC LIMIT 1
        """, arguments: [id, epoch, time.milliseconds]
    ).map { UInt64($0) }
  }

  func rows(_ seqs: ClosedRange<UInt64>, _ most: Int, _ database: Database) throws -> [JournalRow] {
    try fetch(
      "seq >= ? AND seq <= ? ORDER BY seq LIMIT \(most)",
      [Int64(clamping: seqs.lowerBound), Int64(clamping: seqs.upperBound)], database)
  }

  func holes(
    _ seqs: ClosedRange<UInt64>, _ withEarlier: Bool, _ database: Database
  ) throws -> [JournalHole] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT from_seq, to_seq, events, reason FROM holes
        WHERE stream = ? AND epoch = ? AND from_seq <= ? AND \(withEarlier ? "to_seq" : "from_seq") >= ?
        ORDER BY from_seq
        """,
      arguments: [id, epoch, Int64(clamping: seqs.upperBound), Int64(clamping: seqs.lowerBound)]
    ).map { row in
      JournalHole(
        stream: name, epoch: epoch, fromSeq: UInt64(row["from_seq"] as Int64),
        toSeq: UInt64(row["to_seq"] as Int64), events: (row["events"] as Int64?).map { UInt64($0) },
        reason: Gap.Reason(rawValue: row["reason"]))
    }
  }

  func place(_ from: UInt64, before end: UInt64, _ database: Database) throws -> JournalPlace {
    JournalPlace(
      from: from, frames: try frames(from, before: end, database), open: try open(before: from, database))
  }

  private func frames(_ from: UInt64, before end: UInt64, _ database: Database) throws -> UInt64 {
    guard from < end else { return 0 }
    let events = try Int64.fetchOne(
      database,
      sql: """
        SELECT count(*) FROM records
        WHERE stream = ? AND epoch = ? AND seq >= ? AND seq < ? AND type = 'event'
        """, arguments: [id, epoch, Int64(clamping: from), Int64(clamping: end)])
    var others = UInt64(events ?? 0)
    for hole in try holes(from...end - 1, true, database) {
      let (first, last) = (max(hole.fromSeq, from), min(hole.toSeq, end - 1))
      others += hole.events.map { min($0, last - first + 1) } ?? (last - first + 1)
    }
    return end - from - min(others, end - from)
  }

  /// What was open then has ended since, or is still open: it costs what a replay from there does, not what lies before it.
  private func open(before seq: UInt64, _ database: Database) throws -> [JournalRow] {
    var began: Set<String> = []
    var open: [String] = []
    let later = try Row.fetchCursor(
      database,
      sql: """
        SELECT event, phase FROM records
        WHERE stream = ? AND epoch = ? AND seq >= ? AND type = 'event' AND phase IN ('begin', 'end')
        ORDER BY seq
        """, arguments: [id, epoch, Int64(clamping: seq)])
    while let row = try later.next() {
      let event: String = row["event"]
      if row["phase"] == Event.Phase.begin.rawValue {
        began.insert(event)
      } else if !began.contains(event) {
        open.append(event)
      }
    }
    let still = try String.fetchAll(
      database, sql: "SELECT event FROM open_events WHERE stream = ?", arguments: [id])
    open += still.filter { !began.contains($0) }
    var found: [UInt64: JournalRow] = [:]
    for event in Set(open) {
      for row in try history(of: event, before: seq, database) { found[row.seq] = row }
    }
    return found.values.sorted { $0.seq < $1.seq }
  }

  /// The event's records before `seq`, back to its begin, each with the frame record of its tick.
  private func history(of event: String, before seq: UInt64, _ database: Database) throws -> [JournalRow] {
    var rows: [JournalRow] = []
    let earlier = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(Self.columns), event, phase FROM records
        WHERE stream = ? AND epoch = ? AND seq < ? AND type = 'event' ORDER BY seq DESC
        """, arguments: [id, epoch, Int64(clamping: seq)])
    while let row = try earlier.next() {
      guard row["event"] == event else { continue }
      guard let record = JournalRow(row, stream: name) else { continue }
      rows.append(record)
      rows += try fetch(
        "seq < ? AND type = 'frame' ORDER BY seq DESC LIMIT 1", [Int64(clamping: record.seq)], database
      ).filter { $0.mediaTime == record.mediaTime }
      if row["phase"] == Event.Phase.begin.rawValue { break }
    }
    return rows
  }
}
