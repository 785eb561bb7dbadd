import Base
import Glibc
import Language
import Logging
import Pipelines

/// Has the language models that pipelines ask: one core for all streams with the same servers, and the llama-servers that
/// Saccade runs itself.
final class LanguageOffice: Sendable {
  private struct Order: Hashable {
    var servers: [LanguageServer]
    var own: LlamaPlan?

    init(_ setting: LanguageModelSetting) {
      servers = setting.servers
      own = setting.own
    }
  }

  private struct Desk {
    var core: LanguageCore
    var own: LlamaServer?
    /// Of the own server's socket.
    var folder: String?

    func close() {
      core.stop()
      own?.stop()
      if let folder { rmdir(folder) }
    }
  }

  private let desks = Monitor<[Order: Desk]>([:])
  private let surroundings: Surroundings
  private let logger: Logger
  private static let ownName = "llama"

  init(in surroundings: Surroundings, logger: Logger) {
    self.surroundings = surroundings
    self.logger = logger
  }

  /// Begins to look at the servers that these pipelines ask, and starts those of its own; nobody is waited for. Whom no
  /// pipeline asks any more is let go. What is there stays as it is when it fails.
  ///
  /// - Throws: Where a llama-server can't be had, with the pipeline's name.
  func prepare(_ pipelines: [Pipeline]) throws(Fault) {
    let known = desks.withLock { desks, _ in Set(desks.keys) }
    var wanted: Set<Order> = []
    var fresh: [Order: Desk] = [:]
    for pipeline in pipelines where pipeline.asksModels {
      guard let setting = pipeline.languageModel else { continue }
      let order = Order(setting)
      guard wanted.insert(order).inserted, !known.contains(order) else { continue }
      do throws(Fault) {
        fresh[order] = try open(order)
      } catch {
        for desk in fresh.values { desk.close() }
        var fault = error
        fault.what = "the language model of `\(pipeline.name)` can't be used: \(fault.what)"
        throw fault
      }
    }
    let old = desks.withLock { [wanted, fresh] desks, _ in
      let old = desks.filter { !wanted.contains($0.key) }
      desks = desks.filter { wanted.contains($0.key) }.merging(fresh) { $1 }
      return old
    }
    for desk in old.values { desk.close() }
  }

  /// Whether what these pipelines ask of this machine is there; starts nothing.
  func check(_ pipelines: [Pipeline]) throws(Fault) {
    for pipeline in pipelines {
      guard let plan = pipeline.languageModel?.own else { continue }
      do throws(Fault) {
        var plan = try complete(plan)
        plan.door = .loopback(port: 1)
        try plan.check()
      } catch {
        var fault = error
        fault.what = "the language model of `\(pipeline.name)` can't be used: \(fault.what)"
        throw fault
      }
    }
  }

  /// Of a pipeline that was prepared; nil for one that asks nothing.
  func core(of pipeline: Pipeline) -> LanguageCore? {
    guard pipeline.asksModels, let setting = pipeline.languageModel else { return nil }
    return desks.withLock { desks, _ in desks[Order(setting)]?.core }
  }

  /// Ends all of it. The streams have ended.
  func close() {
    let all = desks.withLock { desks, _ in
      defer { desks = [:] }
      return desks
    }
    for desk in all.values { desk.close() }
  }

  private func open(_ order: Order) throws(Fault) -> Desk {
    guard let own = order.own else {
      return Desk(core: LanguageCore(order.servers, clocks: surroundings.clocks, logger: logger))
    }
    var plan = try complete(own)
    let folder = try Self.makeFolder(surroundings.environment["TMPDIR"] ?? "/tmp")
    plan.door = .unix(path: folder + "/llama.sock")
    do throws(Fault) {
      let server = LanguageServer(
        name: Self.ownName, address: try plan.address, dialect: .llamaServer, model: plan.model,
        slots: plan.slots)
      try plan.check()
      let core = LanguageCore([server], clocks: surroundings.clocks, logger: logger)
      do throws(Fault) {
        let process = try LlamaServer(
          plan, environment: surroundings.environment, clocks: surroundings.clocks
        ) { [logger] in Self.hear($0, core, logger) }
        return Desk(core: core, own: process, folder: folder)
      } catch {
        core.stop()
        throw error
      }
    } catch {
      rmdir(folder)
      throw error
    }
  }

  /// With the program where the pipeline names none.
  private func complete(_ plan: LlamaPlan) throws(Fault) -> LlamaPlan {
    guard plan.program.isEmpty else { return plan }
    var plan = plan
    var places = LlamaRecipe.folder(in: surroundings.environment).map { [LlamaRecipe.server(in: $0)] } ?? []
    places += (surroundings.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/llama-server" }
    guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
      throw Fault(
        .unavailable, "there is no llama-server", at: places.first,
        advice: "`saccade setup llama` builds one; or name yours with `program:` under `language_model`")
    }
    plan.program = found
    return plan
  }

  private static func makeFolder(_ parent: String) throws(Fault) -> String {
    var template = Array("\(parent)/saccade-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Fault(
        .cannotCreate, "can't make a folder for the llama-server's socket", at: parent,
        cause: String(cString: strerror(errno)), advice: "name one that can be written to in TMPDIR")
    }
    return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  private static func hear(_ news: LlamaNews, _ core: LanguageCore, _ logger: Logger) {
    switch news {
    case .started(let pid):
      core.note("it is loading its model", of: ownName)
      logger.info("the llama-server was started", metadata: ["pid": "\(pid)"])
    case .ready(let after):
      core.note(nil, of: ownName)
      core.lookSoon(at: ownName)
      logger.info("the llama-server is ready", metadata: ["after_ms": "\(after / 1_000_000)"])
    case .ended(let end):
      core.note("\(end)", of: ownName)
      logger.error(
        "the llama-server has ended",
        metadata: [
          "cause": "\(end)", "next_in_ms": "\(end.nextIn / 1_000_000)",
          "last_words": "\(end.lastWords.suffix(3).joined(separator: " | "))",
        ])
    case .cannotStart(let fault, let next):
      core.note(fault.what, of: ownName)
      logger.error(
        "the llama-server can't be started",
        metadata: ["fault": "\(fault)", "next_in_ms": "\(next / 1_000_000)"])
    }
  }
}

extension Pipeline {
  fileprivate var asksModels: Bool { !questions.isEmpty || uncompiled != nil }
}
