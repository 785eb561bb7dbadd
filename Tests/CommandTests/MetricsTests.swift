import Foundation
import Glibc
import TestKit
import Testing

@Suite("Metrics", .serialized)
struct MetricsTests {
  private static let request = "GET /metrics HTTP/1.1\r\nHost: saccade\r\n\r\n"
  private static let bars = "source: lavfi:testsrc2=size=320x180:rate=30\nevents:\n  lit: scene.luma > 1 %\n"

  private func daemon(_ files: [String: String], _ options: [String], isFed: Bool = false) async throws -> (
    Folder, RunningCommand
  ) {
    let folder = try Folder(files)
    let daemon = try RunningCommand(
      Command.path,
      ["run", folder.path, "--socket", folder.file("s")]
        + options.map { $0.replacing("FOLDER", with: folder.path) }, isFed: isFed)
    try #require(await daemon.wait { _, error in error.contains("metrics are served") }, "\(daemon.error)")
    return (folder, daemon)
  }

  private func port(_ daemon: RunningCommand) throws -> UInt16 {
    let found = daemon.error.firstMatch(of: /address 127\.0\.0\.1:(\d+)/)
    return try #require(found.flatMap { UInt16($0.1) })
  }

  /// Asks until it holds; each time takes its time.
  private func metrics(_ ask: () throws -> HTTP.Answer, until condition: (Metrics) -> Bool) throws -> Metrics
  {
    for _ in 0..<2000 {
      let metrics = try Metrics(try ask().body)
      if condition(metrics) { return metrics }
    }
    Issue.record("the metrics never were as they should be")
    return try Metrics(try ask().body)
  }

  @Test("are text of version 0.0.4 over a Unix socket and TCP, and grow with their stream")
  func grow() async throws {
    let (folder, daemon) = try await daemon(
      ["a.yaml": Self.bars, "camera.yaml": "source: tcp://127.0.0.1:1\n"], ["--metrics", "127.0.0.1:0"])
    let (unixFolder, other) = try await self.daemon(["a.yaml": Self.bars], ["--metrics", "unix:FOLDER/m"])
    let port = try port(daemon)
    for ask in [
      { try HTTP.ask(Self.request, on: HTTP.connect(port: port)) },
      { try HTTP.ask(Self.request, on: HTTP.connect(unix: unixFolder.file("m"))) },
    ] {
      let first = try ask()
      #expect(first.status == 200)
      #expect(first.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(first.headers["content-length"] == "\(first.body.utf8.count)")
      let before = try metrics(ask) {
        $0.samples[#"saccade_stream_frames_decoded_total{stream="a"}"#] ?? 0 >= 5
      }
      let after = try metrics(ask) { now in
        ["frames_decoded", "frames_looked_at", "ticks", "bytes", "packets"].allSatisfy { name in
          let key = "saccade_stream_\(name)_total{stream=\"a\"}"
          return (now.samples[key] ?? 0) >= (before.samples[key] ?? 0) + 10
        }
      }
      #expect(after.samples[#"saccade_stream_state{state="running",stream="a"}"#] == 1)
      #expect(after.samples[#"saccade_stream_state{state="lost",stream="a"}"#] == 0)
      #expect(after.samples[#"saccade_stream_events_begun_total{kind="lit",stream="a"}"#] == 1)
      #expect(after.samples["saccade_healthy"] == 1)
      #expect(after.samples["process_open_fds"] ?? 0 > 5)
      #expect(after.samples["process_cpu_seconds_total"] ?? 0 > 0)
      for (key, value) in before.samples where key.contains("_total") {
        #expect(after.samples[key] ?? -1 >= value, "\(key)")
      }
    }
    let lost = try metrics(
      { try HTTP.ask(Self.request, on: HTTP.connect(port: port)) },
      until: {
        $0.samples[#"saccade_stream_state{state="lost",stream="camera"}"#] == 1
      })
    #expect(lost.samples[#"saccade_stream_frames_decoded_total{stream="camera"}"#] == 0)

    // A stream that goes takes its metrics along.
    try FileManager.default.removeItem(atPath: folder.file("camera.yaml"))
    #expect(try await Command.run(["reload", "--control", folder.file("control.sock")]).code == 0)
    let rest = try Metrics(try HTTP.ask(Self.request, on: HTTP.connect(port: port)).body)
    #expect(!rest.samples.keys.contains { $0.contains("camera") })
    for process in [daemon, other] {
      process.signal(SIGTERM)
      #expect(await process.end(within: 20).code == 0)
    }
    #expect(!FileManager.default.fileExists(atPath: unixFolder.file("m")))
  }

  @Test("are those of the reference, with the same types")
  func documented() async throws {
    let (folder, daemon) = try await daemon(
      ["a.yaml": Self.bars], ["--metrics", "unix:FOLDER/m", "--journal", "FOLDER/j.db"])
    let metrics = try metrics(
      { try HTTP.ask(Self.request, on: HTTP.connect(unix: folder.file("m"))) },
      until: {
        $0.types["saccade_stream_source_fps"] != nil && $0.types["saccade_stream_events_begun_total"] != nil
          && $0.samples["saccade_journal_written_total"] ?? 0 > 0
      })
    var documented: [String: String] = [:]
    for row in try Reference.rows("## Metrics") where row.count > 2 {
      for name in Reference.names(row[0]) { documented[name] = row[1] }
    }
    #expect(documented.count > 40)
    #expect(metrics.types == documented)
    #expect(Set(metrics.help.keys) == Set(metrics.types.keys))
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
  }

  @Test("tell a live stream's latency as a histogram")
  func latency() async throws {
    // By TCP: FFmpeg ends a receiver of UDP by cancelling its thread, for which ThreadSanitizer ends the process.
    let url = "tcp://127.0.0.1:\(LocalPort.free())"
    let (folder, daemon) = try await daemon(["a.yaml": "source: \(url)\n"], ["--metrics", "unix:FOLDER/m"])
    let sender = try RunningCommand(
      "/usr/bin/ffmpeg",
      [
        "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30", "-c:v",
        "libx264",
        "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15", "-f", "mpegts",
        url + "?listen=1",
      ])
    let metrics = try metrics(
      { try HTTP.ask(Self.request, on: HTTP.connect(unix: folder.file("m"))) },
      until: {
        $0.samples[#"saccade_stream_latency_seconds_count{stream="a"}"#] ?? 0 >= 30
      })
    let count = try #require(metrics.samples[#"saccade_stream_latency_seconds_count{stream="a"}"#])
    let sum = try #require(metrics.samples[#"saccade_stream_latency_seconds_sum{stream="a"}"#])
    #expect(sum > 0 && sum < count * 30)
    #expect(metrics.types["saccade_stream_latency_seconds"] == "histogram")
    let status = try await Command.run(["status", "--json", "--socket", folder.file("s")])
    #expect(status.output.firstMatch(of: /"latency_ms":\{"p50":[\d.]+,"p99":[\d.]+\}/) != nil)
    daemon.signal(SIGTERM)
    let ended = await daemon.end(within: 20)
    #expect(ended.code == 0, "\(ended.error)")
    sender.signal(SIGKILL)
    _ = await sender.end(within: 20)
  }

  @Test("are at /metrics and by GET alone; what is no HTTP is refused")
  func wrongRequests() async throws {
    let (folder, daemon) = try await daemon(["a.yaml": Self.bars], ["--metrics", "unix:FOLDER/m"])
    let cases = [
      ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404), ("GET /metricss HTTP/1.1\r\nHost: x\r\n\r\n", 404),
      ("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", 405),
      ("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 405), ("nonsense\r\n\r\n", 400),
      ("GET /metrics?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", 200), ("GET /metrics HTTP/1.0\r\n\r\n", 200),
    ]
    for (request, status) in cases {
      #expect(try HTTP.ask(request, on: HTTP.connect(unix: folder.file("m"))).status == status, "\(request)")
    }
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
  }

  @Test("let go of clients that say nothing, and of more than sixteen at once")
  func silence() async throws {
    let (folder, daemon) = try await daemon(["a.yaml": Self.bars], ["--metrics", "unix:FOLDER/m"])
    let silent = try (0..<40).map { _ in try HTTP.connect(unix: folder.file("m")) }
    for client in silent {
      #expect(HTTP.read(client).isEmpty)
      close(client)
    }
    #expect(try HTTP.ask(Self.request, on: HTTP.connect(unix: folder.file("m"))).status == 200)
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
  }

  @Test(
    "end the start where they can't be served, and leave no socket behind",
    arguments: [
      ("nowhere", 64, "--metrics"), ("unix:/no/such/folder/m", 73, "/no/such/folder"),
      ("192.0.2.1:1", 69, "metrics can't be served there"),
    ] as [(String, Int32, String)])
  func address(_ address: String, _ code: Int32, _ words: String) async throws {
    let folder = try Folder(["a.yaml": Self.bars])
    let ended = try await Command.run(
      ["run", folder.path, "--socket", folder.file("s"), "--metrics", address])
    #expect(ended.code == code, "\(ended.error)")
    #expect(ended.error.contains(words), "\(ended.error)")
    for name in ["s", "control.sock"] { #expect(!FileManager.default.fileExists(atPath: folder.file(name))) }
  }
}
