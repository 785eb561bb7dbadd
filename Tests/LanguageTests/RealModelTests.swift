import Base
import Foundation
import Language
import TestKit
import Testing

@Suite(
  "A real llama-server", .enabled(if: RealModel.isAsked, RealModel.comment), .serialized,
  .timeLimit(.minutes(10)))
struct RealModelTests {
  private let scratch = Scratch("llama")

  private static let forms = [
    Asking.helmet,
    Asking.question("Which colour is the car?", .choice(["red", "green", "blue"])),
    Asking.question("How many people are there?", .number(unit: nil, range: nil)),
    Asking.question("What is there?", .text(longest: 40)),
  ]

  @Test func `every form of answer is answered, and the evidence tells what that took`() async throws {
    let pictures = try await RealModel.pictures(2, in: scratch)
    let replies = try await RealModel.ask(RealModel.plan(in: scratch)) { core, diary in
      #expect(await diary.ready() != nil)
      var replies: [LanguageReply] = []
      for form in Self.forms { replies.append(await core.reply(to: RealModel.question(pictures, form))) }
      return replies
    }
    for (reply, question) in zip(replies, Self.forms) {
      let evidence = reply.evidence
      #expect(Self.isAnswer(reply.verdict, to: question.form), "\(question.text) \(reply.verdict)")
      #expect(evidence.server == "own" && evidence.model == "model.gguf" && evidence.sends == 1)
      // A picture of 320×192 has 60 tokens.
      #expect((evidence.promptTokens ?? 0) > 120 && (evidence.completionTokens ?? 0) > 0)
      #expect((evidence.firstToken ?? 0) > 0 && evidence.latency >= (evidence.exchange ?? .max))
    }
  }

  @Test func `several share a call, each in its own form`() async throws {
    let pictures = try await RealModel.pictures(4, in: scratch)
    // Random weights write numbers that are none, which is asked for again only where there is but one.
    let forms = [Self.forms[0], Self.forms[1], Self.forms[3], Self.forms[0]]
    let cases = zip(pictures, forms).map { picture, form in
      LanguageCase(pictures: [picture], context: "object 7 in yard", question: form)
    }
    let reply = try await RealModel.ask(RealModel.plan(in: scratch)) { core, diary in
      #expect(await diary.ready() != nil)
      return await core.reply(
        to: LanguageAsk(cases: cases, deadline: SystemClocks().monotonic() + .seconds(400)))
    }
    guard case .answered(let answers) = reply.verdict else {
      Issue.record("\(reply.verdict)")
      return
    }
    #expect(answers.count == 4)
    for (answer, question) in zip(answers, forms) {
      #expect(Self.isAnswer(answer, to: question.form), "\(question.text) \(answer)")
    }
    #expect(reply.evidence.sends == 1 && reply.evidence.times.count == 4)
  }

  private static func isAnswer(_ verdict: LanguageReply.Verdict, to form: Question.Form) -> Bool {
    guard case .answered(let answers) = verdict, answers.count == 1 else { return false }
    return isAnswer(answers[0], to: form)
  }

  private static func isAnswer(_ answer: Answer, to form: Question.Form) -> Bool {
    switch (answer, form) {
    case (.undecided, _), (.yes, .yesNo), (.no, .yesNo), (.choice, .choice), (.number, .number),
      (.text, .text):
      true
    default: false
    }
  }

  @Test func `what was computed for pictures is used again for the next question about them`() async throws {
    let pictures = try await RealModel.pictures(3, in: scratch)
    let (first, second) = try await RealModel.ask(RealModel.plan(in: scratch)) { core, _ in
      let first = await core.reply(to: RealModel.question(pictures, Self.forms[0]))
      return (first, await core.reply(to: RealModel.question(pictures, Self.forms[1])))
    }
    #expect(first.evidence.cachedTokens == 0, "\(first.verdict)")
    #expect((second.evidence.cachedTokens ?? 0) > 180, "\(second.verdict)")
    #expect((second.evidence.cachedTokens ?? .max) < (second.evidence.promptTokens ?? 0))
  }

  @Test func `an adapter is applied to one question at a scale`() async throws {
    let pictures = try await RealModel.pictures(1, in: scratch)
    var plan = try RealModel.plan(in: scratch)
    plan.adapters = [try RealModel.adapter()]
    let replies = try await RealModel.ask(plan) { core, _ in
      var replies: [LanguageReply] = []
      for adapters in [[:], [0: 0.5], [0: 0.0]] as [[Int: Double]] {
        let ask = RealModel.question(pictures, Self.forms[0], adapters: adapters)
        replies.append(await core.reply(to: ask))
      }
      return replies
    }
    for reply in replies { #expect(Self.isAnswer(reply.verdict, to: .yesNo), "\(reply.verdict)") }
    // What was computed with another scale is of no use.
    #expect(replies.map(\.evidence.cachedTokens) == [0, 0, 0])
  }

  @Test func `a broken picture is told, and kills nobody`() async throws {
    let pictures = try await RealModel.pictures(1, in: scratch)
    try await RealModel.ask(RealModel.plan(in: scratch)) { core, diary in
      let broken = await core.reply(to: RealModel.question([Asking.picture(1)]))
      guard case .unknown(.failed(.status(400, let words))) = broken.verdict else {
        Issue.record("\(broken.verdict)")
        return
      }
      #expect(words == "Failed to load image or audio file" && broken.evidence.sends == 1)
      let sound = await core.reply(to: RealModel.question(pictures))
      #expect(Self.isAnswer(sound.verdict, to: .yesNo), "\(sound.verdict)")
      #expect(diary.pids.count == 1)
    }
  }

  @Test func `one that is killed at work is started again, and no question is left open`() async throws {
    // Large, so that it is at it for seconds.
    let pictures = try await RealModel.pictures(2, size: "1600x896", in: scratch)
    let small = try await RealModel.pictures(1, in: scratch)
    try await RealModel.ask(RealModel.plan(in: scratch)) { core, diary in
      #expect(await diary.ready() != nil)
      let pid = try #require(diary.pids.first)
      let before = try #require(Self.computing(pid))
      let open = Task { await core.reply(to: RealModel.question(pictures)) }
      let isAtIt = await Self.wait {
        core.figures.inFlight == 1 && (Self.computing(pid) ?? 0) > before + 0.2
      }
      kill(pid, SIGKILL)
      let cut = await open.value
      #expect(isAtIt)
      guard case .unknown(.poisonous) = cut.verdict else {
        Issue.record("\(cut.verdict)")
        return
      }
      #expect(await diary.ended()?.status == "signal 9")
      let later = await core.reply(to: RealModel.question(small))
      #expect(Self.isAnswer(later.verdict, to: .yesNo), "\(later.verdict)")
      #expect(diary.pids.count == 2)
    }
  }

  @Test func `one that takes more memory than it may is ended, and that is told`() async throws {
    var plan = try RealModel.plan(in: scratch)
    plan.memoryLimit = 4 << 20
    let end = try await RealModel.ask(plan) { _, diary in await diary.ended() }
    guard case .overMemory(let bytes, 4 << 20) = end?.cause else {
      Issue.record("\(String(describing: end))")
      return
    }
    #expect(bytes > 4 << 20 && end?.status == "signal 9")
  }

  /// Seconds that a process has computed (proc(5): utime and stime, in hundredths); nil when it is over.
  private static func computing(_ pid: Int32) -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let name = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[name...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
    else { return nil }
    return (user + system) / 100
  }

  private static func wait(until holds: @escaping @Sendable () -> Bool) async -> Bool {
    await onThread {
      let deadline = SystemClocks().monotonic() + .seconds(240)
      while !holds() {
        if SystemClocks().monotonic() > deadline { return false }
        _ = poll(nil, 0, 5)
      }
      return true
    }
  }
}
