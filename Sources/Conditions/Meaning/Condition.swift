/// What a text means: checked, typed, and the same for texts that mean the same.
package indirect enum Condition: Hashable, Sendable {
  case compare(Measure, Comparator, Quantity)
  /// Both ends belong to it. Directions go from the first counter-clockwise to the second.
  case between(Measure, Quantity, Quantity)
  case word(WordFact, [String])
  /// Within a zone, by its number.
  case inside(Int)
  case crosses(line: Int, Side?)
  case near(Neighbour, Quantity)
  /// Something that belonged to the background has gone, from a zone or from anywhere.
  case removed(Int?)
  /// What a model said to a question, by its number, of whom the question speaks.
  case answer(question: Int, Scope, AnswerTest)
  /// How many things in sight fulfil a condition; nil for all of them.
  case count(Condition?, CountTest)

  case not(Condition)
  case and([Condition])
  case or([Condition])

  /// Held without a break for so long.
  case lasting(Condition, Quantity)
  /// Held at some time of the last so long.
  case recent(Condition, Quantity)
  /// The first has held ever since the second last did.
  case since(Condition, Condition)
  /// The first, and at most so long after it the second began.
  case sequence(Condition, Condition, Quantity)
  /// Began at least so many times within the last so long.
  case times(Condition, Int, Quantity)
}

/// The side of a directed line to which something crosses it, as seen by who looks along it.
package enum Side: String, Hashable, Sendable, CaseIterable { case left, right }

/// What something can be near to.
package indirect enum Neighbour: Hashable, Sendable {
  case zone(Int)
  case line(Int)
  /// Another thing that fulfils a condition; nil for any.
  case other(Condition?)
}

package enum CountTest: Hashable, Sendable {
  case compare(Comparator, Int)
  case between(Int, Int)

  /// True or false where both bounds of an uncertain count say so, else nil.
  package func holds(atLeast low: Int, atMost high: Int) -> Bool? {
    switch self {
    case .between(let a, let b):
      if low >= a && high <= b { return true }
      return high < a || low > b ? false : nil
    case .compare(.equal, let n):
      if low == high { return low == n }
      return n < low || n > high ? false : nil
    case .compare(.unequal, let n):
      if low == high { return low != n }
      return n < low || n > high ? true : nil
    case .compare(let comparator, let n):
      let a = comparator.holds(Double(low), Double(n))
      let b = comparator.holds(Double(high), Double(n))
      return a == b ? a : nil
    }
  }

  /// What it asks of no things at all.
  package var holdsForNone: Bool { holds(atLeast: 0, atMost: 0) ?? false }
}

extension Condition {
  /// `object` where it says something of the one thing that the event is about.
  package var scope: Scope {
    switch self {
    case .compare(let m, _, _), .between(let m, _, _): m.fact.scope
    case .word(let fact, _): fact.scope
    case .answer(_, let scope, _): scope
    case .inside, .crosses, .near: .object
    case .count, .removed: .scene
    case .not(let a), .lasting(let a, _), .recent(let a, _), .times(let a, _, _): a.scope
    case .and(let all), .or(let all): all.contains { $0.scope == .object } ? .object : .scene
    case .since(let a, let b), .sequence(let a, let b, _):
      a.scope == .object || b.scope == .object ? .object : .scene
    }
  }

  /// True of what lasts for a moment only, such as a line crossed: its event is a point.
  package var isMomentary: Bool {
    switch self {
    case .crosses, .removed: true
    case .and(let all): all.contains(where: \.isMomentary)
    case .or(let all): all.contains(where: \.isMomentary)
    case .sequence(_, let b, _): b.isMomentary
    default: false
    }
  }

  /// The conditions right below this one.
  package var parts: [Condition] {
    switch self {
    case .compare, .between, .word, .inside, .crosses, .removed, .answer: []
    case .near(.other(let a), _): a.map { [$0] } ?? []
    case .near: []
    case .count(let a, _): a.map { [$0] } ?? []
    case .not(let a), .lasting(let a, _), .recent(let a, _), .times(let a, _, _): [a]
    case .and(let all), .or(let all): all
    case .since(let a, let b), .sequence(let a, let b, _): [a, b]
    }
  }

  /// Whether it or any part of it fulfils `test`.
  package func contains(_ test: (Condition) -> Bool) -> Bool {
    test(self) || parts.contains { $0.contains(test) }
  }
}
