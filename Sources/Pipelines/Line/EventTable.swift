import Events

/// Event records as a table (RFC 4180), one row each, for spreadsheets and databases. Frame records have no row.
package struct EventTable: Sendable {
  package static let header =
    "stream,seq,time,media_time,kind,phase,id,since,last_seen,objects,zones,score,reason,text,attributes\r\n"

  package init() {}

  package func row(_ record: EventRecord) -> String {
    let event = record.event
    let attributes = JSON.object(event.attributes.map { JSON.Field($0.name, Self.json($0.value)) })
    let fields = [
      record.stream, String(record.seq), record.time.description, Self.number(record.mediaTime), event.kind,
      event.phase.rawValue, event.id, Self.number(event.since), Self.number(event.lastSeen),
      event.objects.map { String($0) }.joined(separator: " "), event.zones.joined(separator: " "),
      Self.number(event.score), event.reason?.rawValue ?? "", event.text,
      event.attributes.isEmpty ? "" : attributes.description,
    ]
    return fields.map(Self.field).joined(separator: ",") + "\r\n"
  }

  /// A line for people: time on the recording, what, and the sentence.
  package func sentence(_ record: EventRecord) -> String {
    "\(Self.number(record.mediaTime)) s  \(record.event.phase.rawValue)  \(record.event.kind): \(record.event.text)\n"
  }

  private static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// With three decimals at most.
  private static func number(_ value: Double) -> String {
    let thousandths = (value * 1000).rounded() / 1000
    return thousandths == thousandths.rounded() && abs(thousandths) < 1e15
      ? String(Int64(thousandths)) : String(thousandths)
  }

  private static func json(_ value: Attribute.Value) -> JSON {
    switch value {
    case .number(let v): .number((v * 1e6).rounded() / 1e6)
    case .integer(let n): .integer(n)
    case .text(let text): .text(text)
    case .flag(let flag): .flag(flag)
    case .list(let all): .list(all.map(json))
    }
  }
}
