import Base
import GRDB
import Glibc

/// A journal's database, open for writing. Used by one thread at a time.
final class JournalFile {
  let path: String
  private let lock: JournalLock
  private let queue: DatabaseQueue

  /// Opens the file, or makes it, with the folder that it lies in.
  init(path: String) throws(JournalTrouble) {
    self.path = path
    Self.makeFolder(of: path)
    lock = try JournalLock(path: path)
    // Records tell where people were and when: not for everyone. SQLite gives its other files the same mode.
    let made = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard made >= 0 else {
      throw .failing(
        Fault(.io, "the journal can't be opened", at: path, cause: String(cString: strerror(errno))))
    }
    Glibc.close(made)
    var options = Configuration()
    // Readers don't hold a writer up in WAL, but `journal vacuum` may.
    options.busyMode = .timeout(5)
    options.prepareDatabase { database in
      // Before WAL, which writes the first page.
      try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
      try database.execute(sql: "PRAGMA journal_mode = WAL")
      // A commit survives the process; a power cut may take the last ones, and never breaks the file.
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
      try database.execute(sql: "PRAGMA journal_size_limit = 16777216")
    }
    do {
      queue = try DatabaseQueue(path: path, configuration: options)
      try queue.writeWithoutTransaction { database in try JournalSchema.settle(database, path: path) }
    } catch {
      throw JournalTrouble(error, path: path, doing: "opened")
    }
  }

  /// All of it or nothing.
  func transaction<R>(_ body: (Database) throws -> R) throws(JournalTrouble) -> R {
    do {
      return try queue.write(body)
    } catch {
      throw JournalTrouble(error, path: path, doing: "written")
    }
  }

  func outsideTransaction<R>(_ body: (Database) throws -> R) throws(JournalTrouble) -> R {
    do {
      return try queue.writeWithoutTransaction(body)
    } catch {
      throw JournalTrouble(error, path: path, doing: "written")
    }
  }

  func close() { try? queue.close() }

  /// Moves a damaged file aside with all that belongs to it; returns where to.
  static func setAside(_ path: String, at now: WallTime) throws(JournalTrouble) -> String {
    let base = "\(path).damaged-\(now.nanoseconds / 1_000_000_000)"
    // Several may fall within a second.
    var target = base
    var number = 1
    while access(target, F_OK) == 0 {
      number += 1
      target = "\(base)-\(number)"
    }
    for ending in ["-wal", "-shm", ""] where access(path + ending, F_OK) == 0 {
      guard rename(path + ending, target + ending) == 0 else {
        throw .failing(
          Fault(
            .io, "the damaged journal can't be moved aside", at: path + ending,
            cause: String(cString: strerror(errno))))
      }
    }
    return target
  }

  private static func makeFolder(of path: String) {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    // Where this fails, opening the file does too, and says why.
    _ = mkdir(String(path[..<slash]), 0o750)
  }
}
