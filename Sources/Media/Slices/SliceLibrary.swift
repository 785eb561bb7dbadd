import Base
import CLinux
import Glibc

/// libSaccadeSlices.so, which carries DCMTK and libtiff: loaded where a sweep needs it, so that nothing else pays for
/// them. It stays until the process ends.
enum SliceLibrary {
  private static let name = "libSaccadeSlices.so"

  /// The table of functions that the library gives away under `symbol`. Blocks while the library loads. Any thread.
  static func table<Table>(_ symbol: String, as type: Table.Type) throws(Fault) -> UnsafePointer<Table> {
    var causes: [String] = []
    for path in places {
      guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
        causes.append(dlerror().map { String(cString: $0) } ?? path)
        continue
      }
      guard let table = dlsym(library, symbol) else {
        throw Fault(
          .unavailable, "\(name) is of another version", at: path, cause: "it has no \(symbol)",
          advice: "install saccade and \(name) from one build")
      }
      return UnsafePointer(table.assumingMemoryBound(to: Table.self))
    }
    throw Fault(
      .unavailable, "can't load \(name), which reads DICOM and TIFF", cause: causes.joined(separator: "; "),
      advice: "install it beside saccade or in ../lib/saccade, with the libraries it names (DCMTK, libtiff)")
  }

  /// Beside the image that holds this code, where an installation has it, and where the loader looks.
  private static var places: [String] {
    let folders = images.compactMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } }
    return folders.map { "\($0)/\(name)" } + folders.map { "\($0)/../lib/saccade/\(name)" } + [name]
  }

  /// A program found through PATH knows itself by a name without a folder: the kernel knows better.
  private static var images: [String] {
    let image = saccade_own_image().map { String(cString: $0) } ?? ""
    if image.contains("/") { return [image] }
    guard let program = realpath("/proc/self/exe", nil) else { return [] }
    defer { free(program) }
    return [String(cString: program)]
  }
}
