import Base
import Glibc
import Journal

/// Reads what is written to a journal, as it is written. A new file in its place, as after damage, is read from its
/// beginning.
struct JournalFollower {
  private let path: String
  private var last: Int64

  /// - Parameter after: The number of the last record that is known already.
  init(path: String, after: Int64) {
    self.path = path
    last = after
  }

  /// Calls `body` with the number to read after, which returns that of the last record it read, nil for none. Returns only by
  /// what it throws.
  consuming func run(_ body: (JournalReader, Int64) throws -> Int64?) throws {
    let watch = try FolderWatch(folder)
    while true {
      let reader = try open(watch)
      let file = identity
      repeat {
        do {
          last = try body(reader, last) ?? last
        } catch let fault as Fault where fault.code == .io || fault.code == .data {
          // It may have been moved aside just now.
          guard identity != file else { throw fault }
          break
        }
        watch.wait()
      } while identity == file
      last = 0
    }
  }

  /// Waits for a file that has something in it.
  private func open(_ watch: borrowing FolderWatch) throws -> JournalReader {
    while true {
      do throws(Fault) {
        return try JournalReader(path: path)
      } catch {
        guard error.code == .noInput || error.code == .data else { throw error }
      }
      watch.wait()
    }
  }

  private var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Device and inode; nil while there is none.
  private var identity: String? {
    var facts = stat()
    return stat(path, &facts) == 0 ? "\(facts.st_dev):\(facts.st_ino)" : nil
  }
}
