/// The layers that choose rather than ask: what is looked at, and how records are written.
enum LayerReader {
  static func domain(_ text: String, _ vocabulary: Vocabulary) throws(Problem) -> Domain {
    var found: Domain?
    for token in SentenceLexer.tokens(of: text, vocabulary) {
      guard case .term(let meanings) = token.kind else { throw unknown(token, text, "what is looked at") }
      if meanings.contains(.clinical) {
        throw Problem(token.range, "Saccade is not for clinical use")
      }
      if let domain = meanings.lazy.compactMap({ if case .input(let d) = $0 { d } else { nil } }).first {
        if let found, found != domain {
          throw Problem(token.range, "this is a \(domain.rawValue), and a \(found.rawValue) was named before")
        }
        found = domain
      } else if !meanings.contains(.setting), !meanings.contains(.filler), !meanings.contains(.list) {
        throw unknown(token, text, "what is looked at")
      }
    }
    guard let found else {
      throw Problem(
        0..<text.unicodeScalars.count, "this doesn't say what is looked at",
        advice: "say `camera`, `video` or `industrial CT scan`")
    }
    return found
  }

  static func output(_ text: String, _ vocabulary: Vocabulary) throws(Problem) -> Instruction.Output {
    var found: Instruction.Output?
    for token in SentenceLexer.tokens(of: text, vocabulary) {
      guard case .term(let meanings) = token.kind else {
        throw unknown(token, text, "how records are written")
      }
      if let output = meanings.lazy.compactMap({ if case .output(let o) = $0 { o } else { nil } }).first {
        if let found, found != output {
          throw Problem(
            token.range, "records are written in one way, and `\(found.rawValue)` was named before")
        }
        found = output
      } else if !meanings.contains(.format), !meanings.contains(.filler) {
        throw unknown(token, text, "how records are written")
      }
    }
    guard let found else {
      throw Problem(
        0..<text.unicodeScalars.count, "this doesn't say how records are written",
        advice: "say `json`, `csv` or `text`")
    }
    return found
  }

  private static func unknown(_ token: SentenceToken, _ text: String, _ what: String) -> Problem {
    let scalars = Array(text.unicodeScalars)
    return Problem(
      token.range, "`\(String(String.UnicodeScalarView(scalars[token.range])))` says nothing about \(what)")
  }
}
