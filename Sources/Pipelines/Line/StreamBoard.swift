import Base
import Conditions
import Events
import Service

/// Where a daemon's streams are put up for clients.
package protocol StreamBoard: Sendable {
  /// A stream that clients see from now on. One of the same name is replaced by it.
  ///
  /// - Parameters:
  ///   - firstSeq: The seq of its first record.
  ///   - setting: What conditions of its subscribers may refer to.
  func add(
    name: String, kind: StreamEntry.Kind, rate: Int, epoch: String, firstSeq: UInt64, setting: Setting
  ) -> any StreamOutlet
}

/// The place of one stream on the board: takes its records, and what is told about it.
package protocol StreamOutlet: RecordSink {
  func update(state: StreamEntry.State, reason: String)
  /// Takes the stream off the board. Nothing is told of it after that.
  func remove(reason: String)
}

extension EventServer: StreamBoard {
  package func add(
    name: String, kind: StreamEntry.Kind, rate: Int, epoch: String, firstSeq: UInt64, setting: Setting
  ) -> any StreamOutlet {
    addStream(name: name, kind: kind, rate: rate, epoch: epoch, firstSeq: firstSeq, setting: setting)
  }
}

/// No call waits for a client, and clients come and go: it is never closed.
extension StreamPublisher: StreamOutlet {
  package func write(_ frame: FrameRecord?, _ events: [EventRecord]) { publish(frame: frame, events: events) }
  package func late(from first: UInt64, count: UInt64) { late(fromSeq: first, toSeq: first + count - 1) }
  package func flush() {}
  package var isClosed: Bool { false }
}
