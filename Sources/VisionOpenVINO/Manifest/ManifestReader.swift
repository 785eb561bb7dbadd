import Base
import Events

/// Takes the keys of a manifest one by one and says which is wrong.
struct ManifestReader {
  private let path: String
  private let values: [JSON.Field]
  private var asked: [String] = []

  init(_ text: String, at path: String) throws(Fault) {
    self.path = path
    let value: JSON
    do throws(JSONReader.Failure) { value = try JSONReader.read(text.utf8) } catch {
      throw Self.noObject(path, "\(error)")
    }
    guard let fields = value.fields else { throw Self.noObject(path, "it is \(value.shape)") }
    values = fields
  }

  private static func noObject(_ path: String, _ cause: String) -> Fault {
    Fault(
      .configuration, "the manifest isn't a JSON object", at: path, cause: cause,
      advice: "docs/detectors.md shows one")
  }

  func fault(_ key: String, _ what: String, advice: String? = nil) -> Fault {
    Fault(.configuration, "`\(key)` \(what)", at: path, advice: advice)
  }

  /// To be called last.
  func refuseOthers() throws(Fault) {
    for key in values.map(\.key) where !asked.contains(key) {
      throw Fault(
        .configuration, "unknown key `\(key)`", at: path,
        advice: NearestWord.find(key, in: asked).map { "did you mean `\($0)`?" }
          ?? "known keys: " + asked.joined(separator: ", "))
    }
  }

  private mutating func value(_ key: String) -> JSON? {
    asked.append(key)
    return values.last { $0.key == key }?.value
  }

  mutating func word<Word: RawRepresentable & CaseIterable>(_ key: String) throws(Fault) -> Word?
  where Word.RawValue == String {
    guard let value = value(key) else { return nil }
    let known = Word.allCases.map(\.rawValue)
    guard let text = value.text else { throw fault(key, "takes one of " + Self.listed(known)) }
    if let word = Word(rawValue: text) { return word }
    throw fault(
      key, "takes one of " + Self.listed(known) + "; this is `\(text)`",
      advice: NearestWord.find(text, in: known).map { "did you mean `\($0)`?" })
  }

  mutating func flag(_ key: String) throws(Fault) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let flag = value.flag else { throw fault(key, "takes true or false") }
    return flag
  }

  mutating func whole(_ key: String, _ range: ClosedRange<Int>) throws(Fault) -> Int? {
    guard let value = value(key) else { return nil }
    guard let whole = value.integer.map({ Int($0) }), range.contains(whole) else {
      throw fault(key, "takes a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  mutating func share(_ key: String) throws(Fault) -> Double? {
    guard let value = value(key) else { return nil }
    guard let share = value.number, (0...1).contains(share) else {
      throw fault(key, "takes a number from 0 to 1")
    }
    return share
  }

  /// One number for all channels, or three.
  mutating func channels(_ key: String, isPositive: Bool = false) throws(Fault) -> [Float]? {
    guard let value = value(key) else { return nil }
    let items = value.items ?? [value, value, value]
    let numbers = items.compactMap(\.number).filter { !isPositive || $0 > 0 }.map { Float($0) }
    guard items.count == 3, numbers.count == 3 else {
      throw fault(key, "takes a number\(isPositive ? " above 0" : ""), or three, of pixels of 0…255")
    }
    return numbers
  }

  mutating func size(_ key: String, _ range: ClosedRange<Int>) throws(Fault) -> DetectorManifest.Size? {
    guard let value = value(key) else { return nil }
    guard let items = value.items, items.count == 2, let width = items[0].integer.map({ Int($0) }),
      let height = items[1].integer.map({ Int($0) }),
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
      labels = items.compactMap(\.text)
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
}
