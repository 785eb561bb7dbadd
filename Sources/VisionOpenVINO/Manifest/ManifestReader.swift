import Base
import FoundationEssentials

/// Takes the keys of a manifest one by one and says which is wrong.
struct ManifestReader {
  private let path: String
  private let values: [String: ManifestValue]
  private var asked: [String] = []

  init(_ bytes: [UInt8], at path: String) throws(Fault) {
    self.path = path
    do {
      values = try JSONDecoder().decode([String: ManifestValue].self, from: Data(bytes))
    } catch {
      let cause = (error as? DecodingError).map(Self.text) ?? "\(error)"
      throw Fault(
        .configuration, "the manifest isn't a JSON object", at: path, cause: cause,
        advice: "docs/detectors.md shows one")
    }
  }

  func fault(_ key: String, _ what: String, advice: String? = nil) -> Fault {
    Fault(.configuration, "`\(key)` \(what)", at: path, advice: advice)
  }

  /// To be called last.
  func refuseOthers() throws(Fault) {
    for key in values.keys.sorted() where !asked.contains(key) {
      throw Fault(
        .configuration, "unknown key `\(key)`", at: path,
        advice: NearestWord.find(key, in: asked).map { "did you mean `\($0)`?" }
          ?? "known keys: " + asked.joined(separator: ", "))
    }
  }

  private mutating func value(_ key: String) -> ManifestValue? {
    asked.append(key)
    return values[key]
  }

  mutating func word<Word: RawRepresentable & CaseIterable>(_ key: String) throws(Fault) -> Word?
  where Word.RawValue == String {
    guard let value = value(key) else { return nil }
    let known = Word.allCases.map(\.rawValue)
    guard case .text(let text) = value else { throw fault(key, "takes one of " + Self.listed(known)) }
    if let word = Word(rawValue: text) { return word }
    throw fault(
      key, "takes one of " + Self.listed(known) + "; this is `\(text)`",
      advice: NearestWord.find(text, in: known).map { "did you mean `\($0)`?" })
  }

  mutating func flag(_ key: String) throws(Fault) -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .flag(let flag) = value else { throw fault(key, "takes true or false") }
    return flag
  }

  mutating func whole(_ key: String, _ range: ClosedRange<Int>) throws(Fault) -> Int? {
    guard let value = value(key) else { return nil }
    guard let whole = value.whole, range.contains(whole) else {
      throw fault(key, "takes a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  mutating func share(_ key: String) throws(Fault) -> Double? {
    guard let value = value(key) else { return nil }
    guard case .number(let share) = value, (0...1).contains(share) else {
      throw fault(key, "takes a number from 0 to 1")
    }
    return share
  }

  /// One number for all channels, or three.
  mutating func channels(_ key: String, isPositive: Bool = false) throws(Fault) -> [Float]? {
    guard let value = value(key) else { return nil }
    let items = value.items ?? [value, value, value]
    var numbers: [Float] = []
    for case .number(let number) in items where !isPositive || number > 0 { numbers.append(Float(number)) }
    guard items.count == 3, numbers.count == 3 else {
      throw fault(key, "takes a number\(isPositive ? " above 0" : ""), or three, of pixels of 0…255")
    }
    return numbers
  }

  mutating func size(_ key: String, _ range: ClosedRange<Int>) throws(Fault) -> DetectorManifest.Size? {
    guard let value = value(key) else { return nil }
    guard let items = value.items, items.count == 2, let width = items[0].whole, let height = items[1].whole,
      range.contains(width), range.contains(height)
    else {
      throw fault(
        key,
        "takes width and height in pixels, each from \(range.lowerBound) to \(range.upperBound), as in [640, 384]"
      )
    }
    return DetectorManifest.Size(width: width, height: height)
  }

  /// The names themselves, or the file that has one a line.
  mutating func labels(_ key: String, atMost most: Int) throws(Fault) -> [String]? {
    guard let value = value(key) else { return nil }
    let labels: [String]
    switch value {
    case .text(let file): labels = try LabelFile.read(file.hasPrefix("/") ? file : folder + file)
    case .list(let items):
      labels = items.compactMap { if case .text(let name) = $0 { name } else { nil } }
      guard labels.count == items.count else { throw fault(key, "takes names, all in quotes") }
    default: throw fault(key, "takes a list of names, or the path of a file with one a line")
    }
    guard (1...most).contains(labels.count) else {
      throw fault(key, "takes 1 to \(most) names; these are \(labels.count)")
    }
    return labels
  }

  private var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

  private static func listed(_ words: [String]) -> String {
    words.map { "`\($0)`" }.joined(separator: ", ")
  }

  private static func text(_ error: DecodingError) -> String {
    switch error {
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context):
      context.debugDescription
    @unknown default: "\(error)"
    }
  }
}

/// A value of JSON.
enum ManifestValue: Decodable, Hashable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([ManifestValue])
  case object([String: ManifestValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let items = try? container.decode([ManifestValue].self) {
      self = .list(items)
    } else {
      self = .object(try container.decode([String: ManifestValue].self))
    }
  }

  var items: [ManifestValue]? { if case .list(let items) = self { items } else { nil } }
  var whole: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
}
