import Base
import Events
import NIOCore

/// One record as the log and the queues hold it: encoded once, its bytes shared by all that wait for it.
package struct LogEntry: Sendable {
  package enum Content: Sendable {
    case frame
    case event(EventMark)
    /// Frame records that were never made; the entry stands for `seq…lastSeq` and has no line.
    case late
  }

  package var seq: UInt64
  package var lastSeq: UInt64
  package var content: Content
  /// Frame records of this stream, made or missed, before this entry.
  package var ordinal: UInt64
  package var time: Timestamp
  /// With its line feed.
  package var line: ByteBuffer

  package init(
    seq: UInt64, lastSeq: UInt64, content: Content, ordinal: UInt64 = 0, time: Timestamp, line: ByteBuffer
  ) {
    self.seq = seq
    self.lastSeq = lastSeq
    self.content = content
    self.ordinal = ordinal
    self.time = time
    self.line = line
  }

  /// What it counts for where bytes are bounded. A late entry's line is written only when it is sent.
  package var bytes: Int { max(line.readableBytes, 128) }

  /// Frame records that it stands for.
  package var frames: UInt64 {
    switch content {
    case .frame: 1
    case .event: 0
    case .late: lastSeq - seq + 1
    }
  }
}

/// What filters and open events need of an event.
package struct EventMark: Sendable, Hashable {
  package var id: String
  package var kind: String
  package var phase: Event.Phase
  package var objects: [UInt64]

  package init(id: String, kind: String, phase: Event.Phase, objects: [UInt64] = []) {
    self.id = id
    self.kind = kind
    self.phase = phase
    self.objects = objects
  }
}
