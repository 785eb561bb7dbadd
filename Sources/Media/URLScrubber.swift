/// Keeps credentials of sources out of what is logged or shown.
package enum URLScrubber {
  /// The text with every `user:password@` after `://` cut down to `***@`, up to the last `@` before a blank
  /// or quote, as unescaped passwords may hold slashes.
  package static func scrub(_ text: String) -> String {
    var kept: [UInt8] = []
    let bytes = Array(text.utf8)
    var at = 0
    while at < bytes.count {
      kept.append(bytes[at])
      at += 1
      guard kept.count >= 3, kept.suffix(3).elementsEqual("://".utf8) else { continue }
      let end = bytes[at...].firstIndex { $0 <= 32 || $0 == 34 || $0 == 39 || $0 == 96 } ?? bytes.count
      if let sign = bytes[at..<end].lastIndex(of: UInt8(ascii: "@")) {
        kept += Array("***".utf8)
        at = sign
      }
    }
    return String(decoding: kept, as: UTF8.self)
  }

  /// As `scrub`, and the source's URL shown as its user may see it.
  static func scrub(_ text: String, source: SourceConfiguration) -> String {
    var result = text
    if source.url.utf8.count > 3, source.url != source.shownURL {
      result = replace(source.url, by: source.shownURL, in: result)
    }
    return scrub(result)
  }

  private static func replace(_ word: String, by other: String, in text: String) -> String {
    var result: [UInt8] = []
    let text = Array(text.utf8)
    let word = Array(word.utf8)
    var at = 0
    while at < text.count {
      if text[at...].starts(with: word) {
        result += Array(other.utf8)
        at += word.count
      } else {
        result.append(text[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
