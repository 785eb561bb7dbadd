import Base
import Glibc

/// Waits until something in a folder is written, by inotify(7).
struct FolderWatch: ~Copyable {
  private let descriptor: Int32

  init(_ folder: String) throws(Fault) {
    descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    let mask = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
    guard descriptor >= 0, inotify_add_watch(descriptor, folder, mask) >= 0 else {
      let cause = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw Fault(.system, "the folder can't be watched", at: folder, cause: cause)
    }
  }

  deinit { close(descriptor) }

  /// Returns when something was written since the last call, and at the latest after a second: some file systems
  /// tell nothing.
  func wait() {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 1000) > 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
      while read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
    }
  }
}
