import Base
import Conditions
import Events
import Glibc
import Logging
import Service

/// A real server with two streams, to which each input is what one client says: the first byte tells into how
/// many pieces it is cut and how many ticks are told between them.
///
/// Promises that must hold: every line of the client that isn't blank has exactly one answer, in order;
/// everything the server says can be read; seqs go up, and are replay exactly below `live_seq`.
final class SocketTarget: @unchecked Sendable {
  // Safety: used by one thread at a time, as libFuzzer and the tests do.
  static let shared = SocketTarget()

  private let server: EventServer
  private let streams: [(name: String, publisher: StreamPublisher)]
  private var tick: UInt64 = 0
  private var seq: UInt64 = 1

  private init() {
    var options = ServerOptions()
    // So little that replays run into what is no longer held.
    options.keptBytes = 1 << 15
    options.heldBytes = 1 << 14
    server = EventServer(
      path: "/tmp/saccade-fuzz-\(getpid())", options: options, clocks: SystemClocks(), version: "0.0.0",
      logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
    do {
      try server.start()
    } catch { fatalError("\(error)") }
    let setting = Setting(
      zones: [
        Zone(name: "door", polygon: Polygon([Point(x: 0, y: 0), Point(x: 0.5, y: 0), Point(x: 0.5, y: 1)]))
      ])
    let server = server
    streams = ["lobby", "gate"].map {
      ($0, server.addStream(name: $0, kind: .live, rate: 30, epoch: "k3f9", setting: setting))
    }
    for _ in 0..<40 { publish() }
    // Nothing is left behind where the process just ends, as under libFuzzer.
    atexit { unlink("/tmp/saccade-fuzz-\(getpid())") }
  }

  func take(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    var said = [UInt8](bytes.dropFirst())
    // A line that is too long, now and then.
    if first & 0x3F == 0x3F { said = [UInt8](repeating: 97, count: 70_000) + said }
    var expected = said.split(separator: 10).count { $0.contains { $0 > 32 } }
    said += Array("\n{\"id\":\"the end\",\"status\":{}}\n".utf8)
    expected += 1
    let piece = said.count / (1 + Int(first & 7)) + 1
    let client = FuzzClient(server.path)
    var listener = FuzzListener()
    // Who asks for that is let go when it lags, and then owed nothing.
    let text = String(decoding: said, as: UTF8.self)
    client.mayBeLeft = text.contains("disconnect") || text.contains("\\u")
    for at in stride(from: 0, to: said.count, by: piece) {
      client.send(said[at..<min(said.count, at + piece)]) { listener.take($0) }
      for _ in 0..<Int(first >> 6) { publish() }
    }
    while !listener.isAtEnd, !client.isLeft { client.receive { listener.take($0) } }
    if client.isLeft { return }
    promise(listener.answers == expected, "\(listener.answers) answers to \(expected) lines")
  }

  /// A tick of each stream, with events now and then.
  private func publish() {
    tick += 1
    let time = Timestamp(milliseconds: 1_795_441_520_000 + Int64(tick) * 33)
    let box = Box(x: Double(tick % 50) / 100, y: 0.2, width: 0.1, height: 0.3)
    let object = ObjectReport(
      id: tick / 100, label: "moving", score: 0.9, box: box, velocityX: 0.1, velocityY: 0,
      age: Double(tick % 100),
      still: 0, zones: tick % 3 == 0 ? ["door"] : [], seen: .observed)
    let hasEvent = tick % 7 == 0
    for (name, publisher) in streams {
      let media = Double(tick) / 30
      let frame = FrameRecord(
        stream: name, seq: seq, time: time, mediaTime: media, segment: 1, frame: tick, freshness: .fresh,
        ageMilliseconds: 0, encoder: EncoderReport(ran: ["patch-grid"], skipped: nil, milliseconds: 0.3),
        scene: SceneReport(state: .ok, mode: .colour, motion: 0.03, luma: 0.5, sharpness: 0.8),
        objects: [object])
      let phase: Event.Phase = tick % 14 == 0 ? .end : .begin
      let event = Event(
        id: "\(name)-k3f9-\((tick - 1) / 14)", kind: tick % 4 == 0 ? "object" : "loitering", phase: phase,
        since: media,
        lastSeen: media, objects: [object.id], zones: object.zones, text: "object",
        reason: phase == .end ? .left : nil)
      let record = EventRecord(
        stream: name, seq: seq + 1, time: time, mediaTime: media, segment: 1, frame: tick, event: event)
      publisher.publish(frame: frame, events: hasEvent ? [record] : [])
    }
    seq += hasEvent ? 2 : 1
    if tick % 50 == 0 {
      for (_, publisher) in streams { publisher.late(fromSeq: seq, toSeq: seq + 4) }
      seq += 5
    }
  }
}

/// What the server says, and whether it may.
private struct FuzzListener {
  private(set) var answers = 0
  private(set) var isAtEnd = false
  private var positions: [String: StreamPosition] = [:]
  private var last: [String: UInt64] = [:]
  private var rest: [UInt8] = []

  mutating func take(_ bytes: ArraySlice<UInt8>) {
    rest += bytes
    while let end = rest.firstIndex(of: 10) {
      promise(end < RecordWriter.longestLine, "a line of \(end) bytes")
      let line = Array(rest[..<end])
      rest.removeSubrange(...end)
      do throws(BadRecord) {
        read(try RecordReader.read(line))
      } catch {
        fatalError("\(error): \(String(decoding: line, as: UTF8.self))")
      }
    }
    promise(rest.count < RecordWriter.longestLine, "a line without an end")
  }

  private mutating func read(_ message: ServerMessage) {
    switch message {
    case .frame(let record): note(record.stream, record.seq, record.replay)
    case .event(let record): note(record.stream, record.seq, record.replay)
    case .gap(let gap): promise(gap.fromSeq <= gap.toSeq && gap.count != 0, "\(gap)")
    case .subscribed(let answer):
      if answer.part.number == 1 {
        positions.removeAll()
        last.removeAll()
      }
      for position in answer.positions {
        promise(position.fromSeq <= position.liveSeq, "\(position)")
        positions[position.stream] = position
      }
      if answer.part.isLast { answers += 1 }
    case .status(let answer):
      if answer.part.isLast { answers += 1 }
      isAtEnd = isAtEnd || answer.part.isLast && answer.id == .text("the end")
    case .error(let refusal):
      promise(!refusal.message.isEmpty, "an error without words")
      answers += 1
    case .hello, .stream: break
    case .bye, .unknown: fatalError("\(message)")
    }
  }

  private mutating func note(_ stream: String, _ seq: UInt64, _ replay: Bool) {
    promise(seq > last[stream] ?? 0, "\(stream): \(seq) after \(last[stream] ?? 0)")
    last[stream] = seq
    let live = positions[stream]?.liveSeq ?? 0
    promise(replay == (seq < live), "\(stream): \(seq) is replay: \(replay), live from \(live)")
    promise(seq >= positions[stream]?.fromSeq ?? 0, "\(stream): \(seq) before what was asked for")
  }
}

/// A client's side of the socket, which never waits in vain: no side may hang for ten seconds.
private final class FuzzClient {
  private let descriptor: Int32
  var mayBeLeft = false
  private(set) var isLeft = false

  init(_ path: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = descriptor
    let result = withUnsafeBytes(of: &address) {
      connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    promise(result == 0, "no connection: errno \(errno)")
  }

  deinit { close(descriptor) }

  /// Sends all, and gives what comes meanwhile to `body`.
  func send(_ bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
    var bytes = bytes
    while !bytes.isEmpty, !isLeft {
      let ready = wait(POLLOUT | POLLIN)
      if ready & POLLIN != 0 { take(body) }
      if ready & POLLOUT != 0 {
        let count = bytes.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count < 0, errno != EAGAIN, errno != EINTR { return leave() }
        bytes = bytes.dropFirst(max(0, count))
      }
    }
  }

  func receive(_ body: (ArraySlice<UInt8>) -> Void) {
    _ = wait(POLLIN)
    take(body)
  }

  private func take(_ body: (ArraySlice<UInt8>) -> Void) {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0, errno == EINTR { return }
    if count <= 0 { return leave() }
    body(chunk[..<count])
  }

  private func leave() {
    promise(mayBeLeft, "the server has left: errno \(errno)")
    isLeft = true
  }

  private func wait(_ events: Int32) -> Int32 {
    var file = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    var ready = poll(&file, 1, 10_000)
    // libFuzzer looks at its clock by an alarm.
    while ready < 0, errno == EINTR { ready = poll(&file, 1, 10_000) }
    promise(ready > 0, "nothing for ten seconds")
    return Int32(file.revents)
  }
}
