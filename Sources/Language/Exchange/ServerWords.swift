import Events

/// What servers say of themselves, fit for a log: one line, short, no control characters.
enum ServerWords {
  static let longest = 200

  static func quote(_ bytes: some Collection<UInt8>) -> String {
    // A character has at most a handful of bytes that matter here.
    short(String(decoding: bytes.prefix(4 * longest), as: UTF8.self))
  }

  /// The message of an error's body: `error.message`, `error`, `detail`, `message`, or all of it.
  static func message(of body: some Collection<UInt8>) -> String {
    guard let json = try? JSONReader.read(body) else { return quote(body) }
    return message(of: json)
  }

  static func message(of json: JSON) -> String {
    let places = [json["error"]?["message"], json["error"], json["detail"], json["message"]]
    for place in places { if let text = place?.text { return short(text) } }
    return short(json.description)
  }

  static func short(_ text: String) -> String {
    var kept = String.UnicodeScalarView()
    var wasBlank = true
    for scalar in text.unicodeScalars {
      let isBlank = scalar.value < 0x21 || (0x7F...0xA0).contains(scalar.value)
      if kept.count == longest { return String(kept) + "…" }
      if !(isBlank && wasBlank) { kept.append(isBlank ? " " : scalar) }
      wasBlank = isBlank
    }
    return String(kept)
  }
}
