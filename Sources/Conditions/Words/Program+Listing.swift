/// A program for people to read.
extension Program {
  /// A line a step: its number, what it says, for whom, and what it remembers.
  package func listing(_ names: Vocabulary) -> [String] {
    nodes.enumerated().map { index, node in
      let whose = node.scope == .object ? "each object" : "the scene"
      let words = Self.words(of: node.step)
      let memory = words > 0 ? ", remembers \(words * 8) bytes" : ""
      return "#\(index) \(said(node.step, names))  (\(whose)\(memory))"
    }
  }

  private static func words(of step: Step) -> Int {
    switch step {
    case .lasting: Lasting.words
    case .recent: Recent.words
    case .since: Since.words
    case .sequence: Sequence.words
    case .times(_, let n, _): Times.words(n)
    default: 0
    }
  }

  private func said(_ step: Step, _ names: Vocabulary) -> String {
    func list(_ all: [Int], _ word: String) -> String { all.map { "#\($0)" }.joined(separator: " \(word) ") }
    func time(_ t: Int64) -> String { Quantity.plain(Double(t) / 1e9) + " s" }
    switch step {
    case .compare(let column, let comparator, let limit):
      return "\(Self.said(columns[column])) \(comparator.rawValue) \(Quantity.plain(limit))"
    case .between(let column, let a, let b), .arc(let column, let a, let b):
      return "\(Self.said(columns[column])) from \(Quantity.plain(a)) to \(Quantity.plain(b))"
    case .word(let column, let codes):
      return "\(wordColumns[column].rawValue) is \(codes.map { words[Int($0)] }.joined(separator: " or "))"
    case .answer(let question, let test), .sceneAnswer(let question, let test):
      return Phrases(.en, names).phrase(.answer(question: question, .object, test))
    case .inside(let zone): return "in \(names.zones[zone])"
    case .crosses(let line, let side):
      return "crosses \(names.lines[line])" + (side.map { " \($0.rawValue)" } ?? "")
    case .nearPlace(.zone(let zone), let d, let unit):
      return "within \(Quantity.plain(d)) \(unit.rawValue) of \(names.zones[zone])"
    case .nearPlace(.line(let line), let d, let unit):
      return "within \(Quantity.plain(d)) \(unit.rawValue) of \(names.lines[line])"
    case .nearPlace(.other, _, _): return ""
    case .nearOther(let inner, let d, let unit):
      return "within \(Quantity.plain(d)) \(unit.rawValue) of another" + (inner.map { " with #\($0)" } ?? "")
    case .spread(let a): return "#\(a), for each object"
    case .not(let a): return "not #\(a)"
    case .and(let all): return list(all, "and")
    case .or(let all): return list(all, "or")
    case .lasting(let a, let t): return "#\(a) for \(time(t))"
    case .recent(let a, let t): return "#\(a) within the last \(time(t))"
    case .since(let a, let b): return "#\(a) since #\(b)"
    case .sequence(let a, let b, let t): return "#\(a) then within \(time(t)) #\(b)"
    case .times(let a, let n, let t): return "#\(a) at least \(n) times within \(time(t))"
    case .sceneCompare(let m, let comparator, let limit):
      return "\(Self.said(m)) \(comparator.rawValue) \(Quantity.plain(limit))"
    case .sceneBetween(let m, let a, let b):
      return "\(Self.said(m)) from \(Quantity.plain(a)) to \(Quantity.plain(b))"
    case .sceneWord(let fact, let words): return "\(fact.rawValue) is \(words.joined(separator: " or "))"
    case .removed(let zone): return "removed" + (zone.map { " from \(names.zones[$0])" } ?? "")
    case .count(let inner, let test):
      let what = "count" + (inner.map { " of #\($0)" } ?? "")
      switch test {
      case .compare(let comparator, let n): return "\(what) \(comparator.rawValue) \(n)"
      case .between(let a, let b): return "\(what) from \(a) to \(b)"
      }
    }
  }

  private static func said(_ m: Measure) -> String {
    let unit: String =
      switch m.dimension {
      case .number: ""
      case .share: " (share)"
      case .time: " (s)"
      case .pixels: " (px)"
      case .length: " (m)"
      case .pixelArea: " (px²)"
      case .area: " (m²)"
      case .volume: " (m³)"
      case .angle: " (°)"
      case .pixelSpeed: " (px/s)"
      case .shareSpeed: " (heights/s)"
      case .speed: " (m/s)"
      case .frequency: " (1/s)"
      }
    return m.fact.rawValue + unit
  }
}
