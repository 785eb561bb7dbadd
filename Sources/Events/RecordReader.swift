/// Reads a line that a server sent. Fields that this version doesn't know are passed over.
public enum RecordReader {
  public static func read(_ line: some Collection<UInt8>) throws(BadRecord) -> ServerMessage {
    let json: JSON
    do throws(JSONReader.Failure) {
      json = try JSONReader.read(line)
    } catch {
      throw BadRecord("not JSON: \(error)")
    }
    let type = json["type"]?.text ?? ""
    let fields = try FieldReader(json, type)
    switch type {
    case "frame": return .frame(try frame(fields))
    case "event": return .event(try event(fields))
    case "gap": return .gap(try gap(fields))
    case "hello": return .hello(try hello(fields))
    case "stream": return .stream(StreamNotice(entry: try entry(fields), reason: try fields.text("reason")))
    case "subscribed": return .subscribed(try subscribed(fields))
    case "status":
      return .status(StatusAnswer(id: fields.value("id"), report: json, part: try part(fields)))
    case "error":
      return .error(
        Refusal(
          rawCode: try fields.text("code"), try fields.text("message"), at: try fields.optionalText("where"),
          id: fields.value("id")))
    case "bye": return .bye(reason: try fields.optionalText("reason") ?? "")
    case "": throw BadRecord("a line without a type")
    default: return .unknown(type: type)
    }
  }

  private static func part(_ fields: FieldReader) throws(BadRecord) -> Part {
    Part(try fields.integer("part", default: 1), of: try fields.integer("parts", default: 1))
  }

  private static func hello(_ fields: FieldReader) throws(BadRecord) -> Hello {
    Hello(
      protocol: try fields.integer("protocol"), server: try fields.text("server"),
      streams: try fields.objects("streams", entry), part: try part(fields))
  }

  private static func entry(_ fields: FieldReader) throws(BadRecord) -> StreamEntry {
    StreamEntry(
      name: try fields.text("name"), kind: try fields.choice("kind"), state: try fields.choice("state"),
      rate: try fields.integer("rate"), epoch: try fields.text("epoch"),
      oldestSeq: try fields.integer("oldest_seq"), nextSeq: try fields.integer("next_seq"))
  }

  private static func gap(_ fields: FieldReader) throws(BadRecord) -> Gap {
    Gap(
      stream: try fields.text("stream"), epoch: try fields.text("epoch"),
      fromSeq: try fields.integer("from_seq"), toSeq: try fields.integer("to_seq"),
      types: try fields.choices("types"),
      count: fields.value("count") == nil ? nil : try fields.integer("count"),
      reason: try fields.choice("reason"))
  }

  private static func subscribed(_ fields: FieldReader) throws(BadRecord) -> Subscribed {
    Subscribed(
      id: fields.value("id"), subscription: try subscription(fields.object("subscription")),
      positions: try fields.objects("streams") { (fields) throws(BadRecord) in
        StreamPosition(
          stream: try fields.text("name"), epoch: try fields.text("epoch"),
          fromSeq: try fields.integer("from_seq"), liveSeq: try fields.integer("live_seq"))
      },
      openEvents: try fields.objects("open_events", event), part: try part(fields))
  }

  private static func subscription(_ fields: FieldReader) throws(BadRecord) -> Subscription {
    Subscription(
      streams: try fields.optionalTexts("streams"),
      types: fields.value("types") == nil ? nil : try fields.choices("types"),
      kinds: try fields.optionalTexts("kinds"), where: try fields.optionalText("where"),
      instruction: fields.value("instruction") == nil ? nil : try instruction(fields.object("instruction")),
      every: try fields.integer("every", default: 1),
      from: try start(fields), onLag: try fields.choice("on_lag"))
  }

  private static func instruction(_ fields: FieldReader) throws(BadRecord) -> Subscription.Instruction {
    Subscription.Instruction(
      system: try fields.optionalText("system"), input: try fields.optionalText("input"),
      constraint: try fields.optionalText("constraint"), output: try fields.optionalText("output"))
  }

  private static func start(_ fields: FieldReader) throws(BadRecord) -> Subscription.Start {
    if let word = fields.value("from")?.text {
      switch word {
      case "live": return .live
      case "oldest": return .oldest
      default: throw BadRecord("\(fields.place).from has a value that this version doesn't know")
      }
    }
    let from = try fields.object("from")
    if from.value("time")?.text != nil { return .time(try from.time("time")) }
    var positions: [Subscription.Position] = []
    for field in from.object.fields ?? [] {
      let place = try FieldReader(field.value, "\(from.place).\(field.key)")
      positions.append(
        Subscription.Position(
          stream: field.key, epoch: try place.text("epoch"), seq: try place.integer("seq")))
    }
    return .positions(positions)
  }
}
