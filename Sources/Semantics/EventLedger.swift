import Base
import Conditions
import Events

/// Keeps the life of events: each begin gets exactly one end, ids never repeat, and what is open can be
/// told at any time.
package struct EventLedger: Sendable {
  private let prefix: String
  private var next: Int
  private var open: [Int: Event] = [:]
  /// What models said of events that are open or awaited, by event: an attribute for each question.
  private var answers: [Int: [Attribute]] = [:]
  /// Events about which somebody was asked, as they were told last, with how many answers are to come.
  private var awaited: [Int: (event: Event, count: Int)] = [:]
  /// Said since the last `take`, in the order of their numbers.
  private var said: [(number: Int, event: Event)] = []

  /// - Parameter first: The number of the first event.
  package init(stream: String, epoch: String, first: Int = 1) {
    prefix = "\(stream)-\(epoch)-"
    next = first
  }

  package var openCount: Int { open.count }

  /// The id of an open event.
  package func id(of number: Int) -> String? { open[number]?.id }

  /// Begins an event and returns its number.
  package mutating func begin(_ make: (String) -> Event) -> Int {
    let number = next
    next += 1
    var event = make(id(number))
    event.phase = .begin
    open[number] = event
    said.append((number, event))
    return number
  }

  package mutating func point(_ make: (String) -> Event) {
    let number = next
    next += 1
    var event = make(id(number))
    event.phase = .point
    said.append((number, event))
  }

  /// Changes an open event. What changed is named in the record; with nothing named, only the ledger learns.
  package mutating func update(_ number: Int, changed: [String], _ change: (inout Event) -> Void) {
    guard var event = open[number] else { return }
    change(&event)
    event.changed = []
    event.phase = .begin
    open[number] = event
    guard !changed.isEmpty else { return }
    event.phase = .update
    event.changed = changed
    say(number, event)
  }

  package mutating func end(
    _ number: Int, reason: Event.EndReason, _ change: (inout Event) -> Void = { _ in }
  ) {
    guard var event = open.removeValue(forKey: number) else { return }
    change(&event)
    event.changed = []
    event.phase = .end
    event.reason = reason
    say(number, event)
    awaited[number]?.event = event
    if awaited[number] == nil { answers[number] = nil }
  }

  /// Somebody was asked about an event that was just told: until the answer it is remembered, also after its end.
  package mutating func await(_ number: Int, _ event: Event) {
    awaited[number, default: (event, 0)].count += 1
  }

  /// Tells what a model said of an awaited event: an update, which comes late where the event is over.
  package mutating func answer(_ number: Int, _ answer: Attribute, _ evidence: AnswerEvidence) {
    guard let known = awaited[number] else { return }
    answers[number, default: []].removeAll { $0.name == answer.name }
    answers[number, default: []].append(answer)
    let current = open[number]
    var event = current ?? known.event
    event.phase = .update
    event.changed = [answer.name]
    event.late = current == nil
    event.reason = nil
    event.evidence = evidence
    event.text +=
      "; \(evidence.question): \(Self.said(answer.value))" + (evidence.cause.map { " (\($0))" } ?? "")
    say(number, event)
    awaited[number] = known.count > 1 ? (known.event, known.count - 1) : nil
    if current == nil, awaited[number] == nil { answers[number] = nil }
  }

  private static func said(_ value: Attribute.Value) -> String {
    switch value {
    case .text(let text): text
    case .number(let number): Quantity.plain(number)
    case .integer(let number): String(number)
    case .flag(let flag): String(flag)
    case .list(let items): items.map(said).joined(separator: ", ")
    }
  }

  /// What was answered belongs to all that is told of an event from then on.
  private mutating func say(_ number: Int, _ event: Event) {
    var event = event
    if let answers = answers[number] { event.attributes += answers }
    said.append((number, event))
  }

  package mutating func endAll(reason: Event.EndReason) {
    for number in open.keys.sorted() { end(number, reason: reason) }
  }

  /// Everything said since the last call, by event number; several of one event in the order said.
  package mutating func take() -> [Event] { takeNumbered().map(\.event) }

  /// As `take`, with the events' numbers.
  package mutating func takeNumbered() -> [(number: Int, event: Event)] {
    guard !said.isEmpty else { return [] }
    let ordered = said.enumerated().sorted { a, b in
      (a.element.number, a.offset) < (b.element.number, b.offset)
    }
    said.removeAll(keepingCapacity: true)
    return ordered.map(\.element)
  }

  private func id(_ number: Int) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }
}
