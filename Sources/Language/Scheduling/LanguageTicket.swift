/// Names one question to the language core.
package struct LanguageTicket: Hashable, Sendable, CustomStringConvertible {
  package let number: UInt64

  package init(number: UInt64) { self.number = number }

  package var description: String { "\(number)" }
}
