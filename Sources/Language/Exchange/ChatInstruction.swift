/// What every request of a pipeline begins with, byte for byte: servers keep what they computed for a prompt's beginning, and
/// use it again as far as the next one is the same.
package struct ChatInstruction: Hashable, Sendable {
  /// Who the model is and how it answers: the system message.
  package let system: String
  /// What the pictures show (the camera, the place): the beginning of the user's message. May be empty.
  package let scene: String
  /// What the model is to keep to. May be empty.
  package let constraint: String

  /// Neutral: a prompt that speaks of people finds people in empty rooms.
  package static let usualSystem = """
    You look at pictures of one fixed camera, each preceded by its time. Answer the question about them from what can be \
    seen, and only from that. Empty scenes and things that stand still are common. What the pictures don't show clearly \
    is "unknown".
    """

  package init(system: String = usualSystem, scene: String = "", constraint: String = "") {
    self.system = system
    self.scene = scene
    self.constraint = constraint
  }

  /// The constant beginning of the user's message; nil for none.
  var preamble: String? {
    let layers = [scene, constraint].filter { !$0.isEmpty }
    return layers.isEmpty ? nil : layers.joined(separator: "\n\n")
  }
}
