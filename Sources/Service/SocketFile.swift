import Base
import CLinux
import Glibc

/// The socket's file: made with the right mode, never over one that is in use, removed at the end. One that was
/// passed to us is somebody else's: it is neither made nor removed.
struct SocketFile: ~Copyable {
  let path: String
  /// Bound and listening, so that nobody takes it for stale; whoever takes it closes it.
  let descriptor: Int32
  // Which file was made: at the end only that one is removed, not one that somebody put in its place.
  private let made: (device: dev_t, inode: ino_t)?

  init(_ passed: PassedSocket) {
    path = passed.path
    descriptor = passed.descriptor
    made = nil
  }

  /// Binds a socket at `path`. Blocks for a moment at most.
  ///
  /// - Parameters:
  ///   - mode: Of the file.
  ///   - option: That names another place, for messages.
  ///   - isOwnFolder: the folder is ours alone (DESIGN's by-hand place): made where it is missing, and
  ///     refused where it is someone else's or open to others.
  init(
    path: String, isOwnFolder: Bool, mode: mode_t = 0o660, option: String = "--socket"
  ) throws(Fault) {
    self.path = path
    guard path.utf8.count <= 107 else {
      throw Fault(
        .configuration, "the socket's path is longer than the 107 bytes that the system allows", at: path,
        advice: "choose a shorter one with \(option)")
    }
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw Fault(.configuration, "the socket's path is empty", advice: "give one with \(option)")
    }
    let folder = Self.folder(of: path)
    if isOwnFolder { try Self.prepareOwn(folder) }
    // Two servers that start at once must not both take the file for stale.
    let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0 else {
      throw Self.fault("the socket's folder can't be opened", folder, errno)
    }
    defer { close(lock) }
    try Self.lock(lock, folder)
    try Self.clear(path, option)
    descriptor = try Self.bind(path, mode)
    var info = stat()
    lstat(path, &info)
    made = (info.st_dev, info.st_ino)
  }

  /// Removes the file, if it still is the one that was made.
  func remove() {
    var info = stat()
    guard let made, lstat(path, &info) == 0, info.st_dev == made.device, info.st_ino == made.inode else {
      return
    }
    unlink(path)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
  }

  private static func prepareOwn(_ folder: String) throws(Fault) {
    if mkdir(folder, 0o700) != 0 && errno != EEXIST {
      throw fault("the socket's folder can't be made", folder, errno)
    }
    var info = stat()
    guard lstat(folder, &info) == 0 else {
      throw fault("the socket's folder can't be looked at", folder, errno)
    }
    let advice = "remove it, or choose another place with --socket or SACCADE_SOCKET"
    guard info.st_mode & S_IFMT == S_IFDIR else {
      throw Fault(.cannotCreate, "the socket's folder is not a folder", at: folder, advice: advice)
    }
    guard info.st_uid == geteuid() else {
      throw Fault(
        .noPermission, "the socket's folder belongs to user \(info.st_uid), not to us", at: folder,
        advice: advice)
    }
    guard info.st_mode & 0o077 == 0 else {
      throw Fault(
        .noPermission, "the socket's folder is open to others", at: folder, advice: "chmod 0700 \(folder)")
    }
  }

  private static func lock(_ descriptor: Int32, _ folder: String) throws(Fault) {
    // Another start holds it for milliseconds. Anyone who may read the folder can hold it for longer, so
    // after a second we go on without.
    for _ in 0..<100 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK || errno == EINTR else { return }
      poll(nil, 0, 10)
    }
  }

  /// Makes way for a new socket: removes a stale one.
  private static func clear(_ path: String, _ option: String) throws(Fault) {
    var info = stat()
    guard lstat(path, &info) == 0 else {
      if errno == ENOENT { return }
      throw fault("the socket's place can't be looked at", path, errno)
    }
    guard info.st_mode & S_IFMT == S_IFSOCK else {
      throw Fault(
        .cannotCreate, "a file that is not a socket lies where the socket should be", at: path,
        advice: "remove it, or choose another place with \(option)")
    }
    if let holder = try holder(of: path) {
      throw Fault(
        .unavailable, "the socket is in use by \(holder)", at: path,
        advice: "stop that process, or choose another place with \(option)")
    }
    guard unlink(path) == 0 || errno == ENOENT else {
      throw fault("a stale socket can't be removed", path, errno)
    }
  }

  /// The process that listens at `path`; nil when none does.
  private static func holder(of path: String) throws(Fault) -> String? {
    let probe = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { throw fault("no socket can be made", path, errno) }
    defer { close(probe) }
    let result = withAddress(path) { connect(probe, $0, $1) }
    if result != 0 {
      switch errno {
      case ECONNREFUSED, ENOENT: return nil
      // Its queue of connections is full: it is alive, though it can't be asked.
      case EAGAIN: return "a process that takes no connections now"
      case EACCES, EPERM:
        throw fault("a socket that belongs to someone else lies where the socket should be", path, errno)
      default: throw fault("the socket that is there can't be probed", path, errno)
      }
    }
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0
    guard saccade_peer_credentials(probe, &pid, &uid, &gid) == 0, pid > 0 else {
      return "a process of another container"
    }
    return "process \(pid)" + (command(of: pid).map { " (\($0))" } ?? "")
  }

  /// The command line of a process, cut to what fits a message.
  private static func command(of pid: pid_t) -> String? {
    let file = open("/proc/\(pid)/cmdline", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let words = bytes[..<count].split(separator: 0)
    return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }

  private static func bind(_ path: String, _ mode: mode_t) throws(Fault) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw fault("no socket can be made", path, errno) }
    // The file gets its mode from the descriptor (unix(7), net/unix/af_unix.c), less the umask: at no moment is
    // it open to others. The umask may take too much, which chmod gives back.
    guard fchmod(descriptor, mode) == 0,
      withAddress(path, { Glibc.bind(descriptor, $0, $1) }) == 0,
      chmod(path, mode) == 0,
      // A storm of connections waits here, longer than the 128 that are usual.
      listen(descriptor, 1024) == 0
    else {
      let error = errno
      close(descriptor)
      throw fault("the socket can't be made", path, error)
    }
    return descriptor
  }

  private static func withAddress<R>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
  ) -> R {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafeBytes(of: &address) { bytes in
      // Safety: the buffer is that of a variable, so it has an address.
      body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  private static func fault(_ what: String, _ place: String, _ error: Int32) -> Fault {
    Fault(
      error == EACCES || error == EPERM ? .noPermission : .cannotCreate, what, at: place,
      cause: String(cString: strerror(error)))
  }
}
