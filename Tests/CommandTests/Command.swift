import Foundation
import Testing

/// The built `saccade`, run as its users run it.
enum Command {
  struct Output: Sendable {
    var code: Int32
    var output: String
    var error: String

    var lines: [Substring] { output.split(separator: "\n") }
  }

  /// It lies beside the bundle of the tests.
  static let path: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("saccade").path
  }()

  /// The repository, seen from this file.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Runs to the end; one that hangs is ended after a minute and a half, with a code of its own.
  static func run(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:], in folder: String? = nil
  ) async throws -> Output {
    let process = try RunningCommand(
      path, arguments, input: input, environment: environment, in: folder)
    return await process.end(within: 90)
  }

  /// A shell pipeline with `$SACCADE` in it.
  static func shell(_ script: String, environment: [String: String] = [:]) async throws -> Output {
    let process = try RunningCommand(
      "/bin/sh", ["-c", script], input: nil, environment: environment.merging(["SACCADE": path]) { a, _ in a }
    )
    return await process.end(within: 90)
  }
}

/// A process with all that it printed so far.
final class RunningCommand: @unchecked Sendable {
  // Safety: `printed` and `ended` are guarded by `lock`; `process` is only asked and signalled.
  private let process = Process()
  private let lock = NSCondition()
  private var printed = (output: Data(), error: Data())
  private let input: Pipe?
  private var open = 2
  private var code: Int32?

  /// - Parameter isFed: Its standard input comes from `feed` and lasts until then; else it is `input`.
  init(
    _ path: String, _ arguments: [String], input: Data? = nil, isFed: Bool = false,
    environment: [String: String] = [:], in folder: String? = nil
  ) throws {
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    var variables = ["PATH": "/usr/bin:/bin", "HOME": NSTemporaryDirectory(), "LANG": "C.UTF-8"]
    variables.merge(environment) { _, new in new }
    process.environment = variables
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let output = Pipe()
    let error = Pipe()
    process.standardOutput = output
    process.standardError = error
    self.input = input != nil || isFed ? Pipe() : nil
    if let pipe = self.input {
      process.standardInput = pipe
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
    if let input { feed(input) }
    gather(output.fileHandleForReading) { $0.output.append($1) }
    gather(error.fileHandleForReading) { $0.error.append($1) }
    Thread.detachNewThread { [self] in
      process.waitUntilExit()
      lock.withLock {
        code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        lock.broadcast()
      }
    }
  }

  /// Writes to its standard input and closes it.
  func feed(_ data: Data) {
    Thread.detachNewThread { [input] in
      try? input?.fileHandleForWriting.write(contentsOf: data)
      try? input?.fileHandleForWriting.close()
    }
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  var output: String { lock.withLock { String(decoding: printed.output, as: UTF8.self) } }
  var error: String { lock.withLock { String(decoding: printed.error, as: UTF8.self) } }

  /// Waits until the condition holds for what was printed, the process has ended, or the time is over.
  func wait(within seconds: Double = 60, until condition: @escaping @Sendable (String, String) -> Bool) async
    -> Bool
  {
    await onThread { [self] in
      let deadline = Date(timeIntervalSinceNow: seconds)
      return lock.withLock {
        while true {
          let output = String(decoding: printed.output, as: UTF8.self)
          if condition(output, String(decoding: printed.error, as: UTF8.self)) { return true }
          if code != nil, open == 0 { return false }
          if !lock.wait(until: deadline) { return false }
        }
      }
    }
  }

  func end(within seconds: Double) async -> Command.Output {
    await onThread { [self] in
      let deadline = Date(timeIntervalSinceNow: seconds)
      lock.lock()
      while code == nil || open > 0, lock.wait(until: deadline) {}
      let known = code
      lock.unlock()
      if known == nil { kill(process.processIdentifier, SIGKILL) }
      return lock.withLock {
        while code == nil { lock.wait() }
        return Command.Output(
          code: known ?? -999, output: String(decoding: printed.output, as: UTF8.self),
          error: String(decoding: printed.error, as: UTF8.self))
      }
    }
  }

  private func gather(
    _ handle: FileHandle, _ keep: @escaping @Sendable (inout (output: Data, error: Data), Data) -> Void
  ) {
    Thread.detachNewThread { [self] in
      while true {
        let data = handle.availableData
        lock.withLock {
          if data.isEmpty { open -= 1 } else { keep(&printed, data) }
          lock.broadcast()
        }
        if data.isEmpty { return }
      }
    }
  }

  /// Waiting must not hold the threads that the tests run on.
  private func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }
}

/// A folder of its own for one test, gone with it.
final class Folder: Sendable {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    // Short: a socket's path has at most 107 bytes.
    path = "/tmp/sc-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for (name, text) in files {
      try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  func text(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }
}

/// Clips for the tests, made by the `ffmpeg` program.
enum Clip {
  static func make(_ path: String, _ arguments: [String]) async throws {
    let ffmpeg = try RunningCommand(
      "/usr/bin/ffmpeg", ["-nostdin", "-loglevel", "error", "-y"] + arguments + [path])
    let ended = await ffmpeg.end(within: 60)
    try #require(ended.code == 0, "ffmpeg: \(ended.error)")
  }

  /// A dark figure walks once through the empty lobby of the sample clip, from left to right, from the
  /// second second on. `seconds` long.
  static func walk(_ path: String, seconds: Int = 4, further: [String] = []) async throws {
    let scene =
      "[0]trim=end_frame=1,loop=-1:1,scale=640:360,fps=30,trim=duration=\(seconds),setpts=N/30/TB,"
      + "noise=alls=4:allf=t[b];color=c=0x282840:s=44x110:r=30:d=\(seconds)[o];"
      + "[b][o]overlay=x='-44+(t-1)*240':y=180:enable='gte(t,1)'"
    try await make(
      path,
      [
        "-i", Command.root + "/samples/lobby.mp4", "-filter_complex", scene, "-c:v", "libx264", "-preset",
        "ultrafast", "-pix_fmt", "yuv420p",
      ] + further)
  }
}
