import Base
import Events
import Foundation
import Glibc
import TestKit
import Testing

/// What happens to connections and files, done to the real daemon.
@Suite("A source", .serialized)
struct ConnectionFaultTests {
  private let clips = Scratch("clips")

  /// So many seconds of 320x180, 30 frames a second, a key frame each second.
  private func clip(_ name: String, _ codec: String, seconds: Int = 4) async throws -> [UInt8] {
    let path = clips.file(name)
    let ffmpeg = try RunningCommand(
      "/usr/bin/ffmpeg",
      ["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=\(seconds)"]
        + codec.split(separator: " ").map(String.init) + [path])
    let ended = await ffmpeg.end(within: 60)
    try #require(ended.code == 0, "\(ended.error)")
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private static let h264 = "-c:v libx264 -preset ultrafast -bf 0 -g 30 -pix_fmt yuv420p"

  enum Way: String, CaseIterable {
    case tcp = "MPEG-TS over TCP"
    case http = "MPEG-TS over HTTP"
    case motionJPEG = "Motion JPEG over HTTP"

    var scheme: String { self == .tcp ? "tcp" : "http" }
    var head: String {
      switch self {
      case .tcp: ""
      case .http: "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n"
      case .motionJPEG:
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=ffmpeg\r\nConnection: close\r\n\r\n"
      }
    }
  }

  @Test("that breaks off in the middle of a packet is taken up again", arguments: Way.allCases)
  func cut(way: Way) async throws {
    // Long enough for a machine that takes its time to look into a stream, which eats of it.
    let seconds = 40
    let bytes =
      way == .motionJPEG
      ? try await clip("a.mpjpeg", "-c:v mjpeg -q:v 8 -pix_fmt yuvj420p -f mpjpeg", seconds: seconds)
      : try await clip("a.ts", Self.h264, seconds: seconds)
    let part = bytes.count / seconds * 8 / 188 * 188 + 100
    let head = Array(way.head.utf8)
    let server = ScriptedServer([
      .cut(head + bytes[..<part], perSecond: bytes.count / seconds),
      .stay(head + bytes, perSecond: bytes.count / seconds),
    ])
    let watchman = try await Watchman([
      "cam": CameraFaultTests.pipeline("\(way.scheme)://127.0.0.1:\(server.port)/live")
    ])
    try #require(await watchman.watches("cam", from: 2), "\(watchman.log)")
    #expect(await watchman.stop() == 0, "\(watchman.log)")
    let account = watchman.account
    #expect(account.faults(of: "cam") == [])
    let cam = account["cam"]
    // The clip may be over, and the source lost once more, before a machine without time has looked.
    let states = cam.states.drop { $0 == .starting }
    #expect(Array(states.prefix(3)) == [.running, .lost, .running] && states.last == .ended, "\(cam.states)")
    #expect(cam.segment >= 2)
    // Over the break the records went on.
    let turn = try #require(cam.frames.firstIndex { $0.segment == 2 })
    let pause = cam.frames[..<turn].reversed().prefix { !$0.isFresh }
    #expect(pause.count > 5 && pause.allSatisfy { $0.segment == 1 }, "\(pause.count) without a new frame")
  }

  @Test("that takes the connection and says nothing costs the others nothing, and is tried again and again")
  func silent() async throws {
    let words = [
      "tcp": "", "http": "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n\r\n",
      "rtsp": "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n",
    ]
    var servers: [String: ScriptedServer] = [:]
    var pipelines: [String: String] = [:]
    for (scheme, says) in words {
      for (kind, step) in [("mute", ScriptedServer.Step.hold(saying: "")), ("polite", .hold(saying: says))] {
        let server = ScriptedServer([step])
        servers["\(kind)-\(scheme)"] = server
        pipelines["\(kind)-\(scheme)"] =
          "source: {url: \"\(scheme)://127.0.0.1:\(server.port)/cam\", timeout: 1 s}\n"
      }
    }
    let camera = CameraServer()
    try await camera.start()
    pipelines["cam"] = CameraFaultTests.pipeline(camera.url)
    let watchman = try await Watchman(pipelines)
    try #require(await watchman.watches("cam"), "\(watchman.log)")
    let held = servers
    let isTried = await onThread {
      for _ in 0..<600 {
        if held.values.allSatisfy({ $0.connections.made >= 3 }) { return true }
        _ = poll(nil, 0, 100)
      }
      return false
    }
    #expect(isTried, "\(held.mapValues(\.connections))\n\(watchman.log)")
    for (name, server) in held { #expect(server.connections.open <= 1, "\(name)") }
    #expect(await watchman.stop() == 0, "\(watchman.log)")
    let account = watchman.account
    #expect(account.faults(of: "cam") == [])
    #expect(account["cam"].segment == 1 && account["cam"].gaps.isEmpty)
    for name in held.keys {
      #expect(account.faults(of: name) == [], "\(name)")
      let stream = account[name]
      #expect(stream.frames.allSatisfy { $0.state == .starting && $0.frame == 0 && $0.segment == 0 })
      #expect(stream.states.contains(.lost) && !stream.states.contains(.running))
      #expect(
        stream.reasons.contains { $0.contains("within 1.0 s") || $0.contains("nothing came") },
        "\(stream.reasons)")
    }
  }

  @Test("that is a file still being written is watched to its last frame, however it grows")
  func growing() async throws {
    let bytes = try await clip("a.ts", Self.h264)
    let path = clips.file("growing.ts")
    try Data(bytes[..<(bytes.count / 3)]).write(to: URL(fileURLWithPath: path))
    let watchman = try await Watchman([
      "file": "source: {url: \"\(path)\", timeout: 4 s, options: {follow: \"1\"}}\n"
    ])
    try #require(await watchman.wait { !$0["file"].frames.isEmpty }, "\(watchman.log)")
    let writer = try #require(FileHandle(forWritingAtPath: path))
    try writer.seekToEnd()
    // Its pieces end anywhere, and it grows more slowly than it plays.
    let piece = bytes.count / 50 | 1
    // On a thread of its own, as other tests may keep this one waiting for longer than the reader waits.
    let isWritten = await onThread {
      for at in stride(from: bytes.count / 3, to: bytes.count, by: piece) {
        guard (try? writer.write(contentsOf: bytes[at..<min(bytes.count, at + piece)])) != nil else {
          return false
        }
        _ = poll(nil, 0, 100)
      }
      return (try? writer.close()) != nil
    }
    try #require(isWritten)
    let ended = await watchman.process.end(within: 60)
    #expect(ended.code == 0, "\(ended.error)")
    #expect(ended.error.contains("nothing was added to the file for 4.0 s"))
    #expect(await watchman.wait { $0.hasEnded })
    let file = watchman.account["file"]
    #expect(file.seqFaults == [] && file.frameFaults == [] && file.eventFaults == [])
    #expect(file.last?.frame == 120 && file.segment == 1 && file.states.last == .ended)
    #expect(file.events.filter { $0.event.phase == .end }.allSatisfy { $0.event.reason != .aborted })
  }
}
