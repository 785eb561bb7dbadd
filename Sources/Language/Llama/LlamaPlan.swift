import Base
import Glibc

/// How a llama-server is started: what it loads, where it listens, what it may use.
package struct LlamaPlan: Hashable, Sendable {
  package struct Adapter: Hashable, Sendable {
    /// A LoRA adapter in GGUF. Its number at the server is its place in the list.
    package var path: String
    package var scale: Double

    package init(path: String, scale: Double) {
      self.path = path
      self.scale = scale
    }
  }

  package enum Door: Hashable, Sendable {
    /// A Unix socket's path, which must end in `.sock`: by that llama-server tells it from a host. Whatever lies there is
    /// removed before each start.
    case unix(path: String)
    /// A port of 127.0.0.1.
    case loopback(port: Int)
  }

  /// The program's path.
  package var program: String
  /// The language part in GGUF.
  package var model: String
  /// The vision part (mmproj) in GGUF; nil for a model that sees nothing.
  package var projector: String?
  package var adapters: [Adapter] = []
  package var door: Door
  /// Tokens of prompt and answer of one request.
  package var context = 8192
  /// Requests at a time.
  package var slots = 1
  /// By default llama-server takes every processor of the machine, also those that a container may not use.
  package var threads: Int
  /// What it has written to memory, in bytes; beyond that it is ended. Mapped weights don't count. Nil for no limit.
  package var memoryLimit: Int?
  /// For prompts of earlier requests, in MiB. llama-server's own default is 8192.
  package var cacheMiB = 256
  /// A picture is made smaller until it takes no more tokens; nil for the model's own limit.
  package var tokensPerPicture: Int?
  /// How long loading may take.
  package var readyWithin: Nanoseconds = .seconds(300)

  package init(program: String, model: String, projector: String?, door: Door, threads: Int) {
    self.program = program
    self.model = model
    self.projector = projector
    self.door = door
    self.threads = threads
  }

  /// Throws a fault of code `noInput` or `configuration` for what would only show as a server that never starts.
  package func check() throws(Fault) {
    for file in [program, model] + (projector.map { [$0] } ?? []) + adapters.map(\.path) {
      guard access(file, R_OK) == 0 else {
        throw Fault(
          .noInput, "can't read what the language model needs", at: file,
          cause: String(cString: strerror(errno)))
      }
    }
    guard access(program, X_OK) == 0 else {
      throw Fault(
        .noInput, "not a program", at: program, advice: "`saccade setup llama` builds a llama-server")
    }
    for adapter in adapters where adapter.path.contains(where: { $0 == ":" || $0 == "," }) {
      throw Fault(
        .configuration, "llama-server takes no adapter whose path holds `:` or `,`", at: adapter.path)
    }
    if case .unix(let path) = door, !path.hasSuffix(".sock") {
      throw Fault(.configuration, "the path of a llama-server's socket must end in .sock", at: path)
    }
    _ = try address
    guard context >= 256, slots >= 1, threads >= 1 else {
      throw Fault(
        .configuration, "a llama-server has 256 tokens of context, one slot and one thread at least",
        cause: "it was given \(context), \(slots) and \(threads)")
    }
  }

  package var address: ServerAddress {
    get throws(Fault) {
      switch door {
      case .unix(let path): try ServerAddress(socket: path)
      case .loopback(let port): try ServerAddress("http://127.0.0.1:\(port)")
      }
    }
  }

  /// The program's arguments, its name not among them.
  package var arguments: [String] {
    // What it calls itself goes into evidence: a file's name, not where it lies.
    let alias = model.split(separator: "/").last.map(String.init) ?? model
    var words = ["--model", model, "--alias", alias]
    if let projector { words += ["--mmproj", projector] }
    if !adapters.isEmpty {
      let list = adapters.map { "\($0.path):\($0.scale)" }
      words += ["--lora-scaled", list.joined(separator: ",")]
    }
    switch door {
    case .unix(let path): words += ["--host", path]
    case .loopback(let port): words += ["--host", "127.0.0.1", "--port", "\(port)"]
    }
    words += ["--threads", "\(threads)", "--threads-batch", "\(threads)"]
    // Its context is that of all slots together.
    words += ["--ctx-size", "\(context * slots)", "--parallel", "\(slots)"]
    // One for each request, and some for questions about its health.
    words += ["--threads-http", "\(slots + 2)", "--cache-ram", "\(cacheMiB)"]
    if let tokensPerPicture { words += ["--image-max-tokens", "\(tokensPerPicture)"] }
    // It neither fetches models nor serves pages, and is given what fits.
    words += ["--offline", "--no-ui", "--no-slots", "--fit", "off", "--log-colors", "off"]
    return words
  }

  /// Variables such as LLAMA_ARG_CTX_SIZE would overrule what was planned.
  package static func environment(from given: [String: String]) -> [String: String] {
    let kept = ["PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH"]
    return given.filter { kept.contains($0.key) }
  }
}
