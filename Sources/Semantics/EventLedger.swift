import Base
import Events

/// Keeps the life of events: each begin gets exactly one end, ids never repeat, and what is open can be
/// told at any time.
package struct EventLedger: Sendable {
  private let prefix: String
  private var next: Int
  private var open: [Int: Event] = [:]
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
    said.append((number, event))
  }

  package mutating func end(
    _ number: Int, reason: Event.EndReason, _ change: (inout Event) -> Void = { _ in }
  ) {
    guard var event = open.removeValue(forKey: number) else { return }
    change(&event)
    event.changed = []
    event.phase = .end
    event.reason = reason
    said.append((number, event))
  }

  package mutating func endAll(reason: Event.EndReason) {
    for number in open.keys.sorted() { end(number, reason: reason) }
  }

  /// Everything said since the last call, by event number; several of one event in the order said.
  package mutating func take() -> [Event] {
    guard !said.isEmpty else { return [] }
    let ordered = said.enumerated().sorted { a, b in
      (a.element.number, a.offset) < (b.element.number, b.offset)
    }
    said.removeAll(keepingCapacity: true)
    return ordered.map { $0.element.event }
  }

  private func id(_ number: Int) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }
}
