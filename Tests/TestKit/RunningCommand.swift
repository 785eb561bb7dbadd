import Foundation

/// A process with all that it printed so far.
package final class RunningCommand: @unchecked Sendable {
  /// What times are multiplied by: sanitizers make everything slower, and so `make sanitize` says 10.
  package static let patience =
    ProcessInfo.processInfo.environment["SACCADE_TEST_PATIENCE"].flatMap(Double.init) ?? 1

  package struct Output: Sendable {
    /// A signal's number below zero when one ended it.
    package var code: Int32
    package var output: String
    package var error: String

    package var lines: [Substring] { output.split(separator: "\n") }
  }

  // Safety: `printed` and `ended` are guarded by `lock`; `process` is only asked and signalled.
  private let process = Process()
  private let lock = NSCondition()
  private var printed = (output: Data(), error: Data())
  private let input: Pipe?
  private var open = 2
  private var code: Int32?

  /// - Parameter isFed: Its standard input comes from `feed` and lasts until then; else it is `input`.
  package init(
    _ path: String, _ arguments: [String], input: Data? = nil, isFed: Bool = false,
    environment: [String: String] = [:], in folder: String? = nil
  ) throws {
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    var variables = ["PATH": "/usr/bin:/bin", "HOME": NSTemporaryDirectory(), "LANG": "C.UTF-8"]
    // Where the tests run under a sanitizer, what they start does too.
    for name in ["TSAN_OPTIONS", "ASAN_OPTIONS"] {
      variables[name] = ProcessInfo.processInfo.environment[name]
    }
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
    // `waitUntilExit` looks again and again: with as many of them as there are daemons under test, that is a core's work.
    process.terminationHandler = { [self] process in
      lock.withLock {
        code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        lock.broadcast()
      }
      // It keeps this, which keeps it.
      process.terminationHandler = nil
    }
    do {
      try process.run()
    } catch {
      process.terminationHandler = nil
      throw error
    }
    if let input { feed(input) }
    gather(output.fileHandleForReading) { $0.output.append($1) }
    gather(error.fileHandleForReading) { $0.error.append($1) }
  }

  /// Writes to its standard input and closes it.
  package func feed(_ data: Data) {
    Thread.detachNewThread { [input] in
      try? input?.fileHandleForWriting.write(contentsOf: data)
      try? input?.fileHandleForWriting.close()
    }
  }

  package var id: Int32 { process.processIdentifier }
  package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  package var output: String { lock.withLock { String(decoding: printed.output, as: UTF8.self) } }
  package var error: String { lock.withLock { String(decoding: printed.error, as: UTF8.self) } }

  /// Waits until the condition holds for what was printed, the process has ended, or the time is over.
  package func wait(
    within seconds: Double = 60, until condition: @escaping @Sendable (String, String) -> Bool
  ) async
    -> Bool
  {
    await onThread { [self] in
      let deadline = Date(timeIntervalSinceNow: seconds * Self.patience)
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

  package func end(within seconds: Double) async -> Output {
    await onThread { [self] in
      let deadline = Date(timeIntervalSinceNow: seconds * Self.patience)
      lock.lock()
      while code == nil || open > 0, lock.wait(until: deadline) {}
      let known = code
      lock.unlock()
      if known == nil { kill(process.processIdentifier, SIGKILL) }
      return lock.withLock {
        while code == nil { lock.wait() }
        return Output(
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
}

/// Runs what waits on a thread of its own: it must not hold the threads that the tests run on.
package func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}
