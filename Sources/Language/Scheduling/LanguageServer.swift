import Base

/// A model server that may be asked.
package struct LanguageServer: Hashable, Sendable {
  /// For logs and evidence.
  package var name: String
  package var address: ServerAddress
  package var key: ServerKey?
  package var dialect: ServerDialect
  /// The model as the server calls it. llama-server takes any name.
  package var model: String
  /// Requests at a time. A server on a processor has one.
  package var slots: Int

  package static let mostSlots = 256

  package init(
    name: String, address: ServerAddress, key: ServerKey? = nil, dialect: ServerDialect = .openAI,
    model: String,
    slots: Int = 1
  ) {
    precondition((1...Self.mostSlots).contains(slots), "a server with \(slots) slots")
    self.name = name
    self.address = address
    self.key = key
    self.dialect = dialect
    self.model = model
    self.slots = slots
  }
}
