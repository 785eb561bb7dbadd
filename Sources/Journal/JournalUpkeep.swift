import Base
import GRDB
import Glibc

/// What is done to a journal while no daemon writes it.
package enum JournalUpkeep {
  /// Writes the file anew without its free room; returns its size in bytes before and after. Needs as much
  /// room again meanwhile.
  package static func vacuum(path: String) throws(Fault) -> (before: Int64, after: Int64) {
    // Proves that there is one, which opening for writing would make.
    _ = try JournalReader(path: path)
    do throws(JournalTrouble) {
      let file = try JournalFile(path: path)
      defer { file.close() }
      let before = try file.outsideTransaction { database in
        _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        return size(path)
      }
      try file.outsideTransaction { database in
        try database.execute(sql: "VACUUM")
        _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      }
      return (before, size(path))
    } catch {
      throw error.fault
    }
  }

  private static func size(_ path: String) -> Int64 {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int64(facts.st_size) : 0
  }
}
