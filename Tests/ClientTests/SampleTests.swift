import Base
import Events
import Foundation
import TestKit
import Testing

/// The clients of `samples/clients`, run as a user runs them.
@Suite struct SampleTests {
  private static let samples = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../samples/clients").standardized.path

  /// A program with its standard output to read line by line.
  private final class Program {
    private let process = Process()
    private let output = Pipe()
    private var held: [UInt8] = []

    init(_ words: [String], socket: String) throws {
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = words
      process.environment = ProcessInfo.processInfo.environment.merging(["SACCADE_SOCKET": socket]) { $1 }
      process.standardOutput = output
      try process.run()
    }

    deinit {
      // Tests run on threads that block signals, which the child inherits: it would never see a milder one.
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }

    func exitCode() -> Int32 {
      process.waitUntilExit()
      return process.terminationStatus
    }

    /// Nil at the end, and when nothing comes for 20 s.
    func line() -> String? {
      while true {
        if let end = held.firstIndex(of: 10) {
          let line = String(decoding: held[..<end], as: UTF8.self)
          held.removeSubrange(...end)
          return line
        }
        var file = pollfd(
          fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&file, 1, 20_000) > 0 else { return nil }
        let bytes = output.fileHandleForReading.availableData
        if bytes.isEmpty { return nil }
        held += bytes
      }
    }
  }

  private static func has(_ program: String) -> Bool {
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  private static let python = ["python3", "\(samples)/python/saccade_client.py", "--from", "oldest"]

  @Test(.enabled(if: has("python3")))
  func `the Python client prints events, and goes on after the daemon started again`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"), epoch: "aaaa")
    daemon.publish(ticks: 3, events: true)
    let program = try Program(Self.python, socket: scratch.file("a.sock"))
    for (start, end) in [
      ("13:45:20.033", "object e2"), ("13:45:20.099", "object e4"), ("13:45:20.165", "object e6"),
    ] {
      let line = try #require(program.line())
      #expect(line.hasPrefix("\(start) lobby") && line.hasSuffix(end), "\(line)")
    }
    daemon.stop()
    #expect(program.line() == "the daemon says bye: told to stop")
    let second = try Daemon(scratch.file("a.sock"), epoch: "bbbb")
    defer { second.stop() }
    second.publish(events: true)
    #expect(program.line()?.contains("point") == true)
  }

  @Test(.enabled(if: has("python3")))
  func `the Python client says why it can't go on`() throws {
    let scratch = Scratch("client")
    let program = try Program(Self.python, socket: scratch.file("a.sock"))
    #expect(program.line() == nil)
    #expect(program.exitCode() == 1)
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    let refused = try Program(Self.python + ["--stream", "hall"], socket: scratch.file("a.sock"))
    #expect(refused.line() == nil)
    #expect(refused.exitCode() == 1)
  }

  @Test(.enabled(if: has("socat") && has("jq")))
  func `the shell clients print events, what is in sight, and the status`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    daemon.publish(ticks: 2, events: true)
    func program(_ words: [String]) throws -> Program {
      try Program(
        ["env", "FROM=oldest", "\(Self.samples)/shell/\(words[0])"] + words.dropFirst(),
        socket: daemon.server.path)
    }
    let status = try program(["status.sh"])
    #expect(status.line() == "lobby\tlive\tstarting\t30 Hz\t4 records")
    #expect(status.line() == nil && status.exitCode() == 0)
    let events = try program(["events.sh", "object"])
    #expect(events.line() == "13:45:20.033 lobby point object e2")
    #expect(events.line() == "13:45:20.099 lobby point object e4")
    let inSight = try program(["in-sight.sh"])
    #expect(inSight.line()?.hasPrefix("13:45:20 lobby starting 0 in sight") == true)
    daemon.stop()
    #expect(events.line() == "bye: told to stop")
    #expect(events.line() == nil && events.exitCode() == 0)
  }
}
