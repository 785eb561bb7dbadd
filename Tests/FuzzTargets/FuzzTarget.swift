/// What inputs can be thrown at. Whatever an input is, taking it must end soon, and a broken promise traps.
package enum FuzzTarget: String, CaseIterable {
  /// The readers of texts from outside: conditions, sentences, pipelines, requests.
  case texts
  /// A client of the event socket.
  case socket
  /// A video file.
  case media

  package func take(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .texts: TextTarget.take(bytes)
    case .socket: SocketTarget.shared.take(bytes)
    case .media: MediaTarget.take(bytes)
    }
  }
}

/// Traps with what is wrong; `precondition` keeps silent in a release build.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
  if !holds { fatalError(what()) }
}
