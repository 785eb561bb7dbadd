import Yams

/// A place in a text: line and column from 1, columns counted in Unicode scalars.
struct Place {
  var line: Int
  var column: Int

  static let start = Place(line: 1, column: 1)

  /// The lines of a text as YAML 1.1 breaks them, without the breaks: at line feeds, carriage returns or both
  /// together, and at Unicode's own breaks.
  static func lines(of scalars: [Unicode.Scalar]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    var at = 0
    while at < scalars.count {
      let isPair = scalars[at] == "\r" && at + 1 < scalars.count && scalars[at + 1] == "\n"
      if ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalars[at]) {
        lines.append(start..<at)
        at += isPair ? 2 : 1
        start = at
      } else {
        at += 1
      }
    }
    lines.append(start..<scalars.count)
    return lines
  }
}

extension Place {
  init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}

extension Node {
  /// Where it begins; the start of the text for a node that was made in code.
  var place: Place { mark.map(Place.init) ?? .start }
}

extension String {
  init(scalars: some Sequence<Unicode.Scalar>) {
    var view = UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}
