import Base
import Conditions
import Events
import Pipelines

/// What is thrown at the readers of texts from outside: the first byte of an input chooses which reader gets the rest. A
/// reader may refuse whatever it likes; what it takes must mean the same when it is written and read again.
enum TextTarget {
  private static let camera = Vocabulary(
    zones: ["door", "门口"], lines: ["gate"], hasScale: true, labels: nil, questions: setting.questions)
  private static let sweep = Vocabulary(domain: .sweep, hasScale: true)
  private static let setting = Setting(
    zones: [
      Zone(name: "door", polygon: Polygon([Point(x: 0, y: 0), Point(x: 0.5, y: 0), Point(x: 0.5, y: 1)])),
      Zone(name: "门口", polygon: Polygon([Point(x: 0.4, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1)])),
    ], lines: [Tripwire(name: "gate", from: Point(x: 0.5, y: 1), to: Point(x: 0.5, y: 0))],
    scale: .pixelsPerMetre(80),
    questions: [
      AskedQuestion(name: "helmet", scope: .object, kind: .words(["yes", "no", "unknown"])),
      AskedQuestion(name: "people", scope: .scene, kind: .number),
    ])

  static func take(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    let text = String(decoding: rest, as: UTF8.self)
    switch first % 8 {
    case 0: condition(text, camera)
    case 1: condition(text, sweep)
    case 2: sentence(text, camera)
    case 3: sentence(text, sweep)
    case 4:
      _ = try? Instruction(Instruction.Layers(system: text, input: text), camera)
      _ = try? Instruction(Instruction.Layers(input: text, output: text), sweep)
    case 5: _ = try? PipelineFiles.read(text, path: "fuzz.yaml", environment: ["A": "b"])
    case 6: _ = try? RequestReader.read(rest)
    default: _ = try? SentenceTemplate(text, names: ["speed_m_per_s"])
    }
  }

  private static func condition(_ text: String, _ names: Vocabulary) {
    do throws(Problem) {
      check(try ConditionParser.read(text, names), names)
    } catch {
      precondition(error.range.lowerBound <= error.range.upperBound && !error.what.isEmpty)
    }
  }

  private static func sentence(_ text: String, _ names: Vocabulary) {
    do throws(Problem) {
      if let condition = try Instruction.read(text, names) { check(condition, names) }
    } catch {
      precondition(!error.what.isEmpty)
    }
  }

  /// Written and read again it is the same, it can be told in words, and it runs.
  private static func check(_ condition: Condition, _ names: Vocabulary) {
    let written = condition.text(names)
    // A text may grow beyond what is read when it is written out in full.
    if written.unicodeScalars.count <= 4096 {
      do throws(Problem) {
        let again = try ConditionParser.read(written, names)
        precondition(again == condition, "\(written) was read as \(again.text(names))")
      } catch {
        preconditionFailure("\(written): \(error.what)")
      }
    }
    for tongue in Tongue.allCases { _ = Phrases(tongue, names).phrase(condition) }
    guard names.domain == .camera else { return }
    let program = Program([EventRule(name: "it", condition: condition)], setting)
    _ = program.listing(names)
    var automaton = Automaton(program)
    for tick in 0..<12 as Range<Int64> {
      let objects = (0..<3 as Range<UInt64>).compactMap { id -> ObjectFacts? in
        if (tick + Int64(id)) % 5 == 4 { return nil }
        return ObjectFacts(
          id: id, age: Double(tick), still: Double(tick) / 2,
          box: Rect(x: 0.1 * Double(tick % 9), y: 0.3, width: 0.1, height: 0.3), velocityX: 0.1,
          velocityY: 0.05)
      }
      automaton.step(
        Automaton.Tick(
          time: MediaTime(nanoseconds: tick * 700_000_000), isFresh: tick % 4 != 3,
          scene: SceneFacts(state: tick == 8 ? "signal_lost" : "ok", motion: 0.1),
          picture: Picture(width: 1280, height: 720)),
        objects)
      for change in automaton.changes { _ = automaton.evidence(rule: change.rule, object: change.object) }
    }
  }
}
