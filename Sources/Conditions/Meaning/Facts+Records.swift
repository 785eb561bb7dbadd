import Base
import Events

// What a record says, as facts.

extension ObjectFacts {
  /// What a record doesn't carry is unknown.
  package init(_ report: ObjectReport) {
    self.init(
      id: report.id, label: report.label, score: report.score, labelScore: report.labelScore ?? .nan,
      age: report.age,
      still: report.still,
      box: Rect(x: report.box.x, y: report.box.y, width: report.box.width, height: report.box.height),
      velocityX: report.velocityX, velocityY: report.velocityY, isObserved: report.seen == .observed)
  }
}

extension SceneFacts {
  package init(_ report: SceneReport) {
    self.init(
      state: report.state.rawValue, mode: report.mode?.rawValue, motion: report.motion ?? .nan,
      luma: report.luma ?? .nan, sharpness: report.sharpness ?? .nan)
  }
}
