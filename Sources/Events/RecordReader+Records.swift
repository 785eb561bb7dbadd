extension RecordReader {
  static func frame(_ fields: FieldReader) throws(BadRecord) -> FrameRecord {
    let encoder = try fields.object("encoder")
    let scene = try fields.object("scene")
    return FrameRecord(
      stream: try fields.text("stream"), seq: try fields.integer("seq"), time: try fields.time("time"),
      mediaTime: try fields.number("media_time"), segment: try fields.integer("segment"),
      frame: try fields.integer("frame"), freshness: try fields.choice("freshness"),
      ageMilliseconds: try fields.integer("age_ms"),
      encoder: EncoderReport(
        ran: try encoder.texts("ran"), skipped: try encoder.optionalText("skipped"),
        milliseconds: try encoder.number("ms")),
      scene: SceneReport(
        state: try scene.choice("state"), mode: try scene.optionalChoice("mode"),
        motion: try scene.optionalNumber("motion"), luma: try scene.optionalNumber("luma"),
        sharpness: try scene.optionalNumber("sharpness")),
      objects: try fields.objects("objects", object),
      objectsLeftOut: try fields.integer("objects_left_out", default: 0),
      slice: fields.value("slice") == nil ? nil : try slice(fields.object("slice")),
      replay: try fields.flag("replay"))
  }

  private static func slice(_ fields: FieldReader) throws(BadRecord) -> SliceReport {
    SliceReport(
      index: try fields.integer("index"), z: try fields.optionalNumber("z_mm"),
      spacing: try fields.numbers("spacing_mm"), source: try fields.text("source"))
  }

  private static func object(_ fields: FieldReader) throws(BadRecord) -> ObjectReport {
    let box = try fields.tuple("box", count: 4)
    let velocity = try fields.tuple("velocity", count: 2)
    return ObjectReport(
      id: try fields.integer("id"), label: try fields.text("label"), score: try fields.number("score"),
      box: Box(x: box[0], y: box[1], width: box[2], height: box[3]), velocityX: velocity[0],
      velocityY: velocity[1], age: try fields.number("age"), still: try fields.number("still"),
      zones: try fields.texts("zones"), seen: try fields.choice("seen"),
      labelScore: try fields.optionalNumber("label_score"), labelAge: try fields.optionalNumber("label_age"))
  }

  static func event(_ fields: FieldReader) throws(BadRecord) -> EventRecord {
    let event = try fields.object("event")
    let attributes = try event.object("attributes").object.fields ?? []
    return EventRecord(
      stream: try fields.text("stream"), seq: try fields.integer("seq"), time: try fields.time("time"),
      mediaTime: try fields.number("media_time"), segment: try fields.integer("segment"),
      frame: try fields.integer("frame"),
      event: Event(
        id: try event.text("id"), kind: try event.text("kind"), phase: try event.choice("phase"),
        since: try event.number("since"), lastSeen: try event.number("last_seen"),
        objects: try event.integers("objects"), zones: try event.texts("zones"),
        score: try event.number("score"), text: try event.text("text"),
        attributes: try attributes.map { (field) throws(BadRecord) in
          Attribute(field.key, try value(field.value, "\(event.place).attributes.\(field.key)"))
        },
        changed: try event.texts("changed"), reason: try event.optionalChoice("reason"),
        mergedInto: try event.optionalText("merged_into"), late: try event.flag("late"),
        attributesLeftOut: try event.integer("attributes_left_out", default: 0),
        evidence: event.value("evidence") == nil ? nil : try evidence(event.object("evidence"))),
      replay: try fields.flag("replay"))
  }

  private static func evidence(_ fields: FieldReader) throws(BadRecord) -> AnswerEvidence {
    AnswerEvidence(
      question: try fields.text("question"), frames: try fields.integers("frames"),
      times: try fields.numbers("times"), objects: try fields.integers("objects"),
      model: try fields.optionalText("model"), server: try fields.optionalText("server"),
      latencyMilliseconds: try fields.integer("latency_ms"),
      tokens: fields.value("tokens") == nil ? nil : try tokens(fields.object("tokens")),
      sharers: try fields.integer("sharers", default: 1), cause: try fields.optionalText("cause"))
  }

  private static func tokens(_ fields: FieldReader) throws(BadRecord) -> AnswerEvidence.Tokens {
    AnswerEvidence.Tokens(
      prompt: try fields.integer("prompt"),
      cached: fields.value("cached") == nil ? nil : try fields.integer("cached"),
      completion: try fields.integer("completion"))
  }

  private static func value(_ json: JSON, _ place: String) throws(BadRecord) -> Attribute.Value {
    switch json {
    case .integer(let integer): return .integer(integer)
    case .number(let number): return .number(number)
    case .text(let text): return .text(text)
    case .flag(let flag): return .flag(flag)
    case .list(let items):
      return .list(try items.map { (item) throws(BadRecord) in try value(item, place) })
    case .null, .object: throw BadRecord("\(place) is \(json.shape), which no attribute is")
    }
  }
}
