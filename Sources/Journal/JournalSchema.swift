import Base
import GRDB

/// The tables of a journal, and what tells its file from others.
enum JournalSchema {
  /// `PRAGMA user_version`.
  static let version: Int64 = 1
  /// `PRAGMA application_id`: "Sacc" in ASCII.
  static let application: Int64 = 0x5361_6363

  // `used_…` is the first number that is free as of the last transaction, `reserved_…` the first that isn't
  // reserved. `setting` is the writer's own text. Times are milliseconds of UTC, `touched` the writer's own.
  private static let tables = """
    CREATE TABLE streams (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL, is_open INTEGER NOT NULL,
      used_seq INTEGER NOT NULL, used_event INTEGER NOT NULL, used_object INTEGER NOT NULL,
      reserved_seq INTEGER NOT NULL, reserved_event INTEGER NOT NULL, reserved_object INTEGER NOT NULL,
      media_time REAL NOT NULL, time INTEGER NOT NULL, segment INTEGER NOT NULL, frame INTEGER NOT NULL,
      touched INTEGER NOT NULL, setting TEXT
    );
    CREATE TABLE records (
      id INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES streams (id), epoch TEXT NOT NULL,
      seq INTEGER NOT NULL, type TEXT NOT NULL, media_time REAL NOT NULL, time INTEGER NOT NULL,
      event TEXT, kind TEXT, phase TEXT, line TEXT NOT NULL
    );
    CREATE UNIQUE INDEX records_by_seq ON records (stream, epoch, seq);
    CREATE INDEX records_by_time ON records (time);
    CREATE TABLE open_events (
      stream INTEGER NOT NULL REFERENCES streams (id), event TEXT NOT NULL, last_seen REAL NOT NULL,
      line TEXT NOT NULL, PRIMARY KEY (stream, event)
    ) WITHOUT ROWID;
    CREATE TABLE holes (
      id INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES streams (id), epoch TEXT NOT NULL,
      from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, events INTEGER, reason TEXT NOT NULL
    );
    """

  /// Makes the tables of a new file; refuses one that is no journal, or a newer version's.
  static func settle(_ database: Database, path: String) throws {
    guard try prove(database, path: path) else { return }
    try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
    try database.inTransaction {
      try database.execute(sql: tables)
      try database.execute(sql: "PRAGMA application_id = \(application)")
      try database.execute(sql: "PRAGMA user_version = \(version)")
      return .commit
    }
  }

  /// True for a file in which there is nothing yet.
  static func prove(_ database: Database, path: String) throws -> Bool {
    let known = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let found = try Int64.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let things = try Int64.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    if known == 0, found == 0, things == 0 { return true }
    guard known == application else {
      throw JournalTrouble.refused(
        Fault(
          .data, "this database is no journal of saccade", at: path, advice: "name another file by --journal")
      )
    }
    guard found <= version else {
      throw JournalTrouble.refused(
        Fault(
          .data,
          "this journal has format \(found), and this version of saccade knows formats up to \(version)",
          at: path, advice: "use the newer saccade that wrote it, or name another file by --journal"))
    }
    return false
  }
}
