/// A line from the server that is not what its type should be.
public struct BadRecord: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, and where in the line.
  public var description: String

  public init(_ description: String) { self.description = description }
}

/// Reads the fields of one object; those that nobody asks for are passed over.
struct FieldReader {
  let object: JSON
  /// For messages: `frame.objects[2]`.
  let place: String

  init(_ value: JSON, _ place: String) throws(BadRecord) {
    guard value.fields != nil else { throw BadRecord("\(place) is \(value.shape), not an object") }
    object = value
    self.place = place
  }

  private func bad(_ key: String, _ wanted: String) -> BadRecord {
    BadRecord("\(place).\(key) is \(object[key]?.shape ?? "missing"), not \(wanted)")
  }

  /// Nil where the key is missing or null.
  func value(_ key: String) -> JSON? {
    guard let value = object[key], value != .null else { return nil }
    return value
  }

  func text(_ key: String) throws(BadRecord) -> String {
    guard let text = object[key]?.text else { throw bad(key, "a string") }
    return text
  }

  func optionalText(_ key: String) throws(BadRecord) -> String? {
    value(key) == nil ? nil : try text(key)
  }

  func number(_ key: String) throws(BadRecord) -> Double {
    guard let number = object[key]?.number else { throw bad(key, "a number") }
    return number
  }

  func optionalNumber(_ key: String) throws(BadRecord) -> Double? {
    value(key) == nil ? nil : try number(key)
  }

  func integer<Whole: FixedWidthInteger>(_ key: String, _: Whole.Type = Whole.self) throws(BadRecord) -> Whole
  {
    guard let integer = object[key]?.integer, let whole = Whole(exactly: integer) else {
      throw bad(key, "a whole number in range")
    }
    return whole
  }

  func integer<Whole: FixedWidthInteger>(_ key: String, default: Whole) throws(BadRecord) -> Whole {
    value(key) == nil ? `default` : try integer(key)
  }

  func flag(_ key: String) throws(BadRecord) -> Bool {
    guard let value = value(key) else { return false }
    guard let flag = value.flag else { throw bad(key, "true or false") }
    return flag
  }

  func choice<Choice: RawRepresentable<String>>(_ key: String) throws(BadRecord) -> Choice {
    guard let text = object[key]?.text, let choice = Choice(rawValue: text) else {
      throw BadRecord("\(place).\(key) has a value that this version doesn't know")
    }
    return choice
  }

  func optionalChoice<Choice: RawRepresentable<String>>(_ key: String) throws(BadRecord) -> Choice? {
    value(key) == nil ? nil : try choice(key)
  }

  func time(_ key: String) throws(BadRecord) -> Timestamp {
    guard let time = Timestamp(try text(key)) else { throw bad(key, "a time in UTC") }
    return time
  }

  func object(_ key: String) throws(BadRecord) -> FieldReader {
    guard let value = object[key] else { throw bad(key, "an object") }
    return try FieldReader(value, "\(place).\(key)")
  }

  /// Empty where the key is missing or null.
  func list<Item>(
    _ key: String, _ item: (JSON, String) throws(BadRecord) -> Item
  ) throws(BadRecord) -> [Item] {
    guard let value = value(key) else { return [] }
    guard let items = value.items else { throw bad(key, "an array") }
    var list: [Item] = []
    list.reserveCapacity(items.count)
    for (index, value) in items.enumerated() { list.append(try item(value, "\(place).\(key)[\(index)]")) }
    return list
  }

  func objects<Item>(
    _ key: String, _ item: (FieldReader) throws(BadRecord) -> Item
  ) throws(BadRecord) -> [Item] {
    try list(key) { (value, place) throws(BadRecord) in try item(FieldReader(value, place)) }
  }

  func texts(_ key: String) throws(BadRecord) -> [String] {
    try list(key) { (value, place) throws(BadRecord) in
      guard let text = value.text else { throw BadRecord("\(place) is \(value.shape), not a string") }
      return text
    }
  }

  func optionalTexts(_ key: String) throws(BadRecord) -> [String]? {
    value(key) == nil ? nil : try texts(key)
  }

  func numbers(_ key: String) throws(BadRecord) -> [Double] {
    try list(key) { (value, place) throws(BadRecord) in
      guard let number = value.number else { throw BadRecord("\(place) is \(value.shape), not a number") }
      return number
    }
  }

  func integers(_ key: String) throws(BadRecord) -> [UInt64] {
    try list(key) { (value, place) throws(BadRecord) in
      guard let integer = value.integer, let whole = UInt64(exactly: integer) else {
        throw BadRecord("\(place) is not a whole number from 0")
      }
      return whole
    }
  }

  func choices<Choice: RawRepresentable<String>>(_ key: String) throws(BadRecord) -> [Choice] {
    try list(key) { (value, place) throws(BadRecord) in
      guard let choice = value.text.flatMap(Choice.init(rawValue:)) else {
        throw BadRecord("\(place) has a value that this version doesn't know")
      }
      return choice
    }
  }

  /// Exactly so many numbers.
  func tuple(_ key: String, count: Int) throws(BadRecord) -> [Double] {
    let numbers = try numbers(key)
    guard numbers.count == count else { throw BadRecord("\(place).\(key) has not \(count) numbers") }
    return numbers
  }
}
