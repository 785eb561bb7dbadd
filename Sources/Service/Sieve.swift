import Base
import Conditions
import Events
import NIOCore

/// What a subscription's `where` lets through of one stream. Fed with every record of the stream in its order, also
/// with those that the subscription doesn't take: a condition over time needs them. Used by the socket's thread only.
///
/// Frame records keep their cadence and list only the objects for which the condition holds. An event is let through once it
/// holds for one of its objects, and from then on to its end.
package final class Sieve {
  private var automaton: Automaton
  private let horizon: Nanoseconds
  private let log: StreamLog
  private var told: Set<String> = []
  /// The last that were told of and are over: a model's answer may come late.
  private var ended: [String] = []
  private static let mostEnded = 64
  private var facts: [ObjectFacts] = []
  private var writer = RecordWriter()

  /// Facts that records don't carry.
  private static let missing = Dictionary(
    uniqueKeysWithValues: ["path_length", "top_speed", "appeared_by", "frame_rate", "removed"].map {
      ($0, "records don't carry it; use it in the pipeline's events")
    } + [("answer", "answers are told in events, not in records")])

  init(_ condition: Condition, _ log: StreamLog) {
    automaton = Automaton(Program([EventRule(name: "where", condition: condition)], log.setting))
    horizon = condition.horizon
    self.log = log
  }

  /// Nil for a subscription without a condition.
  package static func make(_ subscription: Subscription, _ log: StreamLog) throws(Refusal) -> Sieve? {
    guard subscription.where != nil || subscription.instruction != nil else { return nil }
    let vocabulary = log.setting.vocabulary(missing: missing)
    if let text = subscription.where {
      do throws(Problem) {
        return Sieve(try ConditionParser.read(text, vocabulary), log)
      } catch {
        throw refusal(error, log, "where")
      }
    }
    guard let layers = subscription.instruction else { return nil }
    let instruction: Instruction
    do throws(Instruction.Refused) {
      instruction = try Instruction(
        Instruction.Layers(
          system: layers.system, input: layers.input, constraint: layers.constraint, output: layers.output),
        vocabulary)
    } catch {
      throw refusal(error.problem, log, "instruction.\(error.layer.rawValue)")
    }
    if let output = instruction.output, output != .json {
      throw Refusal(
        .badValue, "the socket speaks JSON; `saccade subscribe --output \(output.rawValue)` writes otherwise",
        at: "subscribe.instruction.output")
    }
    return instruction.condition.map { Sieve($0, log) }
  }

  private static func refusal(_ problem: Problem, _ log: StreamLog, _ field: String) -> Refusal {
    let advice = problem.advice.map { "; " + $0 } ?? ""
    return Refusal(
      .badExpression, "for stream \(log.name): \(problem.what)\(advice)",
      at: "subscribe.\(field):1:\(problem.range.lowerBound + 1)")
  }

  /// Its truth at a tick depends on that tick alone, so that records may be missing between.
  package var judgesEachTickAlone: Bool { horizon == 0 }

  /// Takes in what came shortly before `seq`, as far as the condition looks back.
  func warmUp(before seq: UInt64) {
    log.each(before: seq, lookingBack: horizon) { entry in _ = sift(entry) }
  }

  /// The record as the subscriber should get it; nil for an event that isn't for him.
  package func sift(_ entry: LogEntry) -> LogEntry? {
    switch entry.content {
    case .late: return entry
    case .event(let mark): return takes(mark) ? entry : nil
    case .frame:
      guard var record = log.frame(of: entry) else { return entry }
      step(record)
      let count = record.objects.count
      record.objects.removeAll { automaton.holds(rule: 0, object: $0.id) != .yes }
      guard record.objects.count < count else { return entry }
      writer.removeAll()
      writer.write(record)
      var entry = entry
      entry.line = writer.lines.withBytes { ByteBuffer(bytes: $0) }
      return entry
    }
  }

  /// Whether an event is told of, now that the frame record of its tick has been taken in.
  func takes(_ mark: EventMark) -> Bool {
    let isKnown = told.contains(mark.id) || mark.phase == .update && ended.contains(mark.id)
    let holds =
      isKnown || automaton.program.isOfScene(rule: 0) && automaton.holds(rule: 0, object: nil) == .yes
      || mark.objects.contains { automaton.holds(rule: 0, object: $0) == .yes }
    switch mark.phase {
    case .end:
      if told.remove(mark.id) != nil {
        ended.append(mark.id)
        if ended.count > Self.mostEnded { ended.removeFirst() }
      }
    case .begin: if holds { told.insert(mark.id) }
    case .update: if holds, !ended.contains(mark.id) { told.insert(mark.id) }
    case .point: break
    }
    return holds
  }

  private func step(_ record: FrameRecord) {
    facts.removeAll(keepingCapacity: true)
    for object in record.objects { facts.append(ObjectFacts(object, log.setting)) }
    automaton.step(
      Automaton.Tick(
        time: MediaTime(seconds: record.mediaTime), isFresh: record.freshness == .fresh,
        scene: SceneFacts(record.scene), picture: log.picture), facts)
  }
}

extension ObjectFacts {
  fileprivate init(_ report: ObjectReport, _ setting: Setting) {
    self.init(report)
    // As the record says, not as its rounded box would.
    var zones: UInt64 = 0
    for (number, zone) in setting.zones.enumerated() where report.zones.contains(zone.name) {
      zones |= 1 << UInt64(number)
    }
    knownZones = zones
  }
}

extension Condition {
  /// How far back its truth can depend on what was, at least.
  fileprivate var horizon: Nanoseconds {
    let own: Nanoseconds =
      switch self {
      case .lasting(_, let q), .recent(_, let q), .sequence(_, _, let q), .times(_, _, let q): q.nanoseconds
      // As far as the log goes.
      case .since: .seconds(3600)
      case .crosses: .seconds(1)
      default: 0
      }
    return own + (parts.map(\.horizon).max() ?? 0)
  }
}
