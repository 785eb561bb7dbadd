import Base
import Language
import Semantics
import Yams

/// Reads `language_model`: who answers questions. An address; a mapping with `url`; a list of such under `servers`; or a model's
/// files under `gguf`, which a llama-server of Saccade's own then runs.
struct LanguageModelReader {
  private let draft: Draft
  private let document: Document
  private let values: Values
  private let references: References

  private static let serverKeys = ["url", "dialect", "model", "slots", "key"]
  private static let ownKeys = [
    "gguf", "mmproj", "adapters", "program", "threads", "memory", "context", "picture_tokens",
  ]
  static let keys = serverKeys + ["servers"] + ownKeys + ["calls", "compiles"]
  private static let mostServers = 64
  private static let mostAdapters = 16

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
    values = reader.values
    references = reader.references
  }

  /// Nil, with a fault noted, where nobody would answer.
  func model(_ entry: Section.Entry) -> LanguageModelSetting? {
    var setting = LanguageModelSetting()
    guard case .mapping = entry.value else {
      guard let server = address(entry).map({ LanguageServer(name: "model", address: $0, model: "default") })
      else { return nil }
      setting.servers = [server]
      return setting
    }
    let section = Section(
      entry.value, keys: Self.keys, elsewhere: PipelineReader.places(outside: "under `language_model`"),
      document: document, draft: draft)
    let ways = ["url", "servers", "gguf"].filter { section[$0] != nil }
    guard ways.count == 1, let way = ways.first else {
      draft.fault(
        at: entry.key,
        ways.isEmpty
          ? "`language_model` says nobody to ask"
          : "`language_model` has \(ways.map { "`\($0)`" }.joined(separator: " and "))",
        advice: "give one of `url`, `servers` and `gguf`")
      return nil
    }
    let foreign =
      way == "gguf" ? Self.serverKeys : way == "servers" ? Self.serverKeys + Self.ownKeys : Self.ownKeys
    for name in foreign where name != way {
      guard let wrong = section[name] else { continue }
      draft.fault(at: wrong.key, "`\(name)` doesn't go with `\(way)`", advice: "leave it out")
    }
    switch way {
    case "url": if let server = server(section, name: "model") { setting.servers = [server] }
    case "servers": setting.servers = servers(section["servers"])
    default: own(section, &setting)
    }
    if let entry = section["calls"] { setting.calls = calls(entry) ?? setting.calls }
    if let entry = section["compiles"] { setting.compiles = values.flag(entry) ?? false }
    return setting.servers.isEmpty && setting.own == nil ? nil : setting
  }

  private func calls(_ entry: Section.Entry) -> CallAllowance? {
    let what = "how often a stream may call a model, such as `2 1/min`"
    guard let (value, unit) = values.quantity(entry, takes: what, units: ["1/min", "1/s", "1/h"]) else {
      return nil
    }
    let time: Double = unit == "1/s" ? 1 : unit == "1/min" ? 60 : 3600
    guard (1.0 / 3600...60).contains(value / time) else {
      draft.fault(at: entry.value, "`calls` takes 1 1/h to 60 1/s")
      return nil
    }
    return CallAllowance(perSecond: value / time)
  }

  private func servers(_ entry: Section.Entry?) -> [LanguageServer] {
    guard let entry else { return [] }
    guard case .sequence(let list) = entry.value, (1...Self.mostServers).contains(list.count) else {
      draft.fault(
        at: entry.value,
        "`servers` takes a list of 1 to \(Self.mostServers) servers; this is \(Values.described(entry.value))",
        advice: "write `- url: http://HOST:PORT` under it")
      return []
    }
    return list.enumerated().compactMap { index, node in
      guard case .mapping = node else {
        draft.fault(
          at: node, "a server is a mapping with `url`; this is \(Values.described(node))")
        return nil
      }
      let section = Section(
        node, keys: Self.serverKeys, elsewhere: PipelineReader.places(outside: "under `servers`"),
        document: document, draft: draft)
      guard section["url"] != nil else {
        draft.fault(at: node, "this server has no `url`", advice: "add `url: http://HOST:PORT`")
        return nil
      }
      return server(section, name: "model-\(index + 1)")
    }
  }

  private func server(_ section: Section, name: String) -> LanguageServer? {
    guard let address = section["url"].flatMap({ self.address($0) }) else { return nil }
    var server = LanguageServer(name: name, address: address, model: "default")
    if let entry = section["dialect"] { server.dialect = values.choice(entry) ?? server.dialect }
    if let entry = section["model"] {
      server.model = values.text(entry, takes: "a model's name") ?? server.model
    }
    if let entry = section["slots"] {
      server.slots = values.whole(entry, 1...LanguageServer.mostSlots, unit: " of requests at a time") ?? 1
    }
    if let entry = section["key"], let text = values.text(entry, takes: "a reference such as `${MODEL_KEY}`")
    {
      guard text.hasPrefix("${") else {
        draft.fault(
          at: entry.value, "`key` takes a reference, so that no key stands in a file that many read",
          advice: "write `${NAME}` or `${file:/path}`")
        return nil
      }
      let secret: String
      do throws(References.Missing) {
        secret = try references.resolved(text, asURL: false)
      } catch {
        draft.fault(at: entry.value, error.what, advice: error.advice)
        return nil
      }
      server.key = noting(entry) { () throws(Fault) in try ServerKey(secret) }
    }
    return server
  }

  private func address(_ entry: Section.Entry) -> ServerAddress? {
    guard let text = values.text(entry, takes: "a server's address") else { return nil }
    return noting(entry) { () throws(Fault) in try ServerAddress(text) }
  }

  private func noting<T>(_ entry: Section.Entry, _ make: () throws(Fault) -> T) -> T? {
    do {
      return try make()
    } catch {
      draft.fault(at: entry.value, error.what, cause: error.cause, advice: error.advice)
      return nil
    }
  }

  // MARK: - A llama-server of its own

  private func own(_ section: Section, _ setting: inout LanguageModelSetting) {
    guard let model = section["gguf"].flatMap({ path($0) }) else { return }
    var plan = LlamaPlan(
      program: section["program"].flatMap { path($0) } ?? "", model: model,
      projector: section["mmproj"].flatMap { path($0) }, door: .unix(path: ""),
      threads: max(1, ProcessorCount.online - 1))
    if let entry = section["threads"] { plan.threads = values.whole(entry, 1...256) ?? plan.threads }
    if let entry = section["context"] {
      plan.context = values.whole(entry, 256...1_048_576, unit: " of tokens") ?? plan.context
    }
    if let entry = section["picture_tokens"] { plan.tokensPerPicture = values.whole(entry, 8...16_384) }
    if let entry = section["memory"] { plan.memoryLimit = memory(entry) }
    if let entry = section["adapters"] { plan.adapters = adapters(entry) }
    for (number, adapter) in plan.adapters.enumerated() { setting.adapters[number] = adapter.scale }
    setting.own = plan
  }

  private func memory(_ entry: Section.Entry) -> Int? {
    let what = "an amount of memory such as `8 GiB`"
    guard let (value, unit) = values.quantity(entry, takes: what, units: ["GiB", "MiB"]) else { return nil }
    let bytes = value * (unit == "GiB" ? 1_073_741_824 : 1_048_576)
    guard (67_108_864...1e13).contains(bytes) else {
      draft.fault(at: entry.value, "`memory` takes 64 MiB and more")
      return nil
    }
    return Int(bytes)
  }

  private func adapters(_ entry: Section.Entry) -> [LlamaPlan.Adapter] {
    guard case .sequence(let list) = entry.value, list.count <= Self.mostAdapters else {
      draft.fault(
        at: entry.value,
        "`adapters` takes a list of at most \(Self.mostAdapters) LoRA adapters; this is \(Values.described(entry.value))"
      )
      return []
    }
    return list.compactMap { node in
      let section = Section(node, keys: ["path", "scale"], document: document, draft: draft)
      guard let path = section["path"].flatMap({ path($0) }) else {
        draft.fault(at: node, "an adapter has no `path`", advice: "write `- {path: FILE.gguf, scale: 1}`")
        return nil
      }
      return LlamaPlan.Adapter(path: path, scale: section["scale"].flatMap { values.number($0, 0...10) } ?? 1)
    }
  }

  private func path(_ entry: Section.Entry) -> String? {
    guard let text = values.text(entry, takes: "a path") else { return nil }
    return text.hasPrefix("/") ? text : draft.folder + text
  }
}
