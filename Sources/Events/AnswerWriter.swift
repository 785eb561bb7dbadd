/// Writes what the server says besides records, each as one line or, where that would be too long, as several
/// with `part` and `parts`.
package enum AnswerWriter {
  package static func hello(server: String, streams: [StreamEntry]) -> [[UInt8]] {
    parts(
      head: [.init("type", "hello"), .init("protocol", 1), .init("server", .text(server))],
      lists: [("streams", streams.map { bytes(of: json($0)) })])
  }

  package static func notice(_ notice: StreamNotice) -> [UInt8] {
    line([.init("type", "stream")] + fields(notice.entry) + [.init("reason", .text(notice.reason))])
  }

  /// `openEvents` are the records as they were sent, without line feeds.
  package static func subscribed(
    id: JSON?, _ subscription: Subscription, positions: [StreamPosition], openEvents: [[UInt8]]
  ) -> [[UInt8]] {
    parts(
      head: head("subscribed", id) + [.init("subscription", json(subscription))],
      lists: [("streams", positions.map { bytes(of: json($0)) }), ("open_events", openEvents)])
  }

  /// `streams` are the objects of the streams, `fields` everything else.
  package static func status(id: JSON?, fields: [JSON.Field], streams: [JSON]) -> [[UInt8]] {
    parts(head: head("status", id) + fields, lists: [("streams", streams.map(bytes))])
  }

  package static func error(_ refusal: Refusal) -> [UInt8] {
    line(
      head("error", refusal.id) + [
        .init("code", .text(refusal.rawCode)), .init("message", .text(refusal.message)),
        .init("where", refusal.place.map(JSON.text) ?? .null),
      ])
  }

  /// To the control socket, when what was asked for is done: what that was.
  package static func done(id: JSON?, _ fields: [JSON.Field]) -> [UInt8] { line(head("done", id) + fields) }

  package static func bye(reason: String) -> [UInt8] {
    line([.init("type", "bye"), .init("reason", .text(reason))])
  }

  package static func gap(_ gap: Gap) -> [UInt8] {
    line([
      .init("type", "gap"), .init("stream", .text(gap.stream)), .init("epoch", .text(gap.epoch)),
      .init("from_seq", .integer(Int64(clamping: gap.fromSeq))),
      .init("to_seq", .integer(Int64(clamping: gap.toSeq))),
      .init("types", .list(gap.types.map { .text($0.rawValue) })),
      .init("count", gap.count.map { .integer(Int64(clamping: $0)) } ?? .null),
      .init("reason", .text(gap.reason.rawValue)),
    ])
  }

  private static func head(_ type: String, _ id: JSON?) -> [JSON.Field] {
    [.init("type", .text(type))] + (id.map { [.init("id", $0)] } ?? [])
  }

  private static func line(_ fields: [JSON.Field]) -> [UInt8] { bytes(of: .object(fields)) + [10] }

  private static func bytes(of value: JSON) -> [UInt8] {
    var buffer = LineBuffer(capacity: 512)
    buffer.append(json: value)
    return buffer.withBytes { Array($0) }
  }
}

// The objects that answers are made of.
extension AnswerWriter {
  package static func fields(_ entry: StreamEntry) -> [JSON.Field] {
    [
      .init("name", .text(entry.name)), .init("kind", .text(entry.kind.rawValue)),
      .init("state", .text(entry.state.rawValue)), .init("rate", .integer(Int64(entry.rate))),
      .init("epoch", .text(entry.epoch)),
      .init("oldest_seq", .integer(Int64(clamping: entry.oldestSeq))),
      .init("next_seq", .integer(Int64(clamping: entry.nextSeq))),
    ]
  }

  private static func json(_ entry: StreamEntry) -> JSON { .object(fields(entry)) }

  private static func json(_ position: StreamPosition) -> JSON {
    .object([
      .init("name", .text(position.stream)), .init("epoch", .text(position.epoch)),
      .init("from_seq", .integer(Int64(clamping: position.fromSeq))),
      .init("live_seq", .integer(Int64(clamping: position.liveSeq))),
    ])
  }

  /// As a request has it, with every key: `null` for all.
  package static func json(_ subscription: Subscription) -> JSON {
    func list(_ names: [String]?) -> JSON { names.map { .list($0.map(JSON.text)) } ?? .null }
    let from: JSON =
      switch subscription.from {
      case .live: "live"
      case .oldest: "oldest"
      case .time(let time): .object([.init("time", .text(time.description))])
      case .positions(let positions):
        .object(
          positions.map {
            .init(
              $0.stream,
              .object([.init("epoch", .text($0.epoch)), .init("seq", .integer(Int64(clamping: $0.seq)))]))
          })
      }
    return .object([
      .init("streams", list(subscription.streams)),
      .init("types", list(subscription.types?.map(\.rawValue))),
      .init("kinds", list(subscription.kinds)),
      .init("where", subscription.where.map { .text($0) } ?? .null),
      .init("instruction", subscription.instruction.map(json) ?? .null),
      .init("every", .integer(Int64(subscription.every))), .init("from", from),
      .init("on_lag", .text(subscription.onLag.rawValue)),
    ])
  }
}

extension AnswerWriter {
  private static func json(_ layers: Subscription.Instruction) -> JSON {
    .object(
      [
        ("system", layers.system), ("input", layers.input), ("constraint", layers.constraint),
        ("output", layers.output),
      ].compactMap { name, text in text.map { JSON.Field(name, .text($0)) } })
  }
}

// Lines that are cut into parts.
extension AnswerWriter {
  // Brackets, keys and `"part":999,"parts":999` of a line, beside its head and its items.
  private static let frameBytes = 160

  private static func parts(head: [JSON.Field], lists: [(key: String, items: [[UInt8]])]) -> [[UInt8]] {
    var start = bytes(of: .object(head))
    start.removeLast()
    let room = RecordWriter.longestLine - start.count - frameBytes
    var pages: [[[[UInt8]]]] = [lists.map { _ in [] }]
    var used = 0
    var leftOut = 0
    for (list, (_, items)) in lists.enumerated() {
      for item in items {
        // Only a record that fills a line by itself; its event is told of again when it changes or ends.
        guard item.count < room else {
          leftOut += 1
          continue
        }
        if used + item.count + 1 > room {
          pages.append(lists.map { _ in [] })
          used = 0
        }
        pages[pages.count - 1][list].append(item)
        used += item.count + 1
      }
    }
    return pages.enumerated().map { number, page in
      var line = start
      if pages.count > 1 { line += Array(",\"part\":\(number + 1),\"parts\":\(pages.count)".utf8) }
      for (list, items) in page.enumerated() {
        line += Array(",\"\(lists[list].key)\":[".utf8)
        line += items.joined(separator: [44])
        line.append(93)
      }
      if leftOut > 0 && number == 0 { line += Array(",\"left_out\":\(leftOut)".utf8) }
      return line + Array("}\n".utf8)
    }
  }
}
