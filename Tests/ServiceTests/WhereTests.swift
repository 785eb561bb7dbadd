import Base
import Conditions
import Events
import Testing

/// Subscriptions with a condition.
@Suite struct WhereTests {
  private static let setting = Setting(zones: [
    Zone(
      name: "door",
      polygon: Polygon([Point(x: 0, y: 0), Point(x: 0.5, y: 0), Point(x: 0.5, y: 1), Point(x: 0, y: 1)]))
  ])

  private static func object(_ id: UInt64, age: Double, in zones: [String] = []) -> ObjectReport {
    ObjectReport(
      id: id, label: "moving", score: 0.9, box: Box(x: 0.2, y: 0.3, width: 0.1, height: 0.2), velocityX: 0.1,
      velocityY: 0, age: age, still: 0, zones: zones, seen: .observed)
  }

  /// One who grows older, one who stays young; an event of each.
  private static func play(_ stream: TestStream) {
    stream.publish([.test("a", .begin, objects: [1]), .test("b", .begin, objects: [2])])
    for tick in 1...90 {
      let age = Double(tick) / 30
      var events: [Event] = []
      if tick % 30 == 0 { events = [.test("a", .update, objects: [1]), .test("b", .update, objects: [2])] }
      stream.publish(events, objects: [object(1, age: age), object(2, age: min(age, 1))])
    }
    stream.publish([.test("a", .end, objects: [1]), .test("b", .end, objects: [2])])
  }

  private static func told(_ client: RawClient, until id: String) throws -> (
    frames: [[UInt64]], events: [String]
  ) {
    var frames: [[UInt64]] = []
    var events: [String] = []
    while true {
      switch try client.message() {
      case .frame(let frame): frames.append(frame.objects.map(\.id))
      case .event(let record):
        if record.event.id == id { return (frames, events) }
        events.append("\(record.event.id) \(record.event.phase.rawValue)")
      default: break
      }
    }
  }

  @Test func `frame records keep their cadence and list whom the condition holds for`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let client = try RawClient(server.path)
    _ = try client.subscribe(#""where":"object.age > 2 s""#)
    Self.play(stream)
    stream.publish([.test("mark", .point, objects: [7])], objects: [Self.object(7, age: 9)])
    let (frames, events) = try Self.told(client, until: "mark")
    #expect(frames.count == 93)
    #expect(frames.prefix(61).allSatisfy { $0 == [] })
    #expect(frames[61..<91].allSatisfy { $0 == [1] })
    // An event is told of from the moment on at which it holds, and to its end.
    #expect(events == ["a update", "a end"])
  }

  @Test func `a replay is sifted as what came live was`() throws {
    let server = try TestServer()
    let stream = server.stream()
    Self.play(stream)
    stream.publish([.test("mark", .point, objects: [7])], objects: [Self.object(7, age: 9)])
    let client = try RawClient(server.path)
    _ = try client.subscribe(#""where":"age > 2 s","from":"oldest""#)
    let (frames, events) = try Self.told(client, until: "mark")
    #expect(frames.count == 93 && frames.count { $0 == [1] } == 30)
    #expect(events == ["a update", "a end"])
  }

  @Test func `who comes late knows what was before, as far as the condition looks back`() throws {
    let server = try TestServer()
    let stream = server.stream(setting: Self.setting)
    let client = try RawClient(server.path)
    _ = try client.hello()
    stream.publish([.test("a", .begin, objects: [1]), .test("b", .begin, objects: [2])])
    for _ in 0..<60 {
      stream.publish(objects: [Self.object(1, age: 5, in: ["door"]), Self.object(2, age: 5)])
    }
    // The records have to be with the server before it is asked.
    _ = try client.first { if case .frame(let frame) = $0, frame.frame == 61 { true } else { nil } }
    let answer = try client.subscribe(#""where":"in door for 1 s""#)
    #expect(answer.openEvents.map(\.event.id) == ["a"])
    stream.publish(objects: [Self.object(1, age: 5, in: ["door"]), Self.object(2, age: 5, in: ["door"])])
    let listed = try client.first { if case .frame(let frame) = $0, frame.frame == 62 { frame } else { nil } }
    #expect(listed.objects.map(\.id) == [1])
  }

  @Test func `a condition of the scene lets all through or none`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let clients = try ["count(objects) > 1", "state is dark"].map { text in
      let client = try RawClient(server.path)
      _ = try client.subscribe(#""where":"\#(text)""#)
      return client
    }
    stream.publish([.test("x", .point)], objects: [Self.object(1, age: 1)])
    stream.publish([.test("y", .point)], objects: [Self.object(1, age: 1), Self.object(2, age: 1)])
    let first = try Self.told(clients[0], until: "y")
    #expect(first.frames == [[], [1, 2]] && first.events == [])
    let frames = try (0..<2).map { _ in
      try clients[1].first { if case .frame(let frame) = $0 { frame.objects.count } else { nil } }
    }
    #expect(frames == [0, 0])
  }

  @Test func `a condition that a later stream can't fulfil is told, and its records stay away`() throws {
    let server = try TestServer()
    let lobby = server.stream(setting: Self.setting)
    let client = try RawClient(server.path)
    _ = try client.subscribe(#""where":"in door""#)
    let yard = server.stream("yard")
    let refusal = try client.first { if case .error(let refusal) = $0 { refusal } else { nil } }
    #expect(refusal.code == .badExpression && refusal.message.contains("yard"))
    yard.publish(ticks: 3)
    lobby.publish(objects: [Self.object(1, age: 1, in: ["door"])])
    let frame = try client.first { if case .frame(let frame) = $0 { frame } else { nil } }
    #expect(frame.stream == "lobby" && frame.objects.map(\.id) == [1])
  }
}
