import Base
import Glibc

/// Where OpenVINO's C library may lie, in the order in which it is looked for.
///
/// A path that the user names (`path`, then `$SACCADE_OPENVINO`) is the only place then: a typing error must not
/// end at another version. Without one: the folders that `saccade setup openvino` fills, the virtual
/// environment, the system's own.
package struct OpenVINOSearch: Sendable {
  package struct Found: Sendable, Hashable {
    /// Absolute.
    package var library: String
    /// Why it was looked for there: `SACCADE_OPENVINO`, `the system`, …
    package var origin: String

    package init(library: String, origin: String) {
      self.library = library
      self.origin = origin
    }
  }

  package struct Place: Sendable, Hashable {
    package var origin: String
    package var path: String
  }

  package let places: [Place]

  /// - Parameters:
  ///   - path: The library, or a folder with it: of a wheel, a virtual environment or Intel's archive.
  ///   - environment: `SACCADE_OPENVINO`, `XDG_DATA_HOME`, `HOME` and `VIRTUAL_ENV` are read.
  ///   - root: In front of the system's folders; empty but in tests.
  package init(path: String? = nil, environment: [String: String], root: String = "") {
    if let path {
      places = [Place(origin: "the path given", path: path)]
      return
    }
    if let path = environment["SACCADE_OPENVINO"], !path.isEmpty {
      places = [Place(origin: "SACCADE_OPENVINO", path: path)]
      return
    }
    var places: [Place] = []
    if let folder = Self.ownFolder(environment) {
      places.append(Place(origin: "saccade setup openvino", path: folder))
    }
    places.append(Place(origin: "saccade setup openvino", path: root + Self.systemFolder))
    if let folder = environment["VIRTUAL_ENV"], folder.hasPrefix("/") {
      places.append(Place(origin: "VIRTUAL_ENV", path: folder))
    }
    places += Self.system.map { Place(origin: "the system", path: root + $0) }
    self.places = places
  }

  /// What `saccade setup openvino` fills for a user; nil where it isn't known whose home it is.
  package static func ownFolder(_ environment: [String: String]) -> String? {
    // The XDG base directory specification: a path that isn't absolute is to be ignored.
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/saccade/openvino" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.local/share/saccade/openvino"
  }

  /// What `saccade setup openvino` fills for root, and the service reads.
  package static let systemFolder = "/var/lib/saccade/openvino"

  // Debian's, Fedora's, by hand, Intel's archives.
  private static let system = [
    "/usr/lib/*-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib", "/usr/local/lib64",
    "/opt/intel/openvino*",
  ]

  // Below a place: itself, a wheel unpacked, Intel's archive, a virtual environment.
  private static let below = [
    "", "/openvino/libs", "/libs", "/runtime/lib/*", "/lib/python3*/site-packages/openvino/libs",
    "/lib64/python3*/site-packages/openvino/libs",
  ]

  /// Reads folders only.
  ///
  /// - Throws: `unavailable`, with all places, where there is none.
  package func find() throws(Fault) -> Found {
    for place in places {
      if let library = Self.library(at: place.path) { return Found(library: library, origin: place.origin) }
    }
    throw missing
  }

  private static func library(at path: String) -> String? {
    var info = stat()
    if stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG { return absolute(path) }
    for folder in below {
      // The one of the newest version, whose number stands at the end: 2641 for 2026.4.1.
      let found = glob(path + folder + "/libopenvino_c.so*")
      if let best = found.max(by: { version($0) < version($1) }) { return absolute(best) }
    }
    return nil
  }

  /// What stands behind `.so`: nothing, `.2641`, `.2025.0.0`. The name without a number is what the system chose.
  private static func version(_ path: String) -> Int {
    let digits = path.split(separator: ".so").last.map { $0.filter(\.isNumber) } ?? ""
    return path.hasSuffix(".so") ? .max : Int(digits) ?? 0
  }

  private static func absolute(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func glob(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard Glibc.glob(pattern, 0, nil, &result) == 0 else { return [] }
    // Safety: glob filled as many entries as it says.
    return (0..<Int(result.gl_pathc)).map { String(cString: result.gl_pathv[$0]!) }
  }

  private var missing: Fault {
    let tried = places.map { "\($0.path) (\($0.origin))" }.joined(separator: ", ")
    return Fault(
      .unavailable, "OpenVINO's library libopenvino_c.so isn't there", cause: "looked in " + tried,
      advice: "install it with `saccade setup openvino`, or set SACCADE_OPENVINO to the folder that has it")
  }
}
