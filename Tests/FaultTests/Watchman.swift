import Base
import Events
import Foundation
import Glibc
import TestKit
import Testing

/// The built daemon in a process of its own, and a subscriber that keeps account of all it is told.
final class Watchman: @unchecked Sendable {
  // Safety: made by one test and used by it; what two threads share is in `told`.
  let folder = Scratch("fault")
  let process: RunningCommand
  private let socket: Int32
  private var reading: WorkerThread?
  private var understanding: WorkerThread?
  private let told = Monitor(Account())
  private let clocks = SystemClocks()

  private struct Heard {
    var bytes: [UInt8] = []
    var isOver = false
  }

  private static let saccade: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("saccade").path
  }()

  /// Serves the pipelines, each a YAML text, under their names; returns once it takes clients.
  ///
  /// - Parameter wrapper: A program that runs another, with its arguments.
  init(_ pipelines: [String: String], wrapper: [String] = []) async throws {
    for (name, text) in pipelines { try folder.write(text, to: "\(name).yaml") }
    let command = wrapper + [Self.saccade, "run", folder.path, "--socket", folder.file("s")]
    process = try RunningCommand(command[0], Array(command.dropFirst()))
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    // At once when it can be: what is told before isn't heard. The thread that connects also reads, as it may take long
    // until a test goes on that waits for a thread; a client that takes nothing meanwhile is one too slow.
    let connected = Monitor<Bool?>(nil)
    listen(to: folder.file("s"), connected)
    let isConnected = await onThread {
      connected.withLock { connected, held in
        while connected == nil { held.wait(&connected) }
        return connected ?? false
      }
    }
    try #require(isConnected, "\(process.error)")
  }

  private static func connect(_ socket: Int32, to path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafeBytes(of: &address) {
      Glibc.connect(
        socket, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) == 0
    }
  }

  deinit {
    process.signal(SIGKILL)
    shutdown(socket, Int32(SHUT_RDWR))
    reading?.join()
    understanding?.join()
    // By nobody else: the number may belong to another test's socket from here on.
    close(socket)
  }

  /// What it says on standard error.
  var log: String { process.error }
  var account: Account { told.withLock { account, _ in account } }

  /// One thread only takes what comes and so is no slow reader, however long a record takes to be understood; another reads it.
  private func listen(to path: String, _ connected: Monitor<Bool?>) {
    let (socket, told, heard) = (socket, told, Monitor(Heard()))
    reading = WorkerThread(name: "subscriber") {
      var isConnected = Self.connect(socket, to: path)
      for _ in 0..<3000 where !isConnected {
        _ = poll(nil, 0, 20)
        isConnected = Self.connect(socket, to: path)
      }
      connected.withLock { connected, held in
        connected = isConnected
        held.wakeAll()
      }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      while isConnected {
        let count = recv(socket, &chunk, chunk.count, 0)
        guard count > 0 else { break }
        heard.withLock { heard, held in
          heard.bytes += chunk[..<count]
          held.wakeAll()
        }
      }
      heard.withLock { heard, held in
        heard.isOver = true
        held.wakeAll()
      }
    }
    understanding = WorkerThread(name: "account") {
      var rest: [UInt8] = []
      while true {
        let bytes: [UInt8]? = heard.withLock { heard, held in
          while heard.bytes.isEmpty {
            if heard.isOver { return nil }
            held.wait(&heard)
          }
          defer { heard.bytes = [] }
          return heard.bytes
        }
        guard let bytes else { return }
        rest += bytes
        let lines = rest.split(separator: 10, omittingEmptySubsequences: false)
        told.withLock { account, held in
          for line in lines.dropLast() {
            if let message = try? RecordReader.read(line) { account.take(message) }
          }
          held.wakeAll()
        }
        rest = Array(lines.last ?? [])
      }
    }
  }

  /// Waits until what was told fulfils the condition; false when it doesn't within so many seconds.
  func wait(within seconds: Double = 60, until condition: @escaping @Sendable (Account) -> Bool) async -> Bool
  {
    let (told, limit) = (told, clocks.monotonic() + .seconds(seconds * RunningCommand.patience))
    return await onThread {
      told.withLock { account, held in
        while !condition(account) {
          if !held.wait(&account, until: limit) { return condition(account) }
        }
        return true
      }
    }
  }

  /// Waits until so many new frames of a stream were told in a row of fresh records.
  func watches(_ name: String, from segment: Int = 1, frames: UInt64 = 30) async -> Bool {
    await wait { account in
      let stream = account[name]
      guard stream.segment >= segment, stream.isFresh else { return false }
      let first = stream.frames.first { $0.segment == stream.segment }
      return stream.last!.frame >= first!.frame + frames
    }
  }

  /// Ends it in order; what was told to the end is in `account`.
  func stop() async -> Int32 {
    process.signal(SIGTERM)
    let code = await process.end(within: 30).code
    _ = await wait(within: 10) { $0.hasEnded }
    return code
  }
}

/// What a process holds of the machine.
struct Holdings: Equatable, Sendable {
  var descriptors: Int
  var threads: Int

  init(of process: Int32) {
    func count(_ folder: String) -> Int {
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/\(folder)").count) ?? 0
    }
    descriptors = count("fd")
    threads = count("task")
  }

  /// The most that its memory ever was, in MiB.
  static func peakMemory(of process: Int32) -> Double {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    guard let found = status.firstMatch(of: /VmHWM:\s+(\d+) kB/) else { return .infinity }
    return (Double(found.1) ?? .infinity) / 1024
  }
}
