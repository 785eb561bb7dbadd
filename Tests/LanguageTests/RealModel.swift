import Base
import Foundation
import Language
import Logging
import TestKit
import Testing

/// A llama-server as `saccade setup llama` builds it, and what it loads, each named by a variable. Its tests don't run
/// without: the program takes ten minutes to build.
enum RealModel {
  private static let environment = ProcessInfo.processInfo.environment
  static let isAsked = environment["SACCADE_LLAMA_SERVER"] != nil
  static let comment: Comment = "runs by `make test-models`, which builds llama-server and makes a model"

  static func plan(in scratch: Scratch) throws -> LlamaPlan {
    try LlamaPlan(
      program: file("SERVER"), model: file("MODEL"), projector: file("MMPROJ"),
      door: .unix(path: scratch.file("llama.sock")), threads: 2)
  }

  static func adapter() throws -> LlamaPlan.Adapter { .init(path: try file("LORA"), scale: 1) }

  private static func file(_ name: String) throws -> String {
    try #require(environment["SACCADE_LLAMA_" + name], "SACCADE_LLAMA_\(name) is missing")
  }

  /// A core that asks a llama-server of its own; both end with the body, whatever happens in it.
  static func ask<R: Sendable>(
    _ plan: LlamaPlan, _ body: (LanguageCore, Diary) async throws -> R
  ) async throws -> R {
    let diary = Diary()
    let address = try plan.address
    var limits = LanguageLimits()
    limits.exchange = .patient
    // On a busy machine the end of a text, which brings the counts, takes a second more to compute.
    limits.exchange.afterAnswer = .seconds(60)
    let core = LanguageCore(
      [LanguageServer(name: "own", address: address, dialect: .llamaServer, model: "tiny")], limits: limits,
      clocks: SystemClocks(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let result: Result<R, any Error>
    do {
      let server = try LlamaServer(plan, environment: environment, clocks: SystemClocks()) { news in
        diary.write(news)
        if case .ready = news { core.lookSoon(at: "own") }
      }
      do { result = .success(try await body(core, diary)) } catch { result = .failure(error) }
      await onThread { server.stop() }
    } catch { result = .failure(error) }
    await onThread { core.stop() }
    #expect(diary.pids.allSatisfy { kill($0, 0) != 0 }, "a llama-server is left")
    return try result.get()
  }

  /// Different pictures, a second apart, as JPEG.
  static func pictures(_ count: Int, size: String = "320x192", in scratch: Scratch) async throws
    -> [TimedPicture]
  {
    let made = try await RunningCommand(
      "/usr/bin/ffmpeg",
      [
        "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=\(size):r=1", "-frames:v",
        "\(count)", "-q:v", "6", scratch.file("picture-%d.jpg"),
      ]
    ).end(within: 120)
    try #require(made.code == 0, "\(made.error)")
    return try (1...count).map { number in
      let data = try Data(contentsOf: URL(fileURLWithPath: scratch.file("picture-\(number).jpg")))
      return TimedPicture(time: MediaTime(seconds: Double(number)), jpeg: Array(data))
    }
  }

  static func question(
    _ pictures: [TimedPicture], _ question: Question = Asking.helmet, adapters: [Int: Double] = [:]
  ) -> LanguageAsk {
    LanguageAsk(
      pictures: pictures, question: question, deadline: SystemClocks().monotonic() + .seconds(400),
      adapters: adapters)
  }
}
