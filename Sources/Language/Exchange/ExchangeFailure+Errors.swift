import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

extension ExchangeFailure {
  /// What an error of the HTTP client means here. It tells of no phase by itself: before the answer's head, what isn't known
  /// to have happened on a standing connection happened while connecting.
  init(_ error: any Error, hadHead: Bool) {
    switch error {
    case is CancellationError: self = .cancelled
    case let error as HTTPClientError where error == .cancelled: self = .cancelled
    case let error as HTTPClientError where error == .connectTimeout || error == .tlsHandshakeTimeout:
      self = .unreachable("connecting took too long")
    case let error as HTTPClientError where error == .remoteConnectionClosed:
      self = .died("closed by the server")
    case let error as HTTPParserError where error == .invalidEOFState:
      self = .died("closed by the server")
    case let error as HTTPParserError: self = .unreadable("not HTTP: \(error)")
    case let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE:
      self = .died(String(cString: strerror(error.errnoCode)))
    case let error as IOError: self = .unreachable(String(cString: strerror(error.errnoCode)))
    case let error as NIOConnectionError: self = .unreachable(Self.cause(of: error))
    default: self = hadHead ? .died("\(error)") : .unreachable("\(error)")
    }
  }

  private static func cause(of error: NIOConnectionError) -> String {
    if let first = error.connectionErrors.first?.error {
      if let first = first as? IOError { return String(cString: strerror(first.errnoCode)) }
      return "\(first)"
    }
    if let error = error.dnsAError ?? error.dnsAAAAError { return "no such host (\(error))" }
    return "no address of \(error.host)"
  }
}
