import Media

/// Who is told of an event besides the subscribers.
package enum Hook: Hashable, Sendable, CustomStringConvertible {
  /// Run by `/bin/sh`, with the record as its input.
  case command(String)
  /// Gets the record by POST.
  case address(String)

  /// As logs may show it, without secrets.
  package var description: String {
    switch self {
    case .command(let command): "`\(command)`"
    case .address(let url): "POST to \(Credentials.hidden(in: url))"
    }
  }
}
