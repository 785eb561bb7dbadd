import Base
import Foundation
import Glibc
import TestKit
import Testing

/// A camera with RTSP in a process of its own (`camera.py`), which can be killed, frozen and replaced by
/// another at the same address.
final class CameraServer: @unchecked Sendable {
  struct Picture: Sendable {
    var size = "320x180"
    var codec = "h264"
    /// Frames a second: few, as a busy machine has to make them too.
    var rate = 15
  }

  // Safety: one test at a time uses it.
  private var process: RunningCommand?
  let port: UInt16
  /// What starts the server: a program that runs another, with its arguments.
  private let wrapper: [String]

  var url: String { "rtsp://127.0.0.1:\(port)/cam" }

  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("camera.py").path

  /// Not yet there. Call `start`.
  init(wrapper: [String] = []) {
    port = LocalPort.free()
    self.wrapper = wrapper
  }

  deinit { kill() }

  /// Returns when it takes viewers.
  func start(_ picture: Picture = Picture(), environment: [String: String] = [:]) async throws {
    let command =
      wrapper + [
        "/usr/bin/python3", Self.script, "\(port)", "--size", picture.size, "--codec", picture.codec,
      ]
    let process = try RunningCommand(
      command[0], Array(command.dropFirst()), isFed: true, environment: environment)
    self.process = process
    try #require(await process.wait { output, _ in output.contains("ready") }, "\(process.error)")
  }

  /// No last word: its connections break off.
  func kill() {
    process?.signal(SIGKILL)
    process?.signal(SIGCONT)
    process = nil
  }

  /// Its connections stay, and nothing comes over them.
  func freeze() { process?.signal(SIGSTOP) }
  func thaw() { process?.signal(SIGCONT) }

  /// Of the process that serves; 0 when there is none.
  var id: Int32 { process?.id ?? 0 }
}
