import Base
import Foundation
import Media
import TestKit
import Testing

@Suite("live sources")
struct LiveSourceTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func stream(seconds: Int = 3, size: String = "160x120", extra: String = "") throws -> [UInt8] {
    let name = "\(UUID().uuidString).ts"
    try folder.ffmpeg(
      "-f lavfi -i testsrc=s=\(size):r=25:d=\(seconds) -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -bf 0 \(extra)",
      to: name)
    return try folder.bytes(name)
  }

  private func reader(_ server: LocalServer, timeout: Double = 10) -> FrameReader {
    var configuration = SourceConfiguration(url: server.url)
    configuration.timeout = .seconds(timeout)
    return FrameReader(configuration, clocks: SystemClocks())
  }

  /// Runs a reader on a thread of its own, calls `stop` once `when` holds, and returns how long `run` then took.
  private func timeToStop(_ reader: FrameReader, when: @escaping @Sendable () -> Bool) -> Double {
    let done = Monitor<MonotonicTime?>(nil)
    let clocks = SystemClocks()
    let thread = WorkerThread(name: "reader") {
      _ = watch(reader)
      done.withLock { value, _ in value = clocks.monotonic() }
    }
    let limit = clocks.monotonic() + .seconds(20)
    while !when(), clocks.monotonic() < limit { _ = Glibc.poll(nil, 0, 2) }
    let asked = clocks.monotonic()
    reader.stop()
    thread.join()
    return done.withLock { value, _ in (value! - asked).inSeconds }
  }

  @Test func `a stream that ends is lost and comes back on the same clock`() throws {
    let server = LocalServer([.send(try stream()), .sendAndHold(try stream(seconds: 2))])
    let reader = reader(server)
    #expect(reader.isLive)
    let watched = watch(reader) { $0.frames.count == 110 }
    #expect(watched.ending == .stopped)
    #expect(watched.losses.count == 1)
    #expect(watched.reasons == [.reconnected])
    #expect(watched.counts.reconnects == 1)
    let back = try #require(watched.frames.first { $0.segment == 2 })
    let before = try #require(watched.frames.last { $0.segment == 1 })
    #expect(before.number == 75 && back.number == 76)
    // Between them lies the time that passed on the monotonic clock, about the second of the first backoff.
    #expect(back.time - before.time == back.arrival - before.arrival)
    #expect((back.time - before.time).inSeconds > 0.75)
    for (a, b) in zip(watched.frames, watched.frames.dropFirst()) { #expect(a.time < b.time) }
  }

  @Test func `a lost source that should be tried again is tried at once, and else waits`() {
    // On clocks that stand still a day ahead no backoff ever ends by itself.
    let clocks = ManualClocks(monotonic: SystemClocks().monotonic() + .seconds(86_400))
    let reader = FrameReader(SourceConfiguration(url: "tcp://127.0.0.1:1"), clocks: clocks)
    #expect(!reader.retry())
    let watched = watch(reader) { seen in
      if case .lost = seen.events.last { #expect(reader.retry()) }
      return seen.losses.count == 9
    }
    #expect(watched.ending == .stopped)
    #expect(watched.counts.reconnects == 8)
    #expect(!reader.retry())
  }

  @Test func `one that closes at once is tried again, later and later`() {
    let server = LocalServer([.closeAtOnce])
    let watched = watch(reader(server)) { $0.losses.count == 2 }
    let delays = watched.events.compactMap {
      if case .lost(_, let delay) = $0 { delay.inSeconds } else { nil }
    }
    #expect(delays.count == 2)
    #expect((0.8...1.2).contains(delays[0]) && (1.6...2.4).contains(delays[1]))
    #expect(watched.frames.isEmpty)
    #expect(watched.losses[0].code == .unavailable)
    #expect(watched.losses[0].place == server.url)
  }

  @Test func `nobody listening is a loss that says so`() {
    let gone = LocalServer([.closeAtOnce]).url
    let watched = watch(FrameReader(SourceConfiguration(url: gone), clocks: SystemClocks())) {
      $0.losses.count == 1
    }
    #expect(watched.losses[0].description.contains("refused"))
    #expect(watched.losses[0].advice != nil)
  }

  @Test func `one that sends nothing is given up at the deadline`() {
    let server = LocalServer([.sendAndHold([])])
    let start = SystemClocks().monotonic()
    let watched = watch(reader(server, timeout: 0.5)) { $0.losses.count == 1 }
    let took = (SystemClocks().monotonic() - start).inSeconds
    #expect(watched.losses[0].description.contains("no answer within 0.5 s"))
    #expect(watched.losses[0].place == server.url)
    #expect(took < 5)
  }

  @Test func `one that falls silent is given up at the deadline`() throws {
    let server = LocalServer([.sendAndHold(try stream())])
    let watched = watch(reader(server, timeout: 1)) { $0.losses.count == 1 }
    #expect(watched.frames.count >= 70)
    #expect(watched.losses[0].description.contains("nothing came for 1.0 s"))
    #expect(watched.losses[0].place == server.url)
  }

  @Test func `one that falls silent in the middle of a frame is given up for its silence`() throws {
    let bytes = try stream()
    for part in 1...6 {
      let server = LocalServer([.sendAndHold(Array(bytes[..<(bytes.count * part / 7)]))])
      let watched = watch(reader(server, timeout: 0.5)) { $0.losses.count == 1 }
      let said = watched.losses[0].description
      #expect(said.contains("nothing came for 0.5 s") || said.contains("no answer within 0.5 s"), "\(said)")
    }
  }

  @Test func `garbage is neither a frame nor a crash`() {
    var state: UInt32 = 3
    let garbage = (0..<2_000_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let server = LocalServer([.send(garbage)])
    let watched = watch(reader(server)) { $0.losses.count == 1 }
    #expect(watched.frames.isEmpty)
    #expect(watched.losses.count == 1)
  }

  @Test func `garbage between good parts costs only itself`() throws {
    let good = try stream()
    let noise = (0..<188 * 200).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    let cut = good.count / 2 / 188 * 188
    let server = LocalServer([.sendAndHold(Array(good[..<cut]) + noise + Array(good[cut...]))])
    let watched = watch(reader(server, timeout: 1)) { $0.losses.count == 1 }
    #expect(watched.frames.count > 60)
  }

  @Test func `one whose times go back goes on by the time that passed`() throws {
    let late = try stream(extra: "-output_ts_offset 4000")
    let early = try stream(seconds: 2, extra: "-output_ts_offset 1000")
    let rate = late.count / 3 * 4
    let server = LocalServer([.pour(late + early, perSecond: rate)])
    let watched = watch(reader(server)) { $0.frames.count == 125 || !$0.losses.isEmpty }
    #expect(watched.reasons.count == 1)
    for (a, b) in zip(watched.frames, watched.frames.dropFirst()) { #expect(a.time < b.time) }
    let turn = try #require(watched.frames.firstIndex { $0.segment == 2 })
    let (before, after) = (watched.frames[turn - 1], watched.frames[turn])
    #expect(after.time - before.time == max(1000, after.arrival - before.arrival))
  }

  @Test func `arrival is when the frame's packet came, and wall time follows it`() throws {
    let bytes = try stream(seconds: 4)
    let server = LocalServer([.pour(bytes, perSecond: bytes.count / 4)])
    let now = SystemClocks()
    var delays: [Double] = []
    var walls: [Double] = []
    let configuration = SourceConfiguration(url: server.url)
    let watched = watch(
      FrameReader(configuration, clocks: now), enough: { !$0.losses.isEmpty },
      each: { frame in
        delays.append((now.monotonic() - frame.info.arrival).inSeconds)
        walls.append((now.wall() - frame.info.wall).inSeconds)
      })
    #expect(watched.frames.count >= 95)
    // Decoding takes milliseconds; nothing waits in the decoder.
    #expect(delays.sorted()[delays.count / 2] < 0.02)
    #expect(walls.suffix(20).allSatisfy { $0 > -0.5 && $0 < 1 })
  }

  @Test func `whoever takes longer than there is time jumps to key frames, and stays near the present`()
    throws
  {
    let bytes = try stream(seconds: 9)
    let server = LocalServer([.pour(bytes, perSecond: bytes.count / 9)])
    let clocks = SystemClocks()
    let reader = reader(server)
    let watched = watch(
      reader, enough: { !$0.losses.isEmpty },
      each: { _ in
        // Half again as long as a frame lasts.
        let end = clocks.monotonic() + .milliseconds(60)
        while clocks.monotonic() < end { _ = Glibc.poll(nil, 0, 1) }
      })
    let passed = watched.counts.passedOver
    #expect(passed > 20)
    #expect(UInt64(watched.frames.count) + passed == watched.counts.packets)
    #expect(watched.frames.count > 110)
    #expect(watched.frames.map(\.lag).max()! > .milliseconds(100))
    #expect(watched.frames.map(\.lag).max()! < .seconds(2))
    let jumps = zip(watched.frames, watched.frames.dropFirst()).filter {
      ($1.time - $0.time) > .milliseconds(60)
    }
    #expect(!jumps.isEmpty)
    #expect(jumps.allSatisfy { $0.1.isKey })
    #expect(watched.reasons.isEmpty)
    #expect(watched.counts.damagedFrames == 0)
    #expect(watched.warnings.contains { $0.contains("passed over") })
    // What was passed over can still be looked back at.
    let (before, after) = try #require(jumps.last)
    let still = try reader.history.still(at: before.time + (after.time - before.time) / 2).info
    #expect(before.time < still.time && still.time < after.time)
  }

  @Test func `stopping ends a blocked opening`() {
    let server = LocalServer([.sendAndHold([])])
    #expect(timeToStop(reader(server), when: { server.connections == 1 }) < 0.5)
  }

  @Test func `stopping ends a blocked read`() throws {
    let server = LocalServer([.sendAndHold(try stream())])
    let reader = reader(server)
    #expect(timeToStop(reader, when: { reader.counts.decoded >= 70 }) < 0.5)
    #expect(reader.state == .stopped)
  }

  @Test func `stopping ends the wait for the next attempt`() {
    let server = LocalServer([.closeAtOnce])
    let reader = reader(server)
    #expect(timeToStop(reader, when: { reader.state == .lost }) < 0.5)
  }

  @Test func `stopping ends the wait for a pipe that nobody writes to`() throws {
    let path = folder("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let reader = FrameReader(SourceConfiguration(url: path), clocks: SystemClocks())
    #expect(timeToStop(reader, when: { reader.state == .opening }) < 0.5)
  }

  @Test func `a pipe is read to its end`() throws {
    let path = folder("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let bytes = try stream(seconds: 1)
    let writer = WorkerThread(name: "writer") {
      let descriptor = open(path, O_WRONLY)
      var at = 0
      while at < bytes.count {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + at, bytes.count - at) }
        if count <= 0 { break }
        at += count
      }
      close(descriptor)
    }
    let watched = watch(path)
    writer.join()
    #expect(watched.frames.count == 25)
    #expect(watched.ending == .finished)
  }

  @Test func `credentials appear nowhere`() {
    let gone = LocalServer([.closeAtOnce]).port
    var configuration = SourceConfiguration(
      url: "rtsp://admin:hunter2@127.0.0.1:\(gone)/stream",
      shownURL: "rtsp://admin:***@127.0.0.1:\(gone)/stream")
    configuration.timeout = .seconds(1)
    let watched = watch(FrameReader(configuration, clocks: SystemClocks())) { $0.losses.count == 1 }
    #expect(watched.losses.count == 1)
    #expect(!"\(watched.events) \(watched.warnings)".contains("hunter2"))
    #expect(watched.losses[0].place == configuration.shownURL)
  }
}
