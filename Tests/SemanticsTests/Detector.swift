import Base
import Semantics
import Vision

/// A detector that sees what is on the stage, where it is asked to look.
final class Detector {
  /// What there is to see at a time, in seconds since the beginning.
  var scene: (Double) -> [Detection]
  var configuration = FovealConfiguration()
  /// Frames from a request to its answer.
  var delay = 1
  /// What it makes of what it sees; nil where it fails.
  var mood: (FovealRequest, [Detection]) -> [Detection]? = { _, seen in seen }
  private(set) var requests: [FovealRequest] = []
  private var answers: [(due: Int, answer: FovealAnswer)] = []

  init(_ scene: @escaping (Double) -> [Detection]) { self.scene = scene }

  func ask(_ request: FovealRequest, at frame: Int) {
    requests.append(request)
    let seen = scene(request.time.seconds).filter { thing in
      request.fixations.contains { $0.region.intersection(thing.box) > 0.6 * thing.box.area }
    }
    answers.append((frame + delay, FovealAnswer(request, mood(request, seen))))
  }

  func answers(at frame: Int) -> [FovealAnswer] {
    let due = answers.filter { $0.due <= frame }.map(\.answer)
    answers.removeAll { $0.due <= frame }
    return due
  }
}
