import Base
import Testing
import Vision

/// The machine alone: what it does at each step, by what the picture does.
@Suite("the steps of an upheaval")
struct UpheavalStepTests {
  /// What the picture does in a stretch of time.
  enum Picture: Sendable {
    /// As always.
    case usual
    /// Another view, which moves or stands still.
    case strange(moves: Bool)
    /// The usual view in another light or mode, which doesn't explain itself.
    case relit
    /// The usual view, while the background is another.
    case back

    var measures: SceneMeasures {
      var m = SceneMeasures()
      m.noise = 1.5
      m.change = 1.5
      m.colour = 8
      m.usualColour = 8
      switch self {
      case .usual: break
      case .strange(let moves):
        m.motion = 0.8
        m.likeness = 0.1
        m.edgeLikeness = 0.1
        m.change = moves ? 20 : 1.5
      case .relit:
        m.motion = 0.2
        m.colour = 0
      case .back: m.motion = 0.8
      }
      return m
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var film: [(picture: Picture, frames: Int)]
    /// What is done at each frame; see `letter`.
    var actions: String
    var isAway = false
  }

  /// None, wait, learn anew (keeping the view or not), back. A film has ten frames a second.
  private static func letter(_ action: Upheaval.Action) -> String {
    switch action {
    case .none: "."
    case .wait: "w"
    case .relearn(let keepsView): keepsView ? "k" : "R"
    case .restore: "b"
    }
  }

  @Test(
    "follow from what the picture does",
    arguments: [
      Case(testDescription: "nothing happens", film: [(.usual, 8)], actions: "........"),
      Case(
        testDescription: "covered: waits until it stands still, then learns",
        film: [(.usual, 2), (.strange(moves: true), 4), (.strange(moves: false), 4), (.usual, 2)],
        actions: "..wwwwwwwR..", isAway: true),
      Case(
        testDescription: "never still: learns after 2 s all the same",
        film: [(.strange(moves: true), 21)], actions: "wwwwwwwwwwwwwwwwwwwwR", isAway: true),
      Case(
        testDescription: "gone as it came: leaves the background alone",
        film: [(.usual, 1), (.strange(moves: true), 3), (.usual, 3)], actions: ".www..."),
      Case(
        testDescription: "another mode: learns, and keeps what is below known things",
        film: [(.usual, 1), (.relit, 5), (.usual, 2)], actions: ".wwwwk.."),
      Case(
        testDescription: "uncovered: takes the old background back",
        film: [(.strange(moves: false), 5), (.usual, 3), (.back, 5), (.usual, 1)],
        actions: "wwwwR...wwwwb."),
    ])
  func steps(example: Case) {
    var upheaval = Upheaval()
    var told = ""
    var frame = 0
    for (picture, frames) in example.film {
      for _ in 0..<frames {
        told += Self.letter(
          upheaval.step(picture.measures, explained: 1, at: MediaTime(seconds: Double(frame) / 10)))
        frame += 1
      }
    }
    #expect(told == example.actions)
    #expect(upheaval.isAway == example.isAway)
  }
}
