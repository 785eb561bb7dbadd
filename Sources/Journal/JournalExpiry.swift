import Base
import Events
import GRDB

/// Takes out what is too old, and the oldest where there is too much; gives the room back to the disk.
struct JournalExpiry {
  private let keptFor: Nanoseconds
  private let keptBytes: Int64
  private var next: MonotonicTime?

  // Often enough that a burst of an event a frame adds no more than some MB.
  private static let every: Nanoseconds = .seconds(10)
  // Some ms of work, so that events that wait meanwhile are not late.
  private static let rowsAtOnce = 500
  private static let mostRounds = 20
  private static let pagesAtOnce = 1000
  // A record of tomorrow, in ms, was written by a clock that was wrong: it doesn't keep what is older.
  private static let wrongAhead: Int64 = 86_400_000

  init(_ options: JournalOptions) {
    keptFor = options.keptFor
    keptBytes = options.keptBytes
  }

  /// Returns how many records have gone.
  mutating func run(
    _ file: JournalFile, monotonic: MonotonicTime, now: Timestamp
  ) throws(JournalTrouble) -> Int {
    if let next, monotonic < next { return 0 }
    next = monotonic + Self.every
    let oldest = now.milliseconds - keptFor / 1_000_000
    var gone = 0
    for _ in 0..<Self.mostRounds {
      let (old, over) = try file.transaction { [keptBytes] database in
        let old = try Self.deleteOld(from: oldest, now: now, database)
        guard old < Self.rowsAtOnce, let rows = try Self.rowsOver(keptBytes, database) else {
          return (old, 0)
        }
        return (old, try Self.delete(rows, database))
      }
      gone += old + over
      guard old == Self.rowsAtOnce || over > 0 else { break }
    }
    if gone > 0 {
      try file.transaction { database in
        // What lies before the oldest record is gone with it.
        try database.execute(
          sql: """
            DELETE FROM holes WHERE NOT EXISTS (SELECT 1 FROM records
              WHERE records.stream = holes.stream AND records.epoch = holes.epoch
                AND records.seq < holes.from_seq)
            """)
      }
      try file.outsideTransaction { database in
        // It frees a page each time that it is asked for a row.
        _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum(\(Self.pagesAtOnce))")
      }
    }
    return gone
  }

  /// How many rows are too many, at most those of one round; nil when there is room. By the share of the bytes that is
  /// too much: a full round could take all of a small journal.
  private static func rowsOver(_ kept: Int64, _ database: Database) throws -> Int? {
    let used = try bytes(database)
    guard used > kept else { return nil }
    let ids = try Row.fetchOne(database, sql: "SELECT min(id), max(id) FROM records")
    guard let ids, let first = ids[0] as Int64?, let last = ids[1] as Int64? else { return nil }
    let rows = Double(last - first + 1) * Double(used - kept) / Double(used)
    return min(rowsAtOnce, Int(rows.rounded(.up)))
  }

  /// In the order in which they were written, up to the first that is to be kept: of each stream the oldest go,
  /// also where its clock was wrong for a while, and what is left has no hole.
  private static func deleteOld(from oldest: Int64, now: Timestamp, _ database: Database) throws -> Int {
    let kept = try Int64.fetchOne(
      database,
      sql: """
        SELECT min(id) FROM (SELECT id, time FROM records ORDER BY id LIMIT \(rowsAtOnce))
        WHERE time BETWEEN ? AND ?
        """, arguments: [oldest, now.milliseconds + wrongAhead])
    guard let kept else { return try delete(rowsAtOnce, database) }
    try database.execute(sql: "DELETE FROM records WHERE id < ?", arguments: [kept])
    return database.changesCount
  }

  private static func delete(_ rows: Int, _ database: Database) throws -> Int {
    try database.execute(
      sql: "DELETE FROM records WHERE id IN (SELECT id FROM records ORDER BY id LIMIT \(rows))")
    return database.changesCount
  }

  /// What is in use of the file.
  private static func bytes(_ database: Database) throws -> Int64 {
    func number(_ pragma: String) throws -> Int64 {
      try Int64.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0
    }
    return try (number("page_count") - number("freelist_count")) * number("page_size")
  }
}
