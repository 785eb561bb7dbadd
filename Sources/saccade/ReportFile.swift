import Base
import Glibc
import Sweeps

/// A report on its way into a file, in the form that the file's name says.
struct ReportFile {
  let path: String
  let form: SweepReport.Form

  init?(_ path: String) {
    guard
      let form = SweepReport.Form.allCases.first(where: { path.lowercased().hasSuffix(".\($0.rawValue)") })
    else { return nil }
    self.path = path
    self.form = form
  }

  /// A sweep may take long: that its report can't be written is said before.
  func checked() throws(Fault) -> ReportFile {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(folder, W_OK) == 0 else { throw failure(.cannotCreate, errno) }
    return self
  }

  /// It appears whole or not at all.
  func write(_ report: SweepReport) throws(Fault) {
    let unfinished = path + ".part"
    let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(.cannotCreate, errno) }
    defer { close(descriptor) }
    do throws(Fault) {
      try report.write(as: form) { bytes throws(Fault) in
        var rest = bytes[...]
        while !rest.isEmpty {
          let written = Glibc.write(
            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
          if written < 0 {
            if errno == EINTR { continue }
            throw failure(.io, errno)
          }
          rest = rest.dropFirst(written)
        }
      }
      guard rename(unfinished, path) == 0 else { throw failure(.io, errno) }
    } catch {
      unlink(unfinished)
      throw error
    }
  }

  private func failure(_ code: Fault.Code, _ number: Int32) -> Fault {
    Fault(code, "can't write the report", at: path, cause: String(cString: strerror(number)))
  }
}
