import Base
import Glibc

/// Finds the files that a folder, a glob or a numbered pattern names.
enum PictureListing {
  /// Paths in natural order. Nil where `path` names one file or none.
  static func files(_ path: String) throws(Fault) -> [String]? {
    if let mode = SourceLocation.mode(of: path) {
      return mode == S_IFDIR ? try inFolder(path) : nil
    }
    switch SourceLocation(path) {
    case .pictures(_, let isGlob): return isGlob ? try matching(path) : try numbered(path)
    default: return nil
    }
  }

  private static func inFolder(_ path: String) throws(Fault) -> [String] {
    let names = try entries(path)
    guard !names.isEmpty else {
      throw Fault(
        .noInput, "there are no files in this folder", at: path,
        advice: "name the folder that holds the slices")
    }
    let base = path.hasSuffix("/") ? path : path + "/"
    return NaturalOrder.sorted(names).map { base + $0 }
  }

  private static func matching(_ pattern: String) throws(Fault) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    let result = glob(pattern, GLOB_NOSORT, nil, &found)
    if result == GLOB_NOSPACE { fatalError("out of memory for the names of files") }
    var paths: [String] = []
    for index in 0..<Int(found.gl_pathc) {
      guard let path = found.gl_pathv[index] else { continue }
      paths.append(String(cString: path))
    }
    return NaturalOrder.sorted(try some(paths.filter { SourceLocation.mode(of: $0) != S_IFDIR }, pattern))
  }

  /// Takes the numbers that there are, so that a gap ends nothing.
  private static func numbered(_ pattern: String) throws(Fault) -> [String] {
    let name = lastComponent(pattern)
    let folder = String(pattern.dropLast(name.count))
    guard let percent = name.firstIndex(of: "%"), let end = name[percent...].firstIndex(of: "d"),
      !folder.contains("%"), !name[end...].contains("%")
    else {
      throw Fault(
        .usage, "this pattern can't be read", at: pattern,
        cause: "it needs one `%d` or `%04d`, in the name of the file",
        advice: "name the folder to take all of its pictures")
    }
    let digits = Int(name[name.index(after: percent)..<end]) ?? 1
    let (before, after) = (name[..<percent], name[name.index(after: end)...])
    let names = try entries(folder.isEmpty ? "." : folder).filter { candidate in
      guard candidate.utf8.count > before.utf8.count + after.utf8.count, candidate.hasPrefix(before),
        candidate.hasSuffix(after)
      else { return false }
      let number = candidate.dropFirst(before.count).dropLast(after.count)
      return number.utf8.allSatisfy(NaturalOrder.isDigit)
        && (number.utf8.count == digits || number.utf8.count > digits && !number.hasPrefix("0"))
    }
    return NaturalOrder.sorted(try some(names, pattern)).map { folder + $0 }
  }

  private static func some(_ paths: [String], _ pattern: String) throws(Fault) -> [String] {
    guard paths.isEmpty else { return paths }
    throw Fault(
      .noInput, "no files match", at: pattern,
      advice: "check the pattern; it is relative to the working directory, and quotes keep it from the shell")
  }

  /// Names of files in a folder, without hidden ones and folders, in no order.
  private static func entries(_ path: String) throws(Fault) -> [String] {
    guard let folder = opendir(path) else { throw SliceFile.fault(errno, at: path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let kind = Int(entry.pointee.d_type)
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        // Safety: a zero ends the name in its array.
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      if kind == Int(DT_REG) || (kind == Int(DT_LNK) || kind == Int(DT_UNKNOWN)) && !isFolder(path, name) {
        names.append(name)
      }
    }
    return names
  }

  private static func isFolder(_ path: String, _ name: String) -> Bool {
    SourceLocation.mode(of: path + "/" + name) == S_IFDIR
  }
}
