/// Reads a line that a client sent. Strict: what it doesn't know is refused, with its place.
package enum RequestReader {
  // Names in one list, and bytes of one name: far more than anyone has streams, and the answer fits a line.
  private static let mostNames = 200
  private static let longestName = 128
  private static let longestCondition = 4096

  /// What each socket is asked for.
  static let keys = ["subscribe", "status"]
  static let controlKeys = ["reload", "retry", "stop", "status"]

  package static func read(_ line: some Collection<UInt8>) throws(Refusal) -> Request {
    let (id, ask) = try read(line, keys, or: (controlKeys, "control")) {
      (key, fields) throws(Refusal) -> Request.Ask in
      if key == "subscribe" { return .subscribe(try subscription(fields)) }
      try refuse(fields, of: key)
      return .status
    }
    return Request(id: id, ask)
  }

  /// What all requests have in common: an id, and one key that says what is asked for.
  ///
  /// - Parameter others: What may be asked of another socket, to point there.
  static func read<Ask>(
    _ line: some Collection<UInt8>, _ keys: [String], or others: (keys: [String], socket: String),
    _ read: (String, [JSON.Field]) throws(Refusal) -> Ask
  ) throws(Refusal) -> (id: JSON?, ask: Ask) {
    let json: JSON
    do throws(JSONReader.Failure) {
      json = try JSONReader.read(line)
    } catch {
      throw Refusal(.notJSON, "the line is not JSON: \(error.message)", at: "byte \(error.offset)")
    }
    guard let fields = json.fields else {
      throw Refusal(.unknownRequest, "a request is an object, not \(json.shape)")
    }
    var id: JSON?
    if let given = json["id"] {
      switch given {
      case .integer: id = given
      case .text(let text) where text.utf8.count <= 256: id = given
      default:
        throw Refusal(.badValue, "id must be a whole number or a string of at most 256 bytes", at: "id")
      }
    }
    do throws(Refusal) {
      return (id, try ask(fields, keys, others, read))
    } catch {
      var refusal = error
      refusal.id = id
      throw refusal
    }
  }

  private static func ask<Ask>(
    _ fields: [JSON.Field], _ keys: [String], _ others: (keys: [String], socket: String),
    _ read: (String, [JSON.Field]) throws(Refusal) -> Ask
  ) throws(Refusal) -> Ask {
    let asks = fields.filter { keys.contains($0.key) }
    guard let ask = asks.first, asks.count == 1 else {
      if let other = fields.first(where: { asks.isEmpty && others.keys.contains($0.key) }) {
        throw Refusal(.unknownRequest, "\(other.key) is asked of the \(others.socket) socket")
      }
      let list = keys.dropLast().joined(separator: ", ")
      // Safety: both lists of keys have several.
      let last = keys.last!
      throw Refusal(
        .unknownRequest,
        asks.isEmpty ? "a request has the key \(list) or \(last)" : "\(list) and \(last) take a line each")
    }
    if let other = fields.first(where: { $0.key != "id" && $0.key != ask.key }) {
      throw Refusal(.unknownField, "there is no field \(other.key) beside \(ask.key)", at: other.key)
    }
    guard let given = ask.value.fields else {
      throw Refusal(.badValue, "\(ask.key) must be an object, not \(ask.value.shape)", at: ask.key)
    }
    return try read(ask.key, given)
  }

  /// For what takes no fields.
  static func refuse(_ fields: [JSON.Field], of key: String) throws(Refusal) {
    guard let field = fields.first else { return }
    throw Refusal(.unknownField, "\(key) has no field \(field.key)", at: "\(key).\(field.key)")
  }

  private static func subscription(_ fields: [JSON.Field]) throws(Refusal) -> Subscription {
    var subscription = Subscription()
    for field in fields {
      let place = "subscribe.\(field.key)"
      let value = field.value
      switch field.key {
      case "streams": subscription.streams = try names(value, place)
      case "kinds": subscription.kinds = try names(value, place)
      case "types":
        subscription.types = try names(value, place)?.enumerated().map {
          (index, name) throws(Refusal) in try choice(.text(name), "\(place)[\(index)]")
        }
      case "every":
        guard let every = value.integer, every >= 1, every <= 1_000_000 else {
          throw Refusal(.badValue, "every must be a whole number from 1 to 1000000", at: place)
        }
        subscription.every = Int(every)
      case "from": subscription.from = try start(value, place)
      case "on_lag": subscription.onLag = try choice(value, place)
      case "where":
        if value == .null { continue }
        guard let text = value.text, !text.isEmpty, text.utf8.count <= longestCondition else {
          throw Refusal(
            .badValue, "must be a condition of 1 to \(longestCondition) bytes, such as \"object.age > 2 s\"",
            at: place)
        }
        subscription.where = text
      case "instruction":
        if value == .null { continue }
        subscription.instruction = try instruction(value, place)
      default:
        throw Refusal(
          .unknownField,
          "subscribe has no field \(field.key); it has streams, types, kinds, where, instruction, every, from, on_lag",
          at: place)
      }
    }
    if subscription.where != nil, subscription.instruction != nil {
      throw Refusal(.badValue, "takes the place of where; give one of them", at: "subscribe.instruction")
    }
    return subscription
  }

  private static func instruction(
    _ value: JSON, _ place: String
  ) throws(Refusal) -> Subscription.Instruction {
    guard let fields = value.fields else {
      throw Refusal(.badValue, "must be an object of layers, not \(value.shape)", at: place)
    }
    var layers = Subscription.Instruction()
    for field in fields where field.value != .null {
      let here = "\(place).\(field.key)"
      guard let text = field.value.text, !text.isEmpty, text.utf8.count <= longestCondition else {
        throw Refusal(.badValue, "must be a sentence of 1 to \(longestCondition) bytes", at: here)
      }
      switch field.key {
      case "system": layers.system = text
      case "input": layers.input = text
      case "constraint": layers.constraint = text
      case "output": layers.output = text
      default:
        throw Refusal(
          .unknownField, "an instruction has the layers system, input, constraint, output", at: here)
      }
    }
    return layers
  }

  /// A list of names; nil for `null`, which means all.
  static func names(_ value: JSON, _ place: String) throws(Refusal) -> [String]? {
    if value == .null { return nil }
    guard let items = value.items else {
      throw Refusal(.badValue, "must be an array of strings, not \(value.shape)", at: place)
    }
    guard !items.isEmpty else {
      throw Refusal(.badValue, "is empty and would match nothing; leave it out for all", at: place)
    }
    guard items.count <= mostNames else {
      throw Refusal(.badValue, "has more than \(mostNames) entries", at: place)
    }
    var names: [String] = []
    for (index, item) in items.enumerated() {
      guard let name = item.text, !name.isEmpty, name.utf8.count <= longestName else {
        throw Refusal(
          .badValue, "must be a string of 1 to \(longestName) bytes", at: "\(place)[\(index)]")
      }
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ value: JSON, _ place: String
  ) throws(Refusal) -> Choice {
    if let text = value.text, let choice = Choice(rawValue: text) { return choice }
    let known = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    throw Refusal(.badValue, "must be one of \(known)", at: place)
  }

  private static func start(_ value: JSON, _ place: String) throws(Refusal) -> Subscription.Start {
    switch value {
    case "live": return .live
    case "oldest": return .oldest
    // A stream may be called `time`, but what it maps to is then an object.
    case .object(let fields)
    where fields.count == 1 && fields[0].key == "time" && fields[0].value.fields == nil:
      guard let text = fields[0].value.text, let time = Timestamp(text) else {
        throw Refusal(
          .badValue, "must be a time in UTC such as 2026-11-23T13:45:20Z", at: "\(place).time")
      }
      return .time(time)
    case .object(let fields) where !fields.isEmpty:
      var positions: [Subscription.Position] = []
      for field in fields { positions.append(try position(field, "\(place).\(field.key)")) }
      return .positions(positions)
    default:
      throw Refusal(
        .badValue,
        "must be \"live\", \"oldest\", {\"time\":\"…\"} or {\"<stream>\":{\"epoch\":\"…\",\"seq\":…}}",
        at: place)
    }
  }

  private static func position(
    _ field: JSON.Field, _ place: String
  ) throws(Refusal) -> Subscription.Position {
    guard let fields = field.value.fields else {
      throw Refusal(.badValue, "must be {\"epoch\":\"…\",\"seq\":…}", at: place)
    }
    if let other = fields.first(where: { $0.key != "epoch" && $0.key != "seq" }) {
      throw Refusal(.unknownField, "there is no field \(other.key)", at: "\(place).\(other.key)")
    }
    guard let epoch = field.value["epoch"]?.text else {
      throw Refusal(.badValue, "must be a string", at: "\(place).epoch")
    }
    guard let seq = field.value["seq"]?.integer, seq >= 1 else {
      throw Refusal(.badValue, "must be a whole number from 1", at: "\(place).seq")
    }
    return Subscription.Position(stream: field.key, epoch: epoch, seq: UInt64(seq))
  }
}
