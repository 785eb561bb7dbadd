import Base
import Events
import Logging
import SaccadeClient
import Service
import TestKit

/// The serving half of a daemon, with one stream whose ticks a test publishes.
final class Daemon {
  let server: EventServer
  let clocks = ManualClocks()
  private let publisher: StreamPublisher
  private(set) var nextSeq: UInt64 = 1

  init(_ path: String, epoch: String = "k3f9", keptBytes: Int = 64 << 20) throws {
    var options = ServerOptions()
    options.sweepEvery = .seconds(3600)
    options.keptBytes = keptBytes
    server = EventServer(
      path: path, options: options, clocks: clocks, version: "0.0.0",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try server.start()
    publisher = server.addStream(name: "lobby", kind: .live, rate: 30, epoch: epoch)
  }

  func stop() { server.stop(reason: "told to stop") }

  func publish(ticks: Int = 1, events: Bool = false, padding: Int = 0) {
    for _ in 0..<ticks {
      let time = Timestamp(milliseconds: 1_795_441_520_000 + Int64(nextSeq) * 33)
      let frame = FrameRecord(
        stream: "lobby", seq: nextSeq, time: time, mediaTime: Double(nextSeq) / 30, segment: 1,
        frame: nextSeq,
        freshness: .fresh, ageMilliseconds: 0,
        encoder: EncoderReport(
          ran: [], skipped: padding > 0 ? String(repeating: "x", count: padding) : nil, milliseconds: 0.3),
        scene: .starting, objects: [])
      nextSeq += 1
      var records: [EventRecord] = []
      if events {
        records.append(
          EventRecord(
            stream: "lobby", seq: nextSeq, time: time, mediaTime: 1, segment: 1, frame: 1,
            event: Event(
              id: "e\(nextSeq)", kind: "object", phase: .point, since: 1, lastSeen: 1,
              text: "object e\(nextSeq)")))
        nextSeq += 1
      }
      publisher.publish(frame: frame, events: records)
    }
  }

  /// Puts every client out that has not read what waits for it.
  func cutOffSleepers() throws {
    // Once this is answered, all that was published has been handed out.
    var connection = try EventConnection(paths: [server.path])
    _ = try connection.status(within: 20_000)
    server.disconnectStuck()
    clocks.advance(by: .seconds(61))
    server.disconnectStuck()
  }
}

/// What a subscriber said, in a word each.
func word(_ update: EventSubscriber.Update) -> String {
  switch update {
  case .connected(let hello):
    "connected " + hello.streams.map { "\($0.name):\($0.epoch)" }.joined(separator: ",")
  case .subscribed(let answer):
    "subscribed " + answer.positions.map { "\($0.stream):\($0.fromSeq)" }.joined(separator: ",")
  case .disconnected: "disconnected"
  case .received(let received):
    switch received.message {
    case .frame(let record): "frame \(record.seq)"
    case .event(let record): "event \(record.seq)"
    case .gap(let gap): "gap \(gap.fromSeq)…\(gap.toSeq)"
    case .stream(let notice): "stream \(notice.reason)"
    case .bye(let reason): "bye \(reason)"
    default: "other"
    }
  }
}
