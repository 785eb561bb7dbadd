import Events

/// What the parser knows at one tick: the content of a frame record, and the events of that tick in the
/// order of their ids.
package struct ParsedTick: Sendable {
  package var scene: SceneReport
  package var objects: [ObjectReport]
  package var events: [Event]

  package init(scene: SceneReport, objects: [ObjectReport], events: [Event]) {
    self.scene = scene
    self.objects = objects
    self.events = events
  }
}
