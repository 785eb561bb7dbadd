import Events

extension EventConnection {
  /// Over a connection to the control socket: asks the daemon to do something and waits until that is done, however long
  /// it takes.
  ///
  /// - Returns: What was done, an object of lists of streams.
  package mutating func perform(_ ask: ControlRequest.Ask) throws(ClientError) -> JSON {
    let id: JSON = "saccade-control"
    try send(ControlRequest(id: id, ask).line)
    while true {
      guard let received = try next() else {
        throw ClientError(.disconnected, "\(path): the daemon closed the connection before it answered")
      }
      switch received.message {
      case .unknown(type: "done"):
        guard let answer = try? JSONReader.read(received.line), answer["id"] == id else { continue }
        return .object((answer.fields ?? []).filter { $0.key != "type" && $0.key != "id" })
      // Who isn't let in is told so before the request is read.
      case .error(let refusal) where refusal.id == id || refusal.id == nil:
        throw ClientError(.refused(refusal), refusal.message)
      case .bye(let reason): throw ClientError(.disconnected, "the daemon stops: \(reason)")
      default: continue
      }
    }
  }
}
