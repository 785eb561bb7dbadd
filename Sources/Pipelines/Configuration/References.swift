import Base

/// Replaces `${NAME}` by an environment variable and `${file:PATH}` by a file's content, so that
/// passwords need not stand in pipeline files.
struct References {
  let environment: [String: String]
  /// Relative paths of `${file:…}` start here; empty, or with a slash at its end.
  let folder: String

  struct Missing: Error {
    let what: String
    let advice: String
  }

  /// - Parameter url: Whether values that land between `://` and the host are percent-encoded, so that a
  ///   password may hold `@`, `/` or `:`.
  func resolved(_ text: String, asURL url: Bool) throws(Missing) -> String {
    var result = ""
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "$") {
      result += rest[..<start]
      rest = rest[start...]
      guard rest.hasPrefix("${") else {
        result.append(rest.removeFirst())
        continue
      }
      guard let end = rest.closingBrace else {
        throw Missing(what: "`\(rest)` has no closing brace", advice: "write `${NAME}` or `${file:/path}`")
      }
      let inside = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end])
      rest = rest[rest.index(after: end)...]
      let value = try value(of: inside)
      result += url && Self.isInUserInfo(before: result, after: rest) ? Self.encoded(value) : value
    }
    return result + rest
  }

  private func value(of reference: String) throws(Missing) -> String {
    if reference.hasPrefix("file:") {
      var path = try resolved(String(reference.dropFirst("file:".count)), asURL: false)
      if !path.hasPrefix("/") { path = folder + path }
      return try content(of: path)
    }
    guard let first = reference.unicodeScalars.first, !("0"..."9").contains(first),
      reference.unicodeScalars.allSatisfy({ Self.isNameScalar($0) })
    else {
      throw Missing(
        what: "`${\(reference)}` is no reference", advice: "write `${NAME}` or `${file:/path}`")
    }
    guard let value = environment[reference] else {
      throw Missing(
        what: "the environment variable `\(reference)` is not set",
        advice: "set it, or write `${file:/path}` to read the value from a file")
    }
    return value
  }

  private func content(of path: String) throws(Missing) -> String {
    do {
      var text = try TextFile.read(path, limit: 4096)
      while text.last == "\n" || text.last == "\r\n" { text.removeLast() }
      guard !text.contains(where: \.isNewline) else {
        throw Fault(.configuration, "it has more than one line")
      }
      return text
    } catch {
      let fault = error as? Fault
      throw Missing(
        what: "the secret in `\(path)` can't be read: \(fault?.cause ?? fault?.what ?? "\(error)")",
        advice: "the file must hold the value on one line, readable by this user")
    }
  }

  private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    ("A"..."Z").contains(scalar) || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
      || scalar == "_"
  }

  /// Between `://` and an `@` that comes before the path.
  private static func isInUserInfo(before: String, after: Substring) -> Bool {
    var authority = Substring(before)
    guard let slashes = authority.range(of: "://") else { return false }
    authority = authority[slashes.upperBound...]
    guard !authority.contains(where: { "/?#@".contains($0) }) else { return false }
    let following = after.prefix { !"/?#".contains($0) }
    return following.contains("@")
  }

  /// RFC 3986, section 2.3: all but the unreserved characters.
  private static func encoded(_ value: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var result = ""
    for byte in value.utf8 {
      let scalar = Unicode.Scalar(byte)
      if isNameScalar(scalar) || scalar == "-" || scalar == "." || scalar == "~" {
        result.unicodeScalars.append(scalar)
      } else {
        result += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
      }
    }
    return result
  }
}
