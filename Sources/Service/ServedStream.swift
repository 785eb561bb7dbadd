import Base
import Conditions
import Events

/// A stream as the socket's thread keeps it.
final class ServedStream: @unchecked Sendable {
  // Safety: `state`, `slot` and `log` are touched on the socket's thread only; the rest is constant.
  let name: String
  let kind: StreamEntry.Kind
  let rate: Int
  let epoch: String
  let log: StreamLog
  var state = StreamEntry.State.starting
  /// Where subscribers keep their lane of it; -1 while it is not served.
  var slot = -1

  init(
    name: String, kind: StreamEntry.Kind, rate: Int, epoch: String, firstSeq: UInt64, options: ServerOptions,
    setting: Setting
  ) {
    self.name = name
    self.kind = kind
    self.rate = rate
    self.epoch = epoch
    log = StreamLog(
      name: name, epoch: epoch, firstSeq: firstSeq, keptFor: options.keptFor, keptBytes: options.keptBytes,
      setting: setting)
  }

  var entry: StreamEntry {
    StreamEntry(
      name: name, kind: kind, state: state, rate: rate, epoch: epoch, oldestSeq: log.oldestSeq,
      nextSeq: log.nextSeq)
  }
}
