import Base
import Glibc

/// A detection model with all that is known of it, ready to be compiled.
struct DetectorModel: ~Copyable {
  let model: ReadModel
  let manifest: DetectorManifest
  let layout: DetectorLayout
  let plan: GraphPlan
  let decoder: DetectionDecoder

  private init(
    model: consuming ReadModel, manifest: DetectorManifest, layout: DetectorLayout, plan: GraphPlan,
    decoder: DetectionDecoder
  ) {
    self.model = model
    self.manifest = manifest
    self.layout = layout
    self.plan = plan
    self.decoder = decoder
  }

  init(_ path: String, _ manifest: DetectorManifest?, _ runtime: OpenVINORuntime) throws(Fault) {
    guard access(path, R_OK) == 0 else {
      throw Fault(
        errno == EACCES ? .noPermission : .noInput, "can't read the model", at: path,
        cause: String(cString: strerror(errno)))
    }
    let manifest = if let manifest { manifest } else { try DetectorManifest(beside: path) }
    let model = try ReadModel(path, runtime)
    let found = try model.interface()
    guard let picture = PictureInput(found) else {
      throw Fault(
        .configuration, "the model doesn't take a picture: \(found.text)", at: path,
        cause: "expected an input [1,3,H,W] or [1,H,W,3], and at most another [1,2] for its size")
    }
    let size = try Self.size(picture, manifest, found, path)
    try Self.fix(model, found, picture, size)
    let interface = try model.interface()
    let layout =
      if let layout = manifest.layout {
        layout
      } else {
        try LayoutGuess.layout(
          of: interface, width: size.width, height: size.height, labels: manifest.labels.count, path: path)
      }
    let decoder = try DetectionDecoder(
      layout, manifest, interface, width: size.width, height: size.height, path: path)
    let plan = GraphPlan(
      picture: picture, width: size.width, height: size.height,
      preparation: manifest.preparation(for: layout), outputs: interface.outputs.count)
    self.init(model: model, manifest: manifest, layout: layout, plan: plan, decoder: decoder)
  }

  private static func size(
    _ picture: PictureInput, _ manifest: DetectorManifest, _ interface: ModelInterface, _ path: String
  ) throws(Fault) -> DetectorManifest.Size {
    if let size = manifest.input { return size }
    if let width = picture.width, let height = picture.height {
      return DetectorManifest.Size(width: width, height: height)
    }
    throw Fault(
      .configuration, "the model leaves the size of its picture open: \(interface.text)", at: path,
      advice: "give width and height in \(DetectorManifest.path(beside: path)): {\"input\": [640, 640]}")
  }

  /// One picture of one size at a time.
  private static func fix(
    _ model: borrowing ReadModel, _ interface: ModelInterface, _ picture: PictureInput,
    _ size: DetectorManifest.Size
  ) throws(Fault) {
    let wanted = interface.inputs.indices.map { index in
      index == picture.index ? picture.shape(width: size.width, height: size.height) : [1, 2]
    }
    if zip(interface.inputs, wanted).allSatisfy({ $0.shape == $1 }) { return }
    do throws(Fault) {
      try model.reshape(wanted)
    } catch {
      var fault = error
      fault.code = .configuration
      fault.what += "; it says \(interface.text)"
      fault.advice = "take the size that the model was exported with, or export it with an open one"
      throw fault
    }
  }
}
