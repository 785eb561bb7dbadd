import Base
import Foundation
import Language
import TestKit
import Testing

@Suite(.timeLimit(.minutes(10)))
struct LlamaServerTests {
  private let scratch = Scratch("llama")

  private func plan(_ mode: String) throws -> LlamaPlan {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "fake-llama.py"
    ).path
    let program = try scratch.write("#!/bin/sh\nexec python3 '\(script)' \"$@\"\n", to: "llama-server")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    return LlamaPlan(
      program: program, model: try scratch.write(mode, to: "model.gguf"), projector: nil,
      door: .unix(path: scratch.file("llama.sock")), threads: 1)
  }

  private func start(_ plan: LlamaPlan, _ diary: Diary) throws -> LlamaServer {
    try LlamaServer(plan, environment: ProcessInfo.processInfo.environment, clocks: SystemClocks()) {
      diary.write($0)
    }
  }

  private static func lives(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

  @Test(arguments: ["fine", "late", "stubborn"])
  func `it is told when it is ready, and gone with its socket when it was stopped`(mode: String) async throws
  {
    let plan = try plan(mode)
    // A socket that a crash left behind is in nobody's way.
    try scratch.write("", to: "llama.sock")
    let diary = Diary()
    let server = try start(plan, diary)
    let loaded = await diary.ready()
    await onThread { server.stop() }
    #expect(loaded != nil)
    #expect(diary.pids.count == 1 && diary.pids.allSatisfy { !Self.lives($0) })
    #expect(!FileManager.default.fileExists(atPath: scratch.file("llama.sock")))
  }

  @Test func `one that ends by itself is told with its last words, and started again`() async throws {
    let diary = Diary()
    let server = try start(try plan("crash"), diary)
    let end = await diary.ended()
    let again = await diary.startedAgain()
    await onThread { server.stop() }
    #expect(end?.cause == .crash && end?.status == "signal 6" && end?.nextIn == .seconds(1))
    #expect(end?.lastWords.contains("GGML_ASSERT(n_tokens > 0) failed") == true)
    #expect(again)
  }

  @Test func `one that is killed from outside is started again and ready again`() async throws {
    let diary = Diary()
    let server = try start(try plan("fine"), diary)
    #expect(await diary.ready() != nil)
    kill(diary.pids[0], SIGKILL)
    let end = await diary.ended()
    let again = await diary.startedAgain()
    await onThread { server.stop() }
    #expect(end?.status == "signal 9" && end?.cause == .crash && again)
    #expect(diary.pids.allSatisfy { !Self.lives($0) })
  }

  @Test func `one that takes more memory than it may is ended`() async throws {
    var plan = try plan("hog")
    plan.memoryLimit = 96 << 20
    let diary = Diary()
    let server = try start(plan, diary)
    let end = await diary.ended()
    await onThread { server.stop() }
    guard case .overMemory(let bytes, 96 << 20) = end?.cause else {
      Issue.record("\(String(describing: end))")
      return
    }
    #expect(bytes > 96 << 20 && end?.status == "signal 9")
  }

  @Test func `one that never answers is ended`() async throws {
    var plan = try plan("deaf")
    plan.readyWithin = .seconds(2)
    let diary = Diary()
    let server = try start(plan, diary)
    let end = await diary.ended()
    await onThread { server.stop() }
    #expect(end?.cause == .neverReady && end?.status == "signal 9")
  }

  @Test func `what is no program is told, not tried for ever at once`() async throws {
    var plan = try plan("fine")
    plan.program = try scratch.write("\u{7F}ELF no program", to: "broken")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: plan.program)
    let diary = Diary()
    let server = try start(plan, diary)
    let fault = await diary.wait {
      if case .cannotStart(let fault, let next) = $0 { (fault, next) } else { nil }
    }
    await onThread { server.stop() }
    #expect(fault?.0.code == .system && fault?.1 == .seconds(1))
  }

  @Test func `it doesn't outlive whoever started it`() async throws {
    let plan = try plan("fine")
    // The thread ends and leaves its child behind.
    let pid = await onThread {
      let started = Monitor<Int32>(0)
      WorkerThread(name: "parent") {
        let child = try? GuardedChild(
          plan.program, plan.arguments, environment: ProcessInfo.processInfo.environment)
        started.withLock { pid, _ in pid = child?.pid ?? 0 }
      }.join()
      return started.withLock { pid, _ in pid }
    }
    #expect(pid > 0)
    let status = await onThread {
      var status: Int32 = 0
      return waitpid(pid, &status, 0) == pid ? status & 0x7F : -1
    }
    #expect(status == SIGKILL)
  }
}
