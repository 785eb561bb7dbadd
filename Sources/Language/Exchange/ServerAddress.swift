import Base

/// Where an OpenAI-compatible server listens, and under which path its API lies.
///
/// `http://127.0.0.1:8080`, `https://models.example/v1`, `http://box:8000/v3`, `unix:/run/llama.sock`. Without a path the
/// API is at `/v1`. Holds no credentials: a key is handed in apart (`ServerKey`).
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Place: Hashable, Sendable {
    /// `host` as in an address: a name, an IPv4 address, or an IPv6 address in brackets.
    case http(host: String, port: Int, isSecure: Bool)
    /// A Unix socket's absolute path.
    case unix(path: String)
  }

  package let place: Place
  /// Begins with a slash, doesn't end with one: `/v1`.
  package let basePath: String

  package static let defaultPath = "/v1"
  /// sockaddr_un holds 108 bytes, the last of them zero (unix(7)).
  package static let longestSocketPath = 107

  /// Throws a fault of code `configuration` that tells which forms are known. What was given isn't quoted where it may
  /// hold a password.
  package init(_ text: String) throws(Fault) {
    if text.hasPrefix("unix:") {
      self = try Self.unix(text.dropFirst("unix:".count))
    } else if let rest = Self.rest(of: text, after: "http://") {
      self = try Self.web(rest, isSecure: false)
    } else if let rest = Self.rest(of: text, after: "https://") {
      self = try Self.web(rest, isSecure: true)
    } else {
      throw Self.fault("no server's address starts like this")
    }
  }

  /// The path must be absolute and fit into a socket's address.
  package init(socket path: String) throws(Fault) { self = try Self.unix(path[...]) }

  private init(place: Place, basePath: String) {
    self.place = place
    self.basePath = basePath
  }

  package var description: String {
    let path = basePath == Self.defaultPath ? "" : basePath
    return switch place {
    case .http(let host, let port, let isSecure): "\(isSecure ? "https" : "http")://\(host):\(port)\(path)"
    case .unix(let socket): "unix:\(socket)"
    }
  }

  /// The address of a call under the API's path, as async-http-client takes it.
  func url(_ call: String) -> String { root + basePath + call }

  /// The address of a call beside the API: `/health` of `http://host/llm/v1` is `http://host/llm/health`.
  func urlBeside(_ call: String) -> String {
    let outer =
      basePath.hasSuffix(Self.defaultPath) ? basePath.dropLast(Self.defaultPath.count) : basePath[...]
    return root + outer + call
  }

  private var root: String {
    switch place {
    case .http(let host, let port, let isSecure): "\(isSecure ? "https" : "http")://\(host):\(port)"
    case .unix(let path): "http+unix://" + Self.escaped(path)
    }
  }

  private static func unix(_ path: Substring) throws(Fault) -> ServerAddress {
    guard path.hasPrefix("/") else { throw fault("a socket's path must be absolute") }
    guard path.utf8.count <= longestSocketPath else {
      throw fault("a socket's path has \(longestSocketPath) bytes at most, not \(path.utf8.count)")
    }
    return ServerAddress(place: .unix(path: String(path)), basePath: defaultPath)
  }

  private static func web(_ text: Substring, isSecure: Bool) throws(Fault) -> ServerAddress {
    let authority = text.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let path = text.dropFirst(authority.count)
    guard !authority.contains("@") else { throw fault("an address holds no user and no password") }
    guard !path.contains(where: { $0 == "?" || $0 == "#" || $0 == " " }) else {
      throw fault("an address has no query and no fragment")
    }
    // The colons of an IPv6 address stand in brackets.
    let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
    let colon = authority[bracket...].lastIndex(of: ":")
    let host = authority[..<(colon ?? authority.endIndex)]
    guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || !$0.isASCII }) else {
      throw fault("the host is missing or holds what no host does")
    }
    var port = isSecure ? 443 : 80
    if let colon {
      guard let given = Int(authority[authority.index(after: colon)...]), (1...65535).contains(given) else {
        throw fault("a port is a number from 1 to 65535")
      }
      port = given
    }
    var base = path[...]
    while base.hasSuffix("/") { base.removeLast() }
    return ServerAddress(
      place: .http(host: String(host), port: port, isSecure: isSecure),
      basePath: base.isEmpty ? defaultPath : String(base))
  }

  private static func rest(of text: String, after scheme: String) -> Substring? {
    text.lowercased().hasPrefix(scheme) ? text.dropFirst(scheme.count) : nil
  }

  private static func fault(_ cause: String) -> Fault {
    Fault(
      .configuration, "not a model server's address", cause: cause,
      advice: "write http://HOST:PORT, https://HOST/PATH or unix:/PATH; a key is given apart")
  }

  /// Percent-encoded but for what RFC 3986 leaves unreserved: the host of an `http+unix` address.
  private static func escaped(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var text = ""
    for byte in path.utf8 {
      let scalar = Unicode.Scalar(byte)
      if scalar.isASCII,
        scalar.properties.isAlphabetic || (48...57).contains(byte) || "-._~".utf8.contains(byte)
      {
        text.unicodeScalars.append(scalar)
      } else {
        text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
    return text
  }
}
