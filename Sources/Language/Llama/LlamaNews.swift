import Base

/// What a llama-server does, told as values: their owner makes records or log lines of them.
package enum LlamaNews: Sendable {
  case started(pid: Int32)
  /// It answers, so long after its start.
  case ready(after: Nanoseconds)
  /// It ended without being asked to.
  case ended(LlamaEnd)
  case cannotStart(Fault, nextIn: Nanoseconds)
}

/// The end of a llama-server that nobody asked for.
package struct LlamaEnd: Hashable, Sendable, CustomStringConvertible {
  package enum Cause: Hashable, Sendable, CustomStringConvertible {
    /// By itself.
    case crash
    /// Ended by us.
    case overMemory(bytes: Int, limit: Int)
    case neverReady
    case silent

    package var description: String {
      switch self {
      case .crash: "it ended by itself"
      case .overMemory(let bytes, let limit): "it used \(bytes >> 20) MiB of \(limit >> 20)"
      case .neverReady: "it didn't load its model in time"
      case .silent: "it stopped answering"
      }
    }
  }

  package var cause: Cause
  /// `exit 1`, `signal 6`, ….
  package var status: String
  package var ran: Nanoseconds
  package var nextIn: Nanoseconds
  /// The last lines that it printed.
  package var lastWords: [String]

  package var description: String { "\(cause) (\(status)), after \(ran.inSeconds.rounded()) s" }
}
