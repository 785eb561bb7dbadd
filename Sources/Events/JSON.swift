/// A value of JSON as it was written: keys in their order, whole numbers apart from others.
public indirect enum JSON: Hashable, Sendable {
  case null
  case flag(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([Field])

  public struct Field: Hashable, Sendable {
    public var key: String
    public var value: JSON

    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The value under a key of an object; nil where there is none or this is no object.
  public subscript(key: String) -> JSON? {
    guard case .object(let fields) = self else { return nil }
    return fields.first { $0.key == key }?.value
  }

  public var fields: [Field]? {
    if case .object(let fields) = self { fields } else { nil }
  }
  public var items: [JSON]? {
    if case .list(let items) = self { items } else { nil }
  }
  public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }
  public var flag: Bool? {
    if case .flag(let flag) = self { flag } else { nil }
  }
  public var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }
  /// Of a number of either form.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// What it is, for messages: `a string`, `an object`.
  package var shape: String {
    switch self {
    case .null: "null"
    case .flag: "a boolean"
    case .integer, .number: "a number"
    case .text: "a string"
    case .list: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .flag(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(arrayLiteral elements: JSON...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { Field($0, $1) })
  }
}

extension JSON: CustomStringConvertible {
  /// One line of JSON.
  public var description: String {
    var buffer = LineBuffer()
    buffer.append(json: self)
    return buffer.withBytes { String(decoding: $0, as: UTF8.self) }
  }
}

extension LineBuffer {
  /// Numbers that are not whole keep at most six decimals.
  package mutating func append(json value: JSON) {
    switch value {
    case .null: append("null")
    case .flag(let flag): append(flag: flag)
    case .integer(let value): append(integer: value)
    case .number(let value): append(number: value, places: 6)
    case .text(let text): append(string: text)
    case .list(let items):
      append("[")
      for index in items.indices {
        if index > 0 { append(",") }
        append(json: items[index])
      }
      append("]")
    case .object(let fields):
      append("{")
      for index in fields.indices {
        if index > 0 { append(",") }
        append(string: fields[index].key)
        append(":")
        append(json: fields[index].value)
      }
      append("}")
    }
  }
}
