import Glibc

/// Small text files, read whole.
package enum TextFile {
  /// - Parameter code: Of the fault when the file is longer than `limit` bytes, or not UTF-8.
  /// - Throws: Also when the file is missing or no regular file.
  package static func read(_ path: String, limit: Int, code: Fault.Code = .data) throws(Fault) -> String {
    guard let text = try readIfThere(path, limit: limit, code: code) else { throw failure(ENOENT, path) }
    return text
  }

  /// As `read`; nil when the file is missing.
  package static func readIfThere(_ path: String, limit: Int, code: Fault.Code = .data) throws(Fault)
    -> String?
  {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw failure(errno, path)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure(errno, path) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw failure(EISDIR, path)
    case S_IFREG: break
    default: throw Fault(.noInput, "can't read the file", at: path, cause: "it is no regular file")
    }
    // Not by st_size: it is 0 for files of /proc and some network mounts.
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(errno, path)
      }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw Fault(code, "the file is too long", at: path, cause: "more than \(limit) bytes")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(code, "the file is no text", at: path, cause: "it is not UTF-8")
    }
    return text
  }

  package static func failure(_ number: Int32, _ path: String) -> Fault {
    let code: Fault.Code = number == EACCES || number == EPERM ? .noPermission : .noInput
    return Fault(code, "can't read the file", at: path, cause: String(cString: strerror(number)))
  }
}
