import GRDB

package enum JournalVersions {
  /// Of the SQLite that is used.
  package static let sqlite: String? = try? DatabaseQueue().read { database in
    try String.fetchOne(database, sql: "SELECT sqlite_version()")
  }
}
