import Base
import Glibc

/// An ordinary file, open for reading at any place.
struct SliceFile: ~Copyable {
  private let descriptor: Int32
  let path: String
  /// In bytes, when it was opened.
  let size: Int

  init(_ path: String) throws(Fault) {
    // A named pipe without a writer would block.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    self.path = path
    var facts = stat()
    guard descriptor >= 0, fstat(descriptor, &facts) == 0 else {
      size = 0
      throw Self.fault(errno, at: path)
    }
    size = Int(facts.st_size)
    if facts.st_mode & S_IFMT != S_IFREG {
      throw Fault(.noInput, "this is not a file", at: path, advice: "name a file or a folder of slices")
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Fills `buffer` from `offset` on. Returns how many bytes came, fewer than asked for only at the file's end.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Fault) -> Int {
    var count = 0
    while count < buffer.count {
      let got = pread(
        descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count, off_t(offset + count))
      if got < 0 {
        if errno == EINTR { continue }
        throw Self.fault(errno, at: path)
      }
      if got == 0 { break }
      count += got
    }
    return count
  }

  /// The first bytes, at most `count`.
  func head(_ count: Int) throws(Fault) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: min(count, size))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { buffer.deallocate() }
    let got = try read(into: buffer, at: 0)
    bytes.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(buffer)) }
    bytes.removeLast(bytes.count - got)
    return bytes
  }

  static func fault(_ code: Int32, at path: String) -> Fault {
    let cause = String(cString: strerror(code))
    switch code {
    case ENOENT, ENOTDIR:
      return Fault(
        .noInput, "there is no such file or folder", at: path, cause: cause,
        advice: "check the path; it is relative to the working directory")
    case EACCES, EPERM:
      return Fault(
        .noPermission, "this can't be read", at: path, cause: cause, advice: "check its owner and mode")
    default: return Fault(.io, "this can't be read", at: path, cause: cause)
    }
  }
}
