import Base
import Glibc

/// A file with the name of a class in each line, the first one of class 0.
package enum LabelFile {
  /// - Throws: `noInput` where it is missing, `configuration` where a line is empty or no UTF-8.
  package static func read(_ path: String) throws(Fault) -> [String] {
    // Safety: only a file that may be missing comes back as nil.
    let bytes = try TextFile.read(path, ifThere: false)!
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(.configuration, "the labels file isn't UTF-8", at: path)
    }
    // Also at "\r\n", which is one character.
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { String($0) }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    for (index, line) in lines.enumerated() where line.allSatisfy(\.isWhitespace) {
      throw Fault(
        .configuration, "an empty line in the labels file", at: "\(path):\(index + 1)",
        cause: "each line names a class, the first one class 0",
        advice: "give it a name, or take the line away if the model has no such class")
    }
    return lines
  }
}

/// Small files read whole.
enum TextFile {
  /// A manifest with ten thousand labels stays far below.
  private static let longest = 1 << 20

  /// Nil when it may be missing and is.
  static func read(_ path: String, ifThere: Bool) throws(Fault) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      let code = errno
      if ifThere, code == ENOENT { return nil }
      throw fault(path, code)
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: longest + 1)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)  // Safety: it isn't empty.
      }
      if got == 0 { return Array(bytes.prefix(count)) }
      if got > 0 {
        count += got
      } else if errno != EINTR {
        throw fault(path, errno)
      }
    }
    throw Fault(.configuration, "the file is longer than \(longest) bytes", at: path)
  }

  private static func fault(_ path: String, _ code: Int32) -> Fault {
    Fault(
      code == EACCES ? .noPermission : .noInput, "can't read the file", at: path,
      cause: String(cString: strerror(code)))
  }
}
