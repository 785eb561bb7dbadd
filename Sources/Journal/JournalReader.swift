import Base
import Events
import GRDB
import Glibc

/// Reads a journal, also while a daemon writes it. Used by one thread at a time; every call waits for the disk.
package final class JournalReader {
  package let path: String
  private let queue: DatabaseQueue

  package init(path: String) throws(Fault) {
    self.path = path
    guard access(path, F_OK) == 0 else {
      throw Fault(
        .noInput, "there is no journal", at: path,
        advice: "name it by --journal; `saccade run --journal PATH` makes one")
    }
    guard access(path, R_OK) == 0 else {
      throw Fault(
        .noPermission, "the journal can't be read", at: path, cause: String(cString: strerror(errno)))
    }
    var options = Configuration()
    options.readonly = true
    options.busyMode = .timeout(5)
    do {
      queue = try DatabaseQueue(path: path, configuration: options)
      let isEmpty = try queue.read { database in try JournalSchema.prove(database, path: path) }
      if isEmpty {
        throw JournalTrouble.refused(Fault(.data, "there is nothing in this journal yet", at: path))
      }
    } catch {
      throw JournalTrouble(error, path: path, doing: "read").fault
    }
  }

  /// Goes through the records that the query asks for, one at a time, until `body` returns false.
  package func each(_ query: JournalQuery, _ body: (JournalRow) throws -> Bool) throws {
    let (sql, arguments) = query.statement
    try read { database in
      let rows = try Row.fetchCursor(database, sql: sql, arguments: arguments)
      while let row = try rows.next() {
        guard let record = JournalRow(row, stream: row["name"]) else { continue }
        guard try body(record) else { return }
      }
    }
  }

  package func streams() throws -> [JournalStreamEntry] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT name, epoch, is_open, used_seq, setting,
            (SELECT count(*) FROM records WHERE stream = streams.id) AS records,
            (SELECT count(*) FROM records WHERE stream = streams.id AND type = 'event') AS events,
            (SELECT count(*) FROM open_events WHERE stream = streams.id) AS open_events,
            (SELECT min(seq) FROM records WHERE stream = streams.id AND epoch = streams.epoch) AS oldest,
            (SELECT max(seq) FROM records WHERE stream = streams.id AND epoch = streams.epoch) AS newest
          FROM streams ORDER BY name
          """
      ).map { row in
        JournalStreamEntry(
          name: row["name"], epoch: row["epoch"], isOpen: row["is_open"], records: row["records"],
          events: row["events"], openEvents: row["open_events"],
          oldestSeq: (row["oldest"] as Int64?).map { UInt64($0) },
          newestSeq: (row["newest"] as Int64?).map { UInt64($0) }, nextSeq: UInt64(row["used_seq"] as Int64),
          setting: row["setting"])
      }
    }
  }

  /// The number of the newest record; 0 where there is none.
  package func newestNumber() throws -> Int64 {
    try read { database in try Int64.fetchOne(database, sql: "SELECT max(id) FROM records") ?? 0 }
  }

  /// In the order in which they came about.
  package func holes() throws -> [JournalHole] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT name, holes.epoch AS epoch, from_seq, to_seq, events, reason
          FROM holes JOIN streams ON streams.id = holes.stream ORDER BY holes.id
          """
      ).map { row in
        JournalHole(
          stream: row["name"], epoch: row["epoch"], fromSeq: UInt64(row["from_seq"] as Int64),
          toSeq: UInt64(row["to_seq"] as Int64), events: (row["events"] as Int64?).map { UInt64($0) },
          reason: Gap.Reason(rawValue: row["reason"]))
      }
    }
  }

  /// What SQLite finds wrong with the file; nothing in a sound one. Reads all of it.
  package func damage() throws -> [String] {
    try read { database in
      try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
    }
  }

  func read<R>(_ body: (Database) throws -> R) throws -> R {
    do {
      return try queue.read(body)
    } catch let error as DatabaseError {
      throw JournalTrouble(error, path: path, doing: "read").fault
    }
  }
}

extension JournalRow {
  /// Nil for a type that this version doesn't know.
  init?(_ row: Row, stream: String) {
    guard let type = RecordType(rawValue: row["type"]) else { return nil }
    self.init(
      number: row["id"], stream: stream, epoch: row["epoch"], seq: UInt64(row["seq"] as Int64), type: type,
      kind: row["kind"], time: Timestamp(milliseconds: row["time"]), mediaTime: row["media_time"],
      line: row["line"])
  }
}

extension JournalQuery {
  fileprivate var statement: (sql: String, arguments: StatementArguments) {
    var wanted: [String] = []
    var values: [(any DatabaseValueConvertible)?] = []
    func require(_ column: String, oneOf all: [String]?) {
      guard let all else { return }
      wanted.append("\(column) IN (\(all.map { _ in "?" }.joined(separator: ", ")))")
      values += all
    }
    func require(_ condition: String, _ value: Int64?) {
      guard let value else { return }
      wanted.append(condition)
      values.append(value)
    }
    require("name", oneOf: streams)
    if types.count < RecordType.allCases.count { require("type", oneOf: types.map(\.rawValue)) }
    require("kind", oneOf: kinds)
    require("records.epoch", oneOf: epoch.map { [$0] })
    require("records.id > ?", after)
    require("records.time >= ?", since?.milliseconds)
    require("records.time < ?", until?.milliseconds)
    require("seq >= ?", seqs.map { Int64(clamping: $0.lowerBound) })
    require("seq <= ?", seqs.map { Int64(clamping: $0.upperBound) })
    let order =
      switch order {
      case .oldestFirst: "records.time, records.id"
      case .newestFirst: "records.time DESC, records.id DESC"
      case .byNumber: "records.id"
      case .bySeq: "records.stream, records.epoch, seq"
      }
    var sql = """
      SELECT records.id AS id, name, records.epoch AS epoch, seq, type, kind, records.time AS time,
        records.media_time AS media_time, line
      FROM records CROSS JOIN streams ON streams.id = records.stream
      """
    if !wanted.isEmpty { sql += " WHERE " + wanted.joined(separator: " AND ") }
    sql += " ORDER BY \(order)"
    if let limit { sql += " LIMIT \(limit)" }
    return (sql, StatementArguments(values))
  }
}
