import Base
import Events
import Foundation
import Glibc
import TestKit
import Testing

/// What happens to cameras, done to a real RTSP server in front of the real daemon. Each test waits for what must come,
/// however long a busy machine takes, and then asks whether all that a subscriber was told adds up.
@Suite("A camera", .serialized)
struct CameraFaultTests {
  /// Given up after 3 s of silence, lost for viewers after 1.
  static func pipeline(_ url: String, transport: String = "tcp") -> String {
    "source: {url: \"\(url)\", timeout: 3 s, transport: \(transport)}\nsignal_lost: 1 s\n"
  }

  /// Lets the daemon watch the camera, then harms it, waits until the loss is told and mends it.
  ///
  /// Returns the account after the camera is watched again and the daemon has ended in order.
  private func account(
    of camera: CameraServer, harm: () async throws -> Void, mend: () async throws -> Void
  ) async throws -> Account {
    try await camera.start()
    let watchman = try await Watchman(["cam": Self.pipeline(camera.url)])
    try #require(await watchman.watches("cam"), "\(watchman.log)")
    let before = Holdings(of: watchman.process.id)
    try await harm()
    try #require(
      await watchman.wait { $0["cam"].states.last == .lost && $0["cam"].last?.state == .signalLost },
      "\(watchman.log)")
    try await mend()
    try #require(await watchman.watches("cam", from: 2), "\(watchman.log)")
    let id = watchman.process.id
    #expect(await settles { Holdings(of: id) == before }, "\(Holdings(of: id)) after \(before)")
    #expect(Holdings.peakMemory(of: id) < 200)
    #expect(await watchman.stop() == 0, "\(watchman.log)")
    return watchman.account
  }

  /// True once it holds; false when it doesn't within 20 s.
  private func settles(_ condition: @escaping @Sendable () -> Bool) async -> Bool {
    await onThread {
      for _ in 0..<200 {
        if condition() { return true }
        _ = poll(nil, 0, 100)
      }
      return false
    }
  }

  /// One loss, told from its beginning to its end, and nothing that isn't explained.
  private func expectOneLoss(_ account: Account) throws {
    #expect(account.faults(of: "cam") == [])
    let cam = account["cam"]
    // A machine that has no time for the camera may lose it once more.
    let states = cam.states.drop { $0 == .starting }
    #expect(Array(states.prefix(3)) == [.running, .lost, .running] && states.last == .ended, "\(cam.states)")
    #expect(cam.segment >= 2)
    try expectLoss(cam)
  }

  /// From the end of the first segment to the beginning of the second.
  private func expectLoss(_ cam: Account.Stream) throws {
    let begin = try #require(cam.lost.last { $0.event.phase == .begin && $0.segment == 1 })
    let end = try #require(cam.lost.first { $0.event.phase == .end && $0.event.id == begin.event.id })
    #expect(end.segment == 2 && end.event.reason == .condition)
    let between = cam.frames.filter { $0.seq > begin.seq && $0.seq < end.seq - 1 }
    // However soon it was back.
    #expect(!between.isEmpty)
    #expect(between.allSatisfy { !$0.isFresh && $0.state == .signalLost && $0.age > 900 })
    #expect(zip(between, between.dropFirst()).allSatisfy { $1.age > $0.age })
    #expect(cam.frames.contains { $0.seq > end.seq && $0.isFresh && $0.state != .signalLost })
  }

  @Test("that is killed is watched again when it is back")
  func killed() async throws {
    let camera = CameraServer()
    let account = try await account(of: camera) {
      camera.kill()
    } mend: {
      try await camera.start()
    }
    try expectOneLoss(account)
  }

  @Test("that freezes is given up, and watched again when it goes on")
  func frozen() async throws {
    let camera = CameraServer()
    let account = try await account(of: camera) {
      camera.freeze()
    } mend: {
      camera.thaw()
    }
    #expect(account.faults(of: "cam") == [])
    try expectLoss(account["cam"])
    let reasons = account["cam"].reasons
    #expect(reasons.contains { $0.contains("nothing came for 3.0 s") }, "\(reasons)")
  }

  @Test(
    "that comes back as another is the same stream in a new segment",
    arguments: [("640x360", "h264"), ("320x180", "h265"), ("320x176", "mjpeg")])
  func replaced(size: String, codec: String) async throws {
    let camera = CameraServer()
    let account = try await account(of: camera) {
      camera.kill()
    } mend: {
      try await camera.start(.init(size: size, codec: codec))
    }
    try expectOneLoss(account)
  }

  @Test("whose clock was set back by an hour gives records that don't know of it")
  func clockSetBack() async throws {
    let camera = CameraServer()
    let account = try await account(of: camera) {
      camera.kill()
    } mend: {
      try await camera.start(environment: Self.liar.merging(["FAKETIME": "-1h"]) { a, _ in a })
    }
    try expectOneLoss(account)
    expectHonestTime(account["cam"])
  }

  @Test("whose clock is set back by an hour while it is watched goes on in its segment")
  func clockSetBackMeanwhile() async throws {
    let folder = Scratch("clock")
    let clock = try folder.write("+0", to: "offset")
    let camera = CameraServer()
    try await camera.start(
      environment: Self.liar.merging(["FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1"]) { a, _ in a
      })
    let watchman = try await Watchman(["cam": Self.pipeline(camera.url)])
    try #require(await watchman.watches("cam"), "\(watchman.log)")
    try folder.write("-1h", to: "offset")
    // It says what time it is every few seconds.
    #expect(await watchman.watches("cam", frames: 210), "\(watchman.log)")
    #expect(await watchman.stop() == 0, "\(watchman.log)")
    let account = watchman.account
    #expect(account.faults(of: "cam") == [])
    #expect(account["cam"].segment == 1 && account["cam"].lost.isEmpty)
    expectHonestTime(account["cam"])
  }

  /// UTC of the frames goes on as the time does.
  private func expectHonestTime(_ cam: Account.Stream) {
    let frames = cam.frames.filter { $0.frame > 0 }
    #expect(zip(frames, frames.dropFirst()).allSatisfy { $1.time >= $0.time - 2_000 })
    let now = Date().timeIntervalSince1970
    // Far below the hour that the clock is wrong by, and above what a busy machine takes.
    #expect(abs(now - Double(frames.last?.time ?? 0) / 1000) < 600)
    if let first = frames.first, let last = frames.last {
      #expect(abs(Double(last.time - first.time) / 1000 - Double(last.tick - first.tick) / 30) < 5)
    }
  }

  /// What makes a process see another time of day.
  private static let liar = ["LD_PRELOAD": faketime, "DONT_FAKE_MONOTONIC": "1"]

  /// Where Debian keeps it, whatever the machine's kind.
  private static let faketime =
    (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib"))?
    .map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }.first { FileManager.default.fileExists(atPath: $0) }
    ?? ""
}
