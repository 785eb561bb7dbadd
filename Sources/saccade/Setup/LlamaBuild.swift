import Base
import CLinux
import Glibc
import Language

/// Builds llama-server step by step in a folder beside the one where it will lie. Each step leaves a mark when it is done, so
/// that what was interrupted goes on; the finished folder appears at once and whole. Blocks for minutes.
struct LlamaBuild {
  private let folder: String
  private let work: String
  private let jobs: Int
  private let surroundings: Surroundings

  /// - Parameter folder: Where it lies in the end; its parents are made.
  init(folder: String, jobs: Int, in surroundings: Surroundings) {
    self.folder = folder
    work = folder + ".building"
    self.jobs = jobs
    self.surroundings = surroundings
  }

  /// The path of llama-server, which was there or is now.
  func run() throws(Fault) -> String {
    let server = LlamaRecipe.server(in: folder)
    if access(server, X_OK) == 0 {
      Console.tell("saccade: llama-server \(LlamaRecipe.version) is there already")
      return server
    }
    let python = try program(
      "python3", advice: "sudo apt-get install python3-venv, or name its folder in PATH")
    let compiler = surroundings.environment["CXX"] ?? "c++"
    _ = try program(compiler, advice: "sudo apt-get install g++, or name a C++ compiler in $CXX")
    try makeFolders()
    let lock = try takeLock()
    defer { close(lock) }
    let begun = surroundings.clocks.monotonic()
    let runner = StepRunner(log: work + "/log.txt", surroundings: surroundings)
    for step in steps(python) { try perform(step, runner) }
    guard rename(work + "/whole", folder) == 0 else { throw Self.cannotWrite(folder) }
    runner.remove(work)
    let spans = (surroundings.clocks.monotonic() - begun, Self.computing())
    Console.tell(
      "saccade: llama-server \(LlamaRecipe.version) took \(Self.seconds(spans.0)) s, and \(Self.seconds(spans.1)) s of computing"
    )
    return server
  }

  struct Step {
    /// Of the mark that says that it is done.
    var name: String
    /// What happens, for people.
    var deed: String
    /// The program's path and its arguments.
    var words: [String]
    var advice: String
  }

  private func steps(_ python: String) -> [Step] {
    let own = work + "/python/bin"
    let network = "it needs the network, or a mirror of PyPI that pip knows (PIP_INDEX_URL)"
    let space =
      "look whether \(LlamaRecipe.spaceMiB) MB of disk and 2 GB of memory are free; --jobs 1 takes less memory"
    let source = work + "/source/vendor/llama.cpp"
    let whole = work + "/whole"
    return [
      Step(
        name: "python", deed: "making a folder for its tools",
        words: [python, "-m", "venv", "--clear", work + "/python"],
        advice: "sudo apt-get install python3-venv"),
      Step(
        name: "tools", deed: "fetching CMake and Ninja",
        words: [own + "/pip", "install", "--disable-pip-version-check"] + LlamaRecipe.tools, advice: network),
      Step(
        name: "source", deed: "fetching llama.cpp (\(LlamaRecipe.source) \(LlamaRecipe.version), 77 MB)",
        words: [
          own + "/pip", "download", "--disable-pip-version-check", "--no-deps", "--no-build-isolation",
          "--no-binary", ":all:", "--require-hashes", "--dest", work + "/download", "--requirement",
          work + "/requirement.txt",
        ], advice: network),
      Step(
        name: "unpacked", deed: "unpacking it",
        words: [
          "/bin/sh", "-c",
          "rm -rf \"$1\" && mkdir \"$1\" && tar -xzf \"$2\"/llama_cpp_python-*.tar.gz -C \"$1\" --strip-components=1",
          "sh", work + "/source", work + "/download",
        ], advice: space),
      Step(
        name: "configured", deed: "configuring it",
        words: [
          own + "/cmake", "-S", source, "-B", work + "/build", "-G", "Ninja",
          "-DCMAKE_MAKE_PROGRAM=\(own)/ninja",
        ] + LlamaRecipe.flags, advice: "the log tells what CMake misses"),
      Step(
        name: "built", deed: "building llama-server with \(jobs) jobs",
        // Not by `cmake --build`, which would leave Ninja behind where saccade ends suddenly.
        words: [own + "/ninja", "-C", work + "/build", "-j", "\(jobs)", "llama-server"],
        advice: space),
      Step(
        name: "tried", deed: "trying it", words: [work + "/build/bin/llama-server", "--version"],
        advice: "the log tells what it said"),
      // Besides the program what writes and reads its models' format, for tools and tests.
      Step(
        name: "gathered", deed: "gathering what is needed of it",
        words: [
          "/bin/sh", "-c",
          "rm -rf \"$1\" && mkdir -p \"$1/bin\" \"$1/share\" && cp \"$2/bin/llama-server\" \"$1/bin\" && "
            + "cp -r \"$3/LICENSE\" \"$3/gguf-py\" \"$3/models/ggml-vocab-qwen2.gguf\" \"$3/models/templates\" \"$1/share\"",
          "sh", whole, work + "/build", source,
        ], advice: space),
    ]
  }

  private func perform(_ step: Step, _ runner: StepRunner) throws(Fault) {
    let mark = "\(work)/done-\(step.name)"
    guard access(mark, F_OK) != 0 else { return }
    Console.tell("saccade: \(step.deed)")
    if let failure = try runner.run(step.words) {
      throw Fault(
        .unavailable, "\(step.deed) failed", at: runner.log, cause: failure, advice: step.advice)
    }
    try write("", to: mark)
  }

  /// Its path, by the PATH.
  private func program(_ name: String, advice: String) throws(Fault) -> String {
    if name.contains("/") {
      if access(name, X_OK) == 0 { return name }
    } else {
      for folder in (surroundings.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":") {
        let path = "\(folder)/\(name)"
        if access(path, X_OK) == 0 { return path }
      }
    }
    throw Fault(.unavailable, "`\(name)` is missing, which building llama-server needs", advice: advice)
  }

  private func makeFolders() throws(Fault) {
    var path = ""
    for part in work.split(separator: "/") {
      path += "/" + part
      if mkdir(path, 0o755) != 0, errno != EEXIST, access(path, F_OK) != 0 { throw Self.cannotWrite(path) }
    }
    let requirement = "\(LlamaRecipe.source)==\(LlamaRecipe.version) --hash=sha256:\(LlamaRecipe.hash)\n"
    try write(requirement, to: work + "/requirement.txt")
  }

  private func takeLock() throws(Fault) -> Int32 {
    let path = work + "/lock"
    let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else { throw Self.cannotWrite(path) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw Fault(
        .unavailable, "another `saccade setup llama` is at it", at: work, advice: "wait until it is done")
    }
    return lock
  }

  private func write(_ text: String, to path: String) throws(Fault) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Self.cannotWrite(path) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Self.cannotWrite(path) }
  }

  private static func cannotWrite(_ path: String) -> Fault {
    Fault(.cannotCreate, "can't write into the cache", at: path, cause: String(cString: strerror(errno)))
  }

  /// Of all programs that were waited for.
  private static func computing() -> Nanoseconds {
    var usage = rusage()
    getrusage(RUSAGE_CHILDREN.rawValue, &usage)
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return Nanoseconds(seconds) * 1_000_000_000
  }

  private static func seconds(_ span: Nanoseconds) -> Int { Int(span.inSeconds.rounded()) }
}
