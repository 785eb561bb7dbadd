import Base
import Glibc

/// Keeps other daemons off a journal while it lives: an advisory lock on a file beside it, which the kernel
/// lets go of however the process ends.
final class JournalLock {
  private let descriptor: Int32

  init(path: String) throws(JournalTrouble) {
    let beside = path + ".lock"
    descriptor = open(beside, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      throw .failing(
        Fault(.io, "the journal can't be opened", at: beside, cause: String(cString: strerror(errno))))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let error = errno
      close(descriptor)
      guard error == EWOULDBLOCK else {
        throw .failing(
          Fault(.io, "the journal can't be locked", at: beside, cause: String(cString: strerror(error))))
      }
      throw .refused(
        Fault(
          .unavailable, "another process writes this journal", at: path,
          advice: "stop it, or name another file by --journal"))
    }
  }

  deinit { close(descriptor) }
}
