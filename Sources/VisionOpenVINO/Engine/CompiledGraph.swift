import Base
import COpenVINO
import Media

/// What a graph takes as its picture.
enum GraphSource: Sendable, Hashable {
  /// Bytes in planes of red, green, blue, in the model's own size.
  case rgb
  /// Decoded planes of this size, which the graph converts, pads and scales.
  case planes(DecodedPlanes.Format, width: Int, height: Int)
}

/// A model compiled for a device, its preparation of the picture in front, with one request that is used again
/// and again. Used by one thread at a time.
final class CompiledGraph {
  private let runtime: OpenVINORuntime
  private let compiled: Handle
  private let request: Handle
  /// Held as long as the request, which reads it: width and height for models that ask for them.
  private let sizes: Handle?
  private let place: String
  private let outputs: Int

  init(
    _ model: borrowing ReadModel, _ plan: GraphPlan, _ source: GraphSource, _ options: DetectorOptions,
    _ runtime: OpenVINORuntime
  ) throws(Fault) {
    let api = runtime.api
    let path = model.path
    let prepared = try PreparedModel.make(model, plan, source, runtime)
    let properties = options.properties
    let keys = CTexts(properties.map(\.0))
    let values = CTexts(properties.map(\.1))
    let compiled = try api.make(
      api.pointee.compiled_free, "OpenVINO can't compile the model for \(options.device)", at: path
    ) {
      saccade_openvino_compile(
        api, runtime.core.raw, prepared.raw, options.device, keys.pointers, values.pointers,
        properties.count, &$0)
    }
    let request = try api.make(api.pointee.request_free, "OpenVINO can't run the model", at: path) {
      api.pointee.request_create(compiled.raw, &$0)
    }
    if let index = plan.picture.sizeIndex {
      let tensor = try api.tensor(SACCADE_OV_I64, [1, 2])
      var data: UnsafeMutableRawPointer?
      try api.check(api.pointee.tensor_data(tensor.raw, &data), "OpenVINO can't make a tensor")
      // Safety: the tensor has two whole numbers of 8 bytes.
      let numbers = data!.assumingMemoryBound(to: Int64.self)
      numbers[0] = Int64(plan.width)
      numbers[1] = Int64(plan.height)
      // Planes stand in the place of the picture's one input.
      let shift = index > plan.picture.index ? source.inputs - 1 : 0
      try api.check(
        api.pointee.request_set_input(request.raw, index + shift, tensor.raw),
        "the model can't take the picture's size", at: path)
      sizes = consume tensor
    } else {
      sizes = nil
    }
    self.runtime = runtime
    self.compiled = compiled
    self.request = request
    place = path
    outputs = plan.outputs
  }

  /// What OpenVINO made of a property: `INFERENCE_PRECISION_HINT`, ….
  func property(_ key: String) -> String? {
    let api = runtime.api
    var value: UnsafeMutablePointer<CChar>?
    guard api.pointee.compiled_get_property(compiled.raw, key, &value) == 0, let value else { return nil }
    defer { api.pointee.free_text(value) }
    return String(cString: value)
  }

  /// Gives the request an input whose memory stays as long as it is used.
  func setInput(_ index: Int, _ tensor: borrowing Handle) throws(Fault) {
    let api = runtime.api
    try api.check(
      api.pointee.request_set_input(request.raw, index, tensor.raw), "the model can't take a picture",
      at: place)
  }

  /// Runs the model and hands out its outputs, in its order. Blocks until it is done.
  func run<R>(_ body: ([TensorView]) -> R) throws(Fault) -> R {
    let api = runtime.api
    try api.check(api.pointee.request_infer(request.raw), "the model failed", at: place)
    var views: [TensorView] = []
    for index in 0..<outputs {
      let tensor = try api.make(api.pointee.tensor_free, "can't read the model's output", at: place) {
        api.pointee.request_output(request.raw, index, &$0)
      }
      var shape = saccade_ov_shape()
      try api.check(
        api.pointee.tensor_shape(tensor.raw, &shape), "can't read the model's output", at: place)
      let sizes = (0..<Int(shape.rank)).map { Int(shape.sizes?[$0] ?? 0) }
      _ = api.pointee.shape_free(&shape)
      var data: UnsafeMutableRawPointer?
      let count = sizes.reduce(1, *)
      if count > 0 {
        try api.check(api.pointee.tensor_data(tensor.raw, &data), "can't read the model's output", at: place)
      }
      // Safety: outputs are floats (`PreparedModel`), dense, and the request keeps them until it runs again.
      let numbers = data.map { $0.assumingMemoryBound(to: Float.self) }
      views.append(
        TensorView(
          shape: sizes, values: UnsafeBufferPointer(start: numbers, count: numbers == nil ? 0 : count)))
    }
    return body(views)
  }
}

/// What is known of a model when it is compiled.
struct GraphPlan: Sendable {
  var picture: PictureInput
  /// Of the input, in pixels.
  var width: Int
  var height: Int
  var preparation: DetectorPreparation
  /// How many the model has.
  var outputs: Int
}

extension GraphSource {
  /// Inputs in place of the model's one.
  var inputs: Int {
    switch self {
    case .rgb: 1
    case .planes(.nv12, _, _): 2
    case .planes(.i420, _, _): 3
    }
  }
}
