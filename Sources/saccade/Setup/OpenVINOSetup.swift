import Base
import Glibc
import VisionOpenVINO

/// Puts OpenVINO's package for Python into a folder, of which only the libraries are used.
struct OpenVINOSetup {
  /// What Saccade was tested with.
  static let version = "2026.4.1"
  /// For the download of 60 MB.
  private static let patience = Nanoseconds.seconds(1800)

  let target: String
  /// As pip takes it: a name with a version, or a file.
  let package: String
  let environment: [String: String]
  let clocks: any Clocks

  /// Replaces what is in the folder once the new one works. Returns its version.
  func run() throws(Fault) -> String {
    try needPip()
    let unfinished = target + ".part"
    try remove(unfinished)
    try makeFolder(unfinished)
    do throws(Fault) {
      try install(into: unfinished)
      let runtime = try OpenVINORuntime(OpenVINOSearch(path: unfinished, environment: [:]))
      try runtime.prove("CPU")
      try remove(target)
      guard rename(unfinished, target) == 0 else { throw cannotMake(target, errno) }
      return runtime.version
    } catch {
      try? remove(unfinished)
      throw error
    }
  }

  /// Of all files in the folder.
  var bytes: Int {
    var total = 0
    try? walk(target) { path, info in total += Int(info.st_size) }
    return total
  }

  private func needPip() throws(Fault) {
    let advice =
      "install it, on Debian and Ubuntu with `apt install python3-pip`; or set SACCADE_OPENVINO to an OpenVINO that is there"
    let ended: String
    do throws(Fault) {
      ended = try call(["python3", "-c", "import pip"])
    } catch {
      throw Fault(
        .unavailable, "python3 isn't there, which fetches the package", cause: error.cause, advice: advice)
    }
    if ended != "exit 0" {
      throw Fault(.unavailable, "python3 has no pip, which fetches the package", advice: advice)
    }
  }

  private func install(into folder: String) throws(Fault) {
    // Without what its Python side needs; a source package would start to build OpenVINO.
    let ended = try call([
      "python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
      "--no-compile",
      "--only-binary", ":all:", "--target", folder, package,
    ])
    if ended == "exit 0" { return }
    throw Fault(
      .unavailable, "pip could not install \(package)",
      cause: "it ended with \(ended); what it said is above",
      advice:
        "check the network and the disk; without network, fetch the package elsewhere with `pip download --no-deps \(package)` and give it with --wheel"
    )
  }

  private func call(_ words: [String]) throws(Fault) -> String {
    // Its warning that root installs something is about the system's packages, which stay as they are.
    let child = try ChildProcess(
      words, environment: environment.merging(["PIP_ROOT_USER_ACTION": "ignore"]) { $1 })
    child.feed([])
    return child.wait(until: clocks.monotonic() + Self.patience, clocks: clocks)
  }

  private func makeFolder(_ path: String) throws(Fault) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      if mkdir(made, 0o755) != 0, errno != EEXIST { throw cannotMake(made, errno) }
    }
  }

  private func remove(_ path: String) throws(Fault) {
    try walk(path) { path, info throws(Fault) in
      let result = info.st_mode & S_IFMT == S_IFDIR ? rmdir(path) : unlink(path)
      if result != 0 { throw cannotMake(path, errno) }
    }
  }

  /// What is below a path, and itself, children first; nothing where it isn't there.
  private func walk(_ path: String, _ visit: (String, stat) throws(Fault) -> Void) throws(Fault) {
    var info = stat()
    guard lstat(path, &info) == 0 else { return }
    if info.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) {
      defer { closedir(folder) }
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { try walk(path + "/" + name, visit) }
      }
    }
    try visit(path, info)
  }

  private func cannotMake(_ path: String, _ code: Int32) -> Fault {
    Fault(
      .cannotCreate, "can't make the folder for OpenVINO", at: path, cause: String(cString: strerror(code)),
      advice: "choose another with --folder, or run it as a user who may write there")
  }
}
