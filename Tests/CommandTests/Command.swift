import Foundation
import TestKit
import Testing

/// The built `saccade`, run as its users run it.
enum Command {
  typealias Output = RunningCommand.Output

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
