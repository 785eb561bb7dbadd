import Base

/// A key that a server asks for, sent as `Authorization: Bearer`. Never printed: whatever shows this value shows dots.
package struct ServerKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let secret: String

  /// - Parameter text: As it came from the environment or a file; white space around it goes.
  package init(_ text: String) throws(Fault) {
    let scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }
    let trimmed = String(
      String.UnicodeScalarView(scalars.reversed().drop { $0.properties.isWhitespace }.reversed()))
    // What else a header's value may hold would let a key write headers of its own (RFC 9110, 5.5).
    guard !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Fault(
        .configuration, "a model server's key is empty or holds spaces or control characters",
        advice: "look at the variable or file that it comes from")
    }
    secret = trimmed
  }

  /// The value of the header `Authorization`.
  var authorization: String { "Bearer " + secret }

  /// `text` without the key, as servers quote what they were sent.
  func hidden(in text: String) -> String { text.replacing(secret, with: "…") }

  package var description: String { "…" }
  package var debugDescription: String { "…" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
