import Base
import Conditions
import Events

/// The events that a pipeline asks for: conditions are run over each tick, and what begins and ends becomes an event
/// with the values that made it true.
struct RuleEvents: ~Copyable {
  private var automaton: Automaton
  private let phrases: RulePhrases
  /// Numbers in the ledger of what is open, by rule and object; the scene's are under 0, which no object bears.
  private var open: [Key: Int] = [:]
  private let report: Int?

  private struct Key: Hashable {
    var rule: Int
    var object: UInt64
  }

  init(_ configuration: RuleConfiguration) {
    // What is reported is one rule more, whose own beginnings and ends nobody is told.
    let report = configuration.report.map { [EventRule(name: "report", condition: $0)] } ?? []
    self.report = report.isEmpty ? nil : configuration.rules.count
    automaton = Automaton(Program(configuration.rules + report, configuration.setting))
    phrases = configuration.phrases
  }

  private var setting: Setting { automaton.program.setting }

  /// Takes in a tick and tells the ledger what begins and ends.
  mutating func step(_ tick: Automaton.Tick, _ objects: [ObjectFacts], ledger: inout EventLedger) {
    automaton.step(tick, objects)
    for change in automaton.changes where change.rule != report {
      tell(change, at: tick.time, objects, ledger: &ledger)
    }
  }

  /// The zones that an object is in.
  func zones(of id: UInt64) -> [String] {
    let mask = automaton.zones(of: id)
    guard mask != 0 else { return [] }
    return setting.zones.indices.filter { mask >> UInt64($0) & 1 == 1 }.map { setting.zones[$0].name }
  }

  /// Whether an object is reported, as of the last tick.
  func reports(_ id: UInt64) -> Bool {
    report.map { automaton.holds(rule: $0, object: id) == .yes } ?? true
  }

  private mutating func tell(
    _ change: Automaton.Change, at time: MediaTime, _ objects: [ObjectFacts], ledger: inout EventLedger
  ) {
    let key = Key(rule: change.rule, object: change.object ?? 0)
    let kind = automaton.program.rules[change.rule].name
    switch change.what {
    case .begin(let since), .point(let since):
      let evidence = automaton.evidence(rule: change.rule, object: change.object)
      let score = evidence.objects.compactMap { id in objects.first { $0.id == id }?.score }.min() ?? 1
      let zones = change.object.map { self.zones(of: $0) } ?? []
      let text = phrases.text(change.rule, change.object, zones, evidence)
      func event(_ id: String) -> Event {
        Event(
          id: id, kind: kind, phase: .begin, since: since.seconds, lastSeen: time.seconds,
          objects: evidence.objects, zones: zones, score: score, text: text,
          attributes: Self.attributes(evidence, heldBack: change.heldBack))
      }
      if case .point = change.what { ledger.point(event) } else { open[key] = ledger.begin(event) }
    case .update:
      guard let number = open[key] else { return }
      let evidence = automaton.evidence(rule: change.rule, object: change.object)
      let text = phrases.text(change.rule, change.object, [], evidence)
      ledger.update(number, changed: ["objects"]) { event in
        event.objects = evidence.objects
        event.text = text
        event.attributes = Self.attributes(evidence, heldBack: 0)
        event.lastSeen = time.seconds
      }
    case .end(let ending, let lastSeen):
      guard let number = open.removeValue(forKey: key) else { return }
      let reason: Event.EndReason =
        switch ending {
        case .condition: .condition
        case .left: .left
        case .signalLost: .signalLost
        }
      ledger.end(number, reason: reason) { event in
        event.lastSeen = lastSeen.seconds
        let seconds = max(0, lastSeen.seconds - event.since)
        event.text = phrases.ended(event.text, after: seconds)
        event.attributes = [Attribute("duration_s", .number(seconds))] + event.attributes
      }
    }
  }

  private static func attributes(_ evidence: Evidence, heldBack: Int) -> [Attribute] {
    var attributes = evidence.values.map { name, value in
      switch value {
      case .number(let v): Attribute(name, .number(v))
      case .count(let n): Attribute(name, .integer(Int64(n)))
      case .word(let word): Attribute(name, .text(word))
      case .box(let box): Attribute(name, .list([box.x, box.y, box.width, box.height].map { .number($0) }))
      }
    }
    // What a cooldown kept from being told is a loss, and told.
    if heldBack > 0 { attributes.append(Attribute("held_back", .integer(Int64(heldBack)))) }
    return attributes
  }
}

/// The rules of a pipeline, and how their events are put into words.
package struct RuleConfiguration: Sendable {
  package var rules: [EventRule]
  package var setting: Setting
  package var tongue: Tongue
  /// By rule; nil for the sentence that the condition itself makes.
  package var templates: [SentenceTemplate?]
  /// What an object must fulfil to be reported; nil for all.
  package var report: Condition?

  package init(
    rules: [EventRule] = [], setting: Setting = Setting(), tongue: Tongue = .en,
    templates: [SentenceTemplate?] = [], report: Condition? = nil
  ) {
    self.report = report
    self.rules = rules
    self.setting = setting
    self.tongue = tongue
    self.templates = templates
  }

  fileprivate var phrases: RulePhrases { RulePhrases(configuration: self) }
}

/// The sentences of rules' events.
private struct RulePhrases: Sendable {
  let configuration: RuleConfiguration

  func text(_ rule: Int, _ object: UInt64?, _ zones: [String], _ evidence: Evidence) -> String {
    if rule < configuration.templates.count, let template = configuration.templates[rule] {
      return template.text { name in
        switch name {
        case "object":
          return object.map { String($0) } ?? evidence.objects.map { String($0) }.joined(separator: ", ")
        case "zones": return zones.joined(separator: ", ")
        default:
          return evidence.values.first { $0.name == name }?.value.text
        }
      }
    }
    return Phrases(
      configuration.tongue, configuration.setting.vocabulary(), value: { evidence.measured[$0] },
      count: { evidence.counts[$0] }
    ).sentence(configuration.rules[rule].condition, object: object)
  }

  func ended(_ text: String, after seconds: Double) -> String {
    configuration.tongue == .en
      ? "over after \(tenths(seconds)) s: \(text)" : "\(tenths(seconds)) 秒后结束：\(text)"
  }
}
