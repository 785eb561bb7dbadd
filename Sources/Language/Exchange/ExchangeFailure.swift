/// Why a request brought nothing. Never holds a key; quotes at most a few hundred characters of what a server said.
package enum ExchangeFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Stage: String, Sendable {
    case firstToken = "the first token"
    case total = "the whole answer"
  }

  /// Nobody took the request: no such socket, refused, no route, a certificate that isn't trusted.
  case unreachable(String)
  /// The server closed the connection, or vanished, after it had the request or a part of it.
  case died(String)
  case tooSlow(Stage)
  /// An HTTP status other than 200, with what its body says.
  case status(Int, String)
  /// What came is no chat.
  case unreadable(String)
  /// It would have gone on for ever: blanks, or far more than was asked for.
  case endless(String)
  case cancelled

  package var description: String {
    switch self {
    case .unreachable(let cause): "not reached: \(cause)"
    case .died(let cause): "the connection ended in the middle: \(cause)"
    case .tooSlow(let stage): "\(stage.rawValue) took too long"
    case .status(let code, let text): text.isEmpty ? "status \(code)" : "status \(code): \(text)"
    case .unreadable(let cause): "not a chat's answer: \(cause)"
    case .endless(let cause): "cut off: \(cause)"
    case .cancelled: "given up"
    }
  }
}
