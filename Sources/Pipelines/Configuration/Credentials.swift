/// Keeps secrets out of whatever people or machines read: logs, errors, status, records.
package enum Credentials {
  /// The text with every password of a URL in it replaced by `***`: `rtsp://user:***@host/`, and the
  /// values of query fields that hold secrets. References such as `${CAM_PASSWORD}` stay, as they
  /// tell nothing.
  package static func hidden(in text: String) -> String {
    hiddenKeys(in: hiddenQueryFields(in: hiddenUserInfo(in: text)))
  }

  /// What stands behind `key:`, as a model server's is written.
  private static func hiddenKeys(in text: String) -> String {
    guard text.contains("key") else { return text }
    var result = ""
    var rest = Substring(text)
    while let key = rest.firstRange(of: "key:") {
      let before = key.lowerBound > rest.startIndex ? rest[rest.index(before: key.lowerBound)] : " "
      let value = rest[key.upperBound...].drop { $0 == " " || $0 == "\t" }
      result += rest[..<value.startIndex]
      rest = value
      let quotes: [Character] = ["\"", "'"]
      guard before.isWhitespace || "{,-".contains(before) else { continue }
      let secret =
        value.first.map { quotes.contains($0) } ?? false
        ? value.dropFirst().prefix { $0 != value.first }
        : value.prefix { !",}`".contains($0) && !$0.isNewline || value.hasPrefix("${") && $0 == "}" }
      if secret.first.map({ quotes.contains($0) }) ?? false || secret.isReferencesOnly { continue }
      result += value[..<secret.startIndex] + "***"
      rest = rest[secret.endIndex...]
    }
    return result + rest
  }

  private static func hiddenUserInfo(in text: String) -> String {
    var result = ""
    var rest = Substring(text)
    while let scheme = rest.firstRange(of: "://") {
      result += rest[..<scheme.upperBound]
      rest = rest[scheme.upperBound...]
      // A raw password may hold anything but a blank or a quote, a slash too: up to the last `@`.
      let word = rest.prefix { !$0.isWhitespace && $0 != "\"" && $0 != "'" && $0 != "`" }
      let until = word.range(of: "://").map { word[..<$0.lowerBound] } ?? word
      guard let at = until.lastIndex(of: "@") else { continue }
      let userInfo = until[..<at]
      if let colon = userInfo.firstIndexOutsideReferences(of: ":") {
        let password = userInfo[userInfo.index(after: colon)...]
        result += userInfo[...colon] + (password.isReferencesOnly ? password : "***")
      } else {
        result += userInfo
      }
      rest = rest[at...]
    }
    return result + rest
  }

  private static let secretFields = ["pass", "pwd", "token", "secret", "auth", "key", "signature", "sig"]

  private static func hiddenQueryFields(in text: String) -> String {
    guard text.contains("=") else { return text }
    var result = ""
    var rest = Substring(text)
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals].reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
      let start = rest.index(equals, offsetBy: -name.count)
      let isField = start > rest.startIndex && "?&;".contains(rest[rest.index(before: start)])
      result += rest[...equals]
      rest = rest[rest.index(after: equals)...]
      let plain = String(name.reversed()).lowercased()
      guard isField, secretFields.contains(where: { plain.contains($0) }) else { continue }
      let value = rest.prefix { !$0.isWhitespace && !"&;\"'`".contains($0) }
      result += value.isReferencesOnly ? value : "***"
      rest = rest[value.endIndex...]
    }
    return result + rest
  }
}

extension Substring {
  fileprivate func firstRange(of word: String) -> Range<Index>? { range(of: word) }

  fileprivate func range(of word: String) -> Range<Index>? {
    var from = startIndex
    while from < endIndex {
      if self[from...].hasPrefix(word) { return from..<index(from, offsetBy: word.count) }
      from = index(after: from)
    }
    return nil
  }

  /// Empty, or nothing but `${…}` one after the other.
  fileprivate var isReferencesOnly: Bool {
    var rest = self
    while rest.hasPrefix("${") {
      guard let end = rest.closingBrace else { return false }
      rest = rest[rest.index(after: end)...]
    }
    return rest.isEmpty
  }

  fileprivate func firstIndexOutsideReferences(of character: Character) -> Index? {
    var at = startIndex
    while at < endIndex {
      if self[at...].hasPrefix("${"), let end = self[at...].closingBrace { at = end }
      if self[at] == character { return at }
      at = index(after: at)
    }
    return nil
  }

  /// Of the reference that this text starts with; references may hold references.
  var closingBrace: Index? {
    var depth = 0
    for at in indices {
      if self[at...].hasPrefix("${") { depth += 1 }
      if self[at] == "}" {
        depth -= 1
        if depth == 0 { return at }
      }
    }
    return nil
  }
}
