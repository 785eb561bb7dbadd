/// What is asked for in four layers: what to look for, in what, what of it to report, and how.
package struct Instruction: Hashable, Sendable {
  /// How records are written.
  package enum Output: String, Hashable, Sendable, CaseIterable { case json, csv, text }

  /// A layer as it was written.
  package struct Layers: Hashable, Sendable {
    package var system: String?
    package var input: String?
    package var constraint: String?
    package var output: String?

    package init(
      system: String? = nil, input: String? = nil, constraint: String? = nil, output: String? = nil
    ) {
      self.system = system
      self.input = input
      self.constraint = constraint
      self.output = output
    }

    /// Where both have a layer, `other`'s counts.
    package func overridden(by other: Layers) -> Layers {
      Layers(
        system: other.system ?? system, input: other.input ?? input,
        constraint: other.constraint ?? constraint,
        output: other.output ?? output)
    }
  }

  package enum Layer: String, Hashable, Sendable, CaseIterable { case system, input, constraint, output }

  /// A problem in one of the layers.
  package struct Refused: Error, Hashable, Sendable {
    package var layer: Layer
    package var problem: Problem

    package init(layer: Layer, problem: Problem) {
      self.layer = layer
      self.problem = problem
    }
  }

  package var domain: Domain
  /// What a thing must fulfil to be reported; nil for all.
  package var condition: Condition?
  package var output: Output?

  /// Reads the layers for a source of this vocabulary's domain.
  package init(_ layers: Layers, _ vocabulary: Vocabulary) throws(Refused) {
    domain = vocabulary.domain
    if let text = layers.input {
      let said = try Self.layer(.input) { () throws(Problem) in try LayerReader.domain(text, vocabulary) }
      guard said == vocabulary.domain else {
        throw Refused(
          layer: .input,
          problem: Problem(
            0..<text.unicodeScalars.count,
            said == .sweep
              ? "this source is a camera or a video, not a CT sweep"
              : "this source is a CT sweep, not a camera"))
      }
    }
    let kinds =
      try layers.system.map { text throws(Refused) in
        try Self.layer(.system) { () throws(Problem) in try Self.read(text, vocabulary) }
      } ?? nil
    let constraint =
      try layers.constraint.map { text throws(Refused) in
        try Self.layer(.constraint) { () throws(Problem) in try Self.read(text, vocabulary) }
      } ?? nil
    switch (kinds, constraint) {
    case (let a?, let b?): condition = .and(Self.flat(a) + Self.flat(b))
    case (let a?, nil): condition = a
    case (nil, let b): condition = b
    }
    if let text = layers.output {
      output = try Self.layer(.output) { () throws(Problem) in try LayerReader.output(text, vocabulary) }
    }
  }

  private static func flat(_ condition: Condition) -> [Condition] {
    if case .and(let all) = condition { return all }
    return [condition]
  }

  private static func layer<T>(_ layer: Layer, _ read: () throws(Problem) -> T) throws(Refused) -> T {
    do {
      return try read()
    } catch {
      throw Refused(layer: layer, problem: error)
    }
  }

  /// An expression or a sentence; nil for one that asks for everything.
  ///
  /// Of two failures the one that came further into the text is told: it is what the text was meant for.
  package static func read(_ text: String, _ vocabulary: Vocabulary) throws(Problem) -> Condition? {
    let asExpression: Problem
    do throws(Problem) {
      let condition = try ConditionParser.read(text, vocabulary)
      guard condition.scope == .object else {
        throw Problem(
          0..<text.unicodeScalars.count, "this speaks of the scene, and not of the things that are reported")
      }
      return condition
    } catch {
      asExpression = error
    }
    do throws(Problem) {
      return try SentenceParser.read(text, vocabulary)
    } catch {
      throw error.range.lowerBound >= asExpression.range.lowerBound ? error : asExpression
    }
  }
}
