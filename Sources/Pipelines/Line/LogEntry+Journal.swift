import Events
import Journal
import NIOCore
import Service

extension LogEntry {
  /// Nil for a line that this version can't read.
  package init?(_ row: JournalRow) {
    let content: Content
    switch row.type {
    case .frame: content = .frame
    case .event:
      guard case .event(let record)? = try? RecordReader.read(row.line.utf8) else { return nil }
      let event = record.event
      content = .event(
        EventMark(id: event.id, kind: event.kind, phase: event.phase, objects: event.objects))
    }
    var line = ByteBuffer()
    line.reserveCapacity(row.line.utf8.count + 1)
    line.writeString(row.line)
    line.writeInteger(UInt8(ascii: "\n"))
    self.init(seq: row.seq, lastSeq: row.seq, content: content, time: row.time, line: line)
  }
}
