import Semantics
import Testing

@Suite("belief")
struct BeliefTests {
  @Test("adds up the leaves that a track's traits lead to")
  func sum() throws {
    let trees = try BoostedTrees(
      """
      # a comment
      base -1
      contrast 2 -0.5 ghost 0.4 1.5 0.25

      hits 4 -2 3
      """)
    var traits = Traits()
    traits[.contrast] = 2
    traits[.hits] = 4
    // What is at a threshold is not above it.
    #expect(trees.logOdds(traits) == -3.5)
    traits[.contrast] = 2.5
    traits[.ghost] = 0.3
    #expect(trees.logOdds(traits) == -1.5)
    traits[.ghost] = 0.5
    traits[.hits] = 5
    #expect(trees.logOdds(traits) == 2.25)
  }

  @Test("tells above from below on both sides of zero, however many trees there are", arguments: 1...9)
  func signs(count: Int) throws {
    let tree = "contrast 0 ghost -1.5 1 10 stir 1e-3 100 1000"
    let trees = try BoostedTrees(Array(repeating: tree, count: count).joined(separator: "\n"))
    func sum(contrast: Double, ghost: Double, stir: Double) -> Double {
      var traits = Traits()
      (traits[.contrast], traits[.ghost], traits[.stir]) = (contrast, ghost, stir)
      return trees.logOdds(traits) / Double(count)
    }
    #expect(sum(contrast: -0.0, ghost: -1.5, stir: 0) == 1)
    #expect(sum(contrast: 0, ghost: -1.4, stir: 0) == 10)
    #expect(sum(contrast: -3, ghost: -2, stir: 1) == 1)
    #expect(sum(contrast: -1e-30, ghost: -.infinity, stir: 1) == 1)
    #expect(sum(contrast: 1e-30, ghost: 0, stir: -5) == 100)
    #expect(sum(contrast: 1e-30, ghost: 0, stir: 0.002) == 1000)
    #expect(sum(contrast: .infinity, ghost: 0, stir: .infinity) == 1000)
    // No number is above none.
    #expect(sum(contrast: .nan, ghost: .nan, stir: 1) == 1)
  }

  @Test(
    "says what is wrong with a model, and in which line",
    arguments: [
      ("base 0\nhue 2 1 1", "line 2: there is no trait 'hue'"),
      ("base", "line 1: base takes one number"),
      ("base 0\n\nhits 4 1", "line 3: the tree ends too soon"),
      ("hits 4 1e999 2", "line 1: there is no trait '1e999'"),
      ("hits four 1 2", "line 1: no threshold for hits"),
      ("hits 4 1 2 3", "line 1: '3' after the tree"),
    ])
  func malformed(text: String, message: String) {
    #expect {
      try BoostedTrees(text)
    } throws: {
      "\($0)" == message
    }
  }

  @Test("goes from 0 to 1 as the odds do")
  func probability() {
    #expect(Beliefs.probability(0) == 0.5)
    #expect(abs(Beliefs.probability(1.0986) - 0.75) < 1e-4)
    #expect(abs(Beliefs.probability(-1.0986) - 0.25) < 1e-4)
    #expect(Beliefs.probability(1000) == 1 && Beliefs.probability(-1000) == 0)
  }

  @Test("is higher of what stands out and goes somewhere than of what hardly shows and stays")
  func things() {
    var person = Traits()
    for (trait, value) in [
      (Trait.hits, 12.0), (.seenShare, 1), (.age, 0.4), (.presence, 0.7), (.contrast, 5), (.stir, 4),
      (.ghost, 0.2),
      (.light, -0.4), (.margin, 3.8), (.progress, 0.1), (.advance, 0.1), (.path, 0.1), (.straightness, 1),
      (.progressShare, 0.5), (.advanceShare, 0.5), (.steps, 5), (.recentAdvance, 0.1), (.speed, 0.25),
      (.pace, 1.2),
      (.length, 0.2), (.usualLength, 0.2), (.shortest, 0.06), (.growth, 1), (.shape, 0.3), (.fill, 0.6),
      (.flakes, 6),
      (.noise, 2),
    ] {
      person[trait] = value
    }
    var shadow = person
    for (trait, value) in [
      (Trait.contrast, 1.4), (.litness, 0.6), (.shadow, 0.8), (.light, 0.7), (.doubt, 1.8), (.margin, -1.8),
      (.seenShare, 0.5), (.presence, 0.3), (.progress, 0.01), (.advance, 0), (.straightness, 0.1),
      (.steps, 0),
    ] {
      shadow[trait] = value
    }
    #expect(Beliefs.thing.logOdds(person) > 1)
    #expect(Beliefs.thing.logOdds(shadow) < -1)
  }
}
