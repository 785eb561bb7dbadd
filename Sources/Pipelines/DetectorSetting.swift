import Base
import Vision

/// A pipeline's `detector`: a model, and how much it may look.
package struct DetectorSetting: Sendable, Hashable {
  /// Paths, absolute or relative to the working directory.
  package var model: String
  /// A folder with OpenVINO, or its library; nil for wherever it is found.
  package var engine: String?
  /// As OpenVINO calls it.
  package var device = "CPU"
  package var threads = 1
  package var preprocessing = Preprocessing.swscale
  package var fovea: FovealConfiguration

  /// What makes the model's input of a whole frame.
  package enum Preprocessing: String, Sendable, Hashable, CaseIterable {
    case swscale
    /// The model's own graph, on its device.
    case graph
  }

  package init(model: String) {
    self.model = model
    let file = model.split(separator: "/").last.map(String.init) ?? model
    let name = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    fovea = FovealConfiguration(encoder: name)
  }
}
