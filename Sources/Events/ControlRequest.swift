/// A line that a client sends to the control socket.
package struct ControlRequest: Hashable, Sendable {
  package enum Ask: Hashable, Sendable {
    /// Read the pipelines again.
    case reload
    /// Try lost sources now; nil for all streams.
    case retry(streams: [String]?)
    /// End streams in order.
    case stop(streams: [String])
    case status
  }

  /// Repeated in the answer, as on the event socket.
  package var id: JSON?
  package var ask: Ask

  package init(id: JSON? = nil, _ ask: Ask) {
    self.id = id
    self.ask = ask
  }
}

extension ControlRequest {
  package static func read(_ line: some Collection<UInt8>) throws(Refusal) -> ControlRequest {
    let (id, ask) = try RequestReader.read(
      line, RequestReader.controlKeys, or: (RequestReader.keys, "event")
    ) { (key, fields) throws(Refusal) -> Ask in try Self.ask(key, fields) }
    return ControlRequest(id: id, ask)
  }

  private static func ask(_ key: String, _ fields: [JSON.Field]) throws(Refusal) -> Ask {
    switch key {
    case "retry": return .retry(streams: try streams(key, fields))
    case "stop":
      guard let streams = try streams(key, fields) else {
        throw Refusal(.badValue, "stop needs the names of streams", at: "stop.streams")
      }
      return .stop(streams: streams)
    default:
      try RequestReader.refuse(fields, of: key)
      return key == "reload" ? .reload : .status
    }
  }

  private static func streams(_ key: String, _ fields: [JSON.Field]) throws(Refusal) -> [String]? {
    var streams: [String]?
    for field in fields {
      guard field.key == "streams" else {
        throw Refusal(
          .unknownField, "\(key) has no field \(field.key); it has streams", at: "\(key).\(field.key)")
      }
      streams = try RequestReader.names(field.value, "\(key).streams")
    }
    return streams
  }

  /// As it is sent, with its line feed.
  package var line: [UInt8] {
    func object(_ streams: [String]?) -> JSON {
      .object(streams.map { [.init("streams", .list($0.map(JSON.text)))] } ?? [])
    }
    let field: JSON.Field =
      switch ask {
      case .reload: .init("reload", .object([]))
      case .retry(let streams): .init("retry", object(streams))
      case .stop(let streams): .init("stop", object(streams))
      case .status: .init("status", .object([]))
      }
    return Array(JSON.object((id.map { [.init("id", $0)] } ?? []) + [field]).description.utf8) + [10]
  }
}
