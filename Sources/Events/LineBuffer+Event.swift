extension LineBuffer {
  mutating func append(numbers: [Double], places: Int) {
    append("[")
    for index in numbers.indices {
      if index > 0 { append(",") }
      append(number: numbers[index], places: places)
    }
    append("]")
  }

  mutating func append(_ event: Event) {
    append("{\"id\":")
    append(string: event.id)
    append(",\"kind\":")
    append(string: event.kind)
    append(",\"phase\":\"")
    switch event.phase {
    case .begin: append("begin")
    case .update: append("update")
    case .end: append("end")
    case .point: append("point")
    }
    append("\",\"since\":")
    append(number: event.since, places: 3)
    append(",\"last_seen\":")
    append(number: event.lastSeen, places: 3)
    append(",\"objects\":")
    append(integers: event.objects)
    append(",\"zones\":")
    append(strings: event.zones)
    append(",\"score\":")
    append(number: event.score, places: 3)
    append(",\"text\":")
    append(string: event.text)
    append(",\"attributes\":{")
    for index in event.attributes.indices {
      if index > 0 { append(",") }
      append(string: event.attributes[index].name)
      append(":")
      append(event.attributes[index].value)
    }
    append("}")
    if event.attributesLeftOut > 0 {
      append(",\"attributes_left_out\":")
      append(integer: Int64(event.attributesLeftOut))
    }
    if !event.changed.isEmpty {
      append(",\"changed\":")
      append(strings: event.changed)
    }
    if let reason = event.reason { append(reason) }
    if let mergedInto = event.mergedInto {
      append(",\"merged_into\":")
      append(string: mergedInto)
    }
    if event.late { append(",\"late\":true") }
    if let evidence = event.evidence { append(evidence) }
    append("}")
  }

  private mutating func append(_ evidence: AnswerEvidence) {
    append(",\"evidence\":{\"question\":")
    append(string: evidence.question)
    append(",\"frames\":")
    append(integers: evidence.frames)
    append(",\"times\":")
    append(numbers: evidence.times, places: 3)
    append(",\"objects\":")
    append(integers: evidence.objects)
    if let model = evidence.model {
      append(",\"model\":")
      append(string: model)
    }
    if let server = evidence.server {
      append(",\"server\":")
      append(string: server)
    }
    append(",\"latency_ms\":")
    append(integer: evidence.latencyMilliseconds)
    if let tokens = evidence.tokens {
      append(",\"tokens\":{\"prompt\":")
      append(integer: Int64(tokens.prompt))
      if let cached = tokens.cached {
        append(",\"cached\":")
        append(integer: Int64(cached))
      }
      append(",\"completion\":")
      append(integer: Int64(tokens.completion))
      append("}")
    }
    if evidence.sharers > 1 {
      append(",\"sharers\":")
      append(integer: Int64(evidence.sharers))
    }
    if let cause = evidence.cause {
      append(",\"cause\":")
      append(string: cause)
    }
    append("}")
  }

  private mutating func append(_ reason: Event.EndReason) {
    switch reason {
    case .left: append(",\"reason\":\"left\"")
    case .condition: append(",\"reason\":\"condition\"")
    case .complete: append(",\"reason\":\"complete\"")
    case .merged: append(",\"reason\":\"merged\"")
    case .signalLost: append(",\"reason\":\"signal_lost\"")
    case .stopped: append(",\"reason\":\"stopped\"")
    case .aborted: append(",\"reason\":\"aborted\"")
    }
  }

  private mutating func append(_ value: Attribute.Value) {
    switch value {
    case .number(let number): append(number: number, places: 6)
    case .integer(let integer): append(integer: integer)
    case .text(let text): append(string: text)
    case .flag(let flag): append(flag: flag)
    case .list(let items):
      append("[")
      for index in items.indices {
        if index > 0 { append(",") }
        append(items[index])
      }
      append("]")
    }
  }
}
