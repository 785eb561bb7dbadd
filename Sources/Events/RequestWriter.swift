/// Writes what a client sends.
package enum RequestWriter {
  /// One line with its line feed.
  package static func line(_ request: Request) -> [UInt8] {
    var fields = request.id.map { [JSON.Field("id", $0)] } ?? []
    switch request.ask {
    case .status: fields.append(.init("status", .object([])))
    case .subscribe(let subscription):
      fields.append(.init("subscribe", AnswerWriter.json(subscription)))
    }
    return Array(JSON.object(fields).description.utf8) + [10]
  }
}
