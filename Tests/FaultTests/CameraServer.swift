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

/// A port of this machine that nobody has just now.
enum LocalPort {
  static func free() -> UInt16 {
    let (listener, port) = listen(backlog: nil)
    close(listener)
    return port
  }

  /// A socket at a port of its own on 127.0.0.1; listens with a backlog.
  static func listen(backlog: Int32?) -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0
          && (backlog.map { Glibc.listen(descriptor, $0) == 0 } ?? true)
          && getsockname(descriptor, address, &length) == 0
      }
    }
    precondition(bound, "no port on 127.0.0.1: errno \(errno)")
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }
}
