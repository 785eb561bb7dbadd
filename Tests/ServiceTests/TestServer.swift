import Base
import Conditions
import Events
import Logging
import Service
import TestKit

/// A server in a folder of its own, with records to publish.
final class TestServer: Sendable {
  let scratch = Scratch("socket")
  let clocks = ManualClocks()
  let server: EventServer
  var path: String { server.path }

  init(
    options: ServerOptions = ServerOptions(),
    status: @escaping @Sendable () -> ServerStatus = { ServerStatus() }
  ) throws {
    server = EventServer(
      path: scratch.file("events.sock"), options: options, clocks: clocks, version: "0.0.0",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, status: status)
    try server.start()
  }

  deinit { server.stop(reason: "the test is over", within: .milliseconds(1)) }

  func stream(
    _ name: String = "lobby", epoch: String = "k3f9", setting: Setting = Setting()
  ) -> TestStream {
    TestStream(
      server.addStream(name: name, kind: .live, rate: 30, epoch: epoch, setting: setting), name: name)
  }
}

/// Publishes ticks with the seq that is due. One thread.
final class TestStream {
  let publisher: StreamPublisher
  let name: String
  private(set) var nextSeq: UInt64 = 1
  private var tick: UInt64 = 0

  init(_ publisher: StreamPublisher, name: String) {
    self.publisher = publisher
    self.name = name
  }

  private var time: Timestamp { Timestamp(milliseconds: 1_795_441_520_000 + Int64(tick) * 1000 / 30) }
  private var mediaTime: Double { Double(tick) / 30 }

  /// A frame record and, where `events` are given, an event record for each.
  func publish(_ events: [Event] = [], objects: [ObjectReport] = [], padding: Int = 0) {
    let frame = FrameRecord(
      stream: name, seq: nextSeq, time: time, mediaTime: mediaTime, segment: 1, frame: tick + 1,
      freshness: .fresh, ageMilliseconds: 0,
      encoder: EncoderReport(
        ran: ["patch-grid"], skipped: padding > 0 ? String(repeating: "x", count: padding) : nil,
        milliseconds: 0.31),
      scene: SceneReport(state: .ok, mode: .colour, motion: 0.034, luma: 0.52, sharpness: 0.81),
      objects: objects)
    nextSeq += 1
    let records = events.map { event in
      defer { nextSeq += 1 }
      return EventRecord(
        stream: name, seq: nextSeq, time: time, mediaTime: mediaTime, segment: 1, frame: tick + 1,
        event: event)
    }
    publisher.publish(frame: frame, events: records)
    tick += 1
  }

  func publish(ticks: Int, padding: Int = 0) {
    for _ in 0..<ticks { publish(padding: padding) }
  }

  func late(_ ticks: UInt64) {
    publisher.late(fromSeq: nextSeq, toSeq: nextSeq + ticks - 1)
    nextSeq += ticks
    tick += ticks
  }
}

extension Event {
  static func test(_ id: String, _ phase: Phase, kind: String = "object", objects: [UInt64] = []) -> Event {
    Event(id: id, kind: kind, phase: phase, since: 1, lastSeen: 2, objects: objects, text: "\(kind) \(id)")
  }
}
