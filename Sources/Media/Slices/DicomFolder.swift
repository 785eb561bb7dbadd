import Base
import Glibc

/// Files of a folder and of the folders in it.
enum DicomFolder {
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Folders within folders that are looked into: patient, study, series, and one for whatever comes.
  private static let deepest = 4

  /// Names relative to `folder`, sorted by their bytes. Names that begin with a dot are none of a scan's.
  static func files(in folder: String) throws(Fault) -> [String] {
    var files: [String] = []
    var folders: [String] = []
    guard list(folder, prefix: "", &files, &folders) else {
      throw Fault(
        .noInput, "can't read the folder", at: folder, cause: String(cString: strerror(errno)),
        advice: "check its permissions")
    }
    for _ in 0..<deepest {
      var deeper: [String] = []
      for inner in folders { _ = list("\(folder)/\(inner)", prefix: "\(inner)/", &files, &deeper) }
      folders = deeper
    }
    return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func list(
    _ path: String, prefix: String, _ files: inout [String], _ folders: inout [String]
  ) -> Bool {
    guard let directory = opendir(path) else { return false }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = DicomText.string(entry.pointee.d_name)
      if name.hasPrefix(".") { continue }
      let kind = Int32(entry.pointee.d_type)
      // Links and file systems that don't say are looked at.
      let isFolder =
        kind == Int32(DT_DIR) || (kind != Int32(DT_REG) && Self.isFolder("\(path)/\(name)"))
      if isFolder { folders.append(prefix + name) } else { files.append(prefix + name) }
    }
    return true
  }

  static func lastPart(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// Whether a file's name says that it is DICOM.
  static func isNamedDicom(_ name: String) -> Bool {
    [".dcm", ".dicom", ".ima"].contains { name.lowercased().hasSuffix($0) }
  }
}
