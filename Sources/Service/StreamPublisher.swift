import Base
import Conditions
import Events
import NIOCore

/// Where one stream's records go in. Any thread may call it, one at a time; no call waits for a client.
package final class StreamPublisher: @unchecked Sendable {
  // Safety: `writer`, `ends` and `lastTime` are used by one thread at a time, which is the caller's part of
  // the contract; the rest is constant and Sendable.
  private let stream: ServedStream
  private let inbox: Inbox
  private var writer = RecordWriter()
  private var ends: [Int] = []
  private var lastTime = Timestamp(milliseconds: 0)

  init(stream: ServedStream, inbox: Inbox) {
    self.stream = stream
    self.inbox = inbox
  }

  /// Sends the records of one tick: the frame record, then its events. Each bears its `seq`, which goes up by
  /// one from record to record; `replay` is false in all.
  package func publish(frame: FrameRecord? = nil, events: [EventRecord] = []) {
    guard frame != nil || !events.isEmpty else { return }
    writer.removeAll()
    ends.removeAll(keepingCapacity: true)
    if let frame {
      writer.write(frame)
      ends.append(writer.count)
      lastTime = frame.time
    }
    for event in events {
      writer.write(event)
      ends.append(writer.count)
    }
    let bytes = writer.lines.withBytes { ByteBuffer(bytes: $0) }

    var entries: [LogEntry] = []
    entries.reserveCapacity(ends.count)
    var start = 0
    func line(_ end: Int) -> ByteBuffer {
      defer { start = end }
      guard let slice = bytes.getSlice(at: start, length: end - start) else {
        preconditionFailure("line \(start)..<\(end) of \(bytes.readableBytes) bytes")
      }
      return slice
    }
    var index = 0
    if let frame {
      entries.append(
        LogEntry(
          seq: frame.seq, lastSeq: frame.seq, content: .frame, time: frame.time, line: line(ends[index])))
      index += 1
    }
    for record in events {
      let event = record.event
      let mark = EventMark(id: event.id, kind: event.kind, phase: event.phase, objects: event.objects)
      entries.append(
        LogEntry(
          seq: record.seq, lastSeq: record.seq, content: .event(mark), time: record.time,
          line: line(ends[index])))
      index += 1
    }
    inbox.put(.records(stream, entries), bytes: bytes.readableBytes)
  }

  /// The size of the pictures from the next record on, upright.
  package func see(_ picture: Picture) { inbox.put(.picture(stream, picture), bytes: 0) }

  /// Ticks that were missed by overload or suspend: each has used up a seq, and no frame record will come.
  package func late(fromSeq: UInt64, toSeq: UInt64) {
    precondition(fromSeq <= toSeq, "late ticks \(fromSeq)…\(toSeq)")
    let entry = LogEntry(
      seq: fromSeq, lastSeq: toSeq, content: .late, time: lastTime, line: ByteBuffer())
    inbox.put(.records(stream, [entry]), bytes: 0)
  }

  /// Tells the clients what the stream is doing now.
  package func update(state: StreamEntry.State, reason: String) {
    inbox.put(.state(stream, state, reason), bytes: 0)
  }

  /// Takes the stream away. Nothing may be published after it.
  package func remove(reason: String) {
    inbox.put(.removed(stream, reason), bytes: 0)
  }
}
