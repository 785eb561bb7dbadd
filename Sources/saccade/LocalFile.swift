import Base
import Glibc
import Media

/// What can be said of a source without opening it, before anything else is touched.
enum LocalFile {
  /// Throws when the source is a local file that can't be read now. Devices come and go, and patterns name
  /// many files: those are left to the reader.
  static func check(_ source: SourceConfiguration) throws {
    if let fault = fault(source) { throw fault }
  }

  static func fault(_ source: SourceConfiguration) -> Fault? {
    let url = source.url
    let isLocal = url.hasPrefix("/") || !url.prefix { $0 != "/" }.contains(":")
    guard isLocal, url != "-", !url.hasPrefix("/dev/"), !url.contains(where: { "%*?[".contains($0) }),
      access(url, R_OK) != 0
    else { return nil }
    let reason = errno
    return Fault(
      reason == EACCES ? .noPermission : .noInput, "can't read the recording", at: source.shownURL,
      cause: String(cString: strerror(reason)))
  }
}
