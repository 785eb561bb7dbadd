import Base
import Conditions
import Language
import Pipelines
import Semantics
import Testing

@Suite("The questions of a pipeline file")
struct QuestionConfigurationTests {
  private func read(_ text: String) throws -> Pipeline {
    try PipelineFiles.read(text, path: "cams/lobby.yaml", environment: ["KEY": "s3cret"])
  }

  private static let start = "source: a.mp4\nevents:\n  stay: still > 5 s\n  full: count(objects) > 3\n"

  @Test("are read with who answers, and their answers are words of the language")
  func all() throws {
    let pipeline = try read(
      """
      source: a.mp4
      language_model:
        servers:
          - {url: "http://10.0.0.2:8000/v1", dialect: vllm, model: qwen3-vl, slots: 8, key: "${KEY}"}
          - url: unix:/run/llama.sock
        calls: 6 1/min
      questions:
        helmet: is the person wearing a helmet?
        colour:
          ask: which colour is the car?
          answer: [red, green, dark blue]
          of: [object, stay]
          pictures: 3
          spread: 1 s
          pause: 20 s
          most: 2
          every: 1 min
          deadline: 30 s
          size: 448
        people: {ask: how many people?, answer: number, range: [0, 20], unit: people, of: full, about: scene}
        story: {ask: what happens?, answer: text, longest: 100}
      events:
        stay: still > 5 s
        full: count(objects) > 3
        bare: answer("helmet") is no for 3 s
        blue: answer(colour) in ("dark blue", green) and answer(people) > 2
      """)
    #expect(pipeline.questions.map(\.plan.name) == ["helmet", "colour", "people", "story"])
    #expect(pipeline.questions[0].plan == QuestionPlan(name: "helmet"))
    let colour = pipeline.questions[1]
    #expect(
      colour.plan
        == QuestionPlan(
          name: "colour", kinds: ["object", "stay"], pictures: 3, spread: .seconds(1), pause: .seconds(20),
          most: 2, every: .seconds(60), deadline: .seconds(30)))
    #expect(colour.longestSide == 448)
    #expect(colour.question.form == .choice(["red", "green", "dark blue"]))
    #expect(pipeline.questions[2].plan.isOfScene)
    #expect(pipeline.questions[2].question.form == .number(unit: "people", range: 0...20))
    #expect(pipeline.questions[3].question.form == .text(longest: 100))
    #expect(pipeline.setting.questions.map(\.scope) == [.object, .object, .scene, .object])
    #expect(pipeline.events.map(\.rule.name) == ["stay", "full", "bare", "blue"])
    #expect(pipeline.languageModel?.calls == CallAllowance(perSecond: 0.1))
    let servers = try #require(pipeline.languageModel?.servers)
    #expect(servers.map(\.address.description) == ["http://10.0.0.2:8000", "unix:/run/llama.sock"])
    #expect(servers[0].dialect == .vllm && servers[0].slots == 8)
    #expect(try servers[0].key == ServerKey("s3cret"))
    #expect(!"\(servers)".contains("s3cret"))
  }

  @Test("may be answered by a llama-server of Saccade's own")
  func own() throws {
    let pipeline = try read(
      """
      source: a.mp4
      language_model:
        gguf: qwen.gguf
        mmproj: /models/mmproj.gguf
        adapters: [{path: helmets.gguf, scale: 0.5}, {path: /l/b.gguf}]
        threads: 2
        memory: 8 GiB
        context: 4096
        picture_tokens: 220
      questions: {helmet: is the person wearing a helmet?}
      """)
    let plan = try #require(pipeline.languageModel?.own)
    #expect(plan.model == "cams/qwen.gguf" && plan.projector == "/models/mmproj.gguf" && plan.program == "")
    #expect(plan.adapters.map(\.path) == ["cams/helmets.gguf", "/l/b.gguf"])
    #expect(pipeline.languageModel?.adapters == [0: 0.5, 1: 1])
    #expect(
      plan.threads == 2 && plan.memoryLimit == 8 << 30 && plan.context == 4096 && plan.tokensPerPicture == 220
    )
  }

  static let faults: [(String, String, String?)] = [
    ("questions: {h: is it?}", "5:1: `questions` are asked, and nobody is there to answer", "language_model"),
    ("language_model: http://a\nquestions: [h]", "6:12: `questions` takes a mapping", "helmet"),
    (
      "language_model: http://a\nquestions: {h: {ask: x, aswer: text}}", "6:25: unknown key `aswer`",
      "`answer`"
    ),
    ("language_model: http://a\nquestions: {h: {of: object}}", "6:13: question `h` has no `ask`", "`ask:`"),
    (
      "language_model: http://a\nquestions: {h: {ask: x, of: sty}}",
      "6:13: question `h` is asked of `sty`, and there is no such kind", "`stay`"
    ),
    (
      "language_model: http://a\nquestions: {h: {ask: x, of: full}}",
      "6:13: question `h` is about objects, and `full` is an event of the scene", "about: scene"
    ),
    (
      "language_model: http://a\nquestions: {h: {ask: x, of: motion}}", "6:13: question `h` is about objects",
      "about: scene"
    ),
    (
      "language_model: http://a\nquestions: {h: {ask: x, answer: [a, a]}}",
      "6:22: the question `x` can't be asked",
      nil
    ),
    (
      "language_model: http://a\nquestions: {h: {ask: x, answer: maybe}}", "6:33: `answer` takes",
      "[red, green"
    ),
    (
      "language_model: http://a\nquestions: {h: {ask: x, answer: number, range: [5, 2]}}",
      "6:48: `range` takes", nil
    ),
    ("language_model: http://a\nquestions: {h: {ask: x, unit: kg}}", "6:25: `unit` doesn't go with", nil),
    ("language_model: http://a\nquestions: {h: {ask: x, pictures: 99}}", "6:35: `pictures` takes", nil),
    ("language_model: http://a\nquestions: {a b: is it?}", "6:13: a question's name may hold letters", nil),
    ("language_model: ftp://a", "5:17: not a model server's address", "http://HOST:PORT"),
    ("language_model: {model: x}", "5:1: `language_model` says nobody to ask", "`gguf`"),
    ("language_model: {url: http://a, gguf: b}", "5:1: `language_model` has `url` and `gguf`", "one of"),
    ("language_model: {url: http://a, mmproj: b}", "5:33: `mmproj` doesn't go with `url`", nil),
    ("language_model: {url: http://a, key: s3cret}", "5:38: `key` takes a reference", "${NAME}"),
    ("language_model: {url: http://a, key: '${NO}'}", "5:38: the environment variable `NO` is not set", nil),
    ("language_model: {url: http://a, dialect: vlm}", "5:42: `dialect` takes one of", "`vllm`"),
    ("language_model: {url: http://a, calls: 3}", "5:40: `calls` takes how often", "`3 1/min`"),
    ("language_model: {url: http://a, calls: 3 1/d}", "5:40: `calls` takes how often", "`3 1/"),
    ("language_model: {url: http://a, calls: 0.5 1/h}", "5:40: `calls` takes 1 1/h to 60 1/s", nil),
    (
      "language_model: http://a\nquestions: {h: {ask: x, every: 5 s}}",
      "6:13: question `h` is to be asked every 5 s, and models may be called only every 30 s",
      "`calls: 12 1/min`"
    ),
    ("language_model: {servers: []}", "5:27: `servers` takes a list", nil),
    ("language_model: {servers: [{slots: 1}]}", "5:28: this server has no `url`", nil),
    ("language_model: {gguf: a, memory: 3}", "5:35: `memory` takes", "`3 GiB`"),
    ("language_model: {gguf: a, adapters: [{scale: 1}]}", "5:38: an adapter has no `path`", nil),
  ]

  @Test("are told of at their place when they are wrong", arguments: faults)
  func wrong(_ given: (String, String, String?)) {
    expectOneFault(given) { try read(Self.start + $0 + "\n") }
  }

  @Test("that wait for what waits for them are refused")
  func circle() {
    let text = """
      source: a.mp4
      language_model: http://a
      questions: {helmet: {ask: is it?, of: bare}}
      events: {bare: answer(helmet) is no}
      """
    #expect(throws: PipelineFaults.self) { try read(text) }
  }
}
