import Base
import COpenVINO
import Media

/// Puts the preparation of a picture in front of a model, as part of its graph: colours, letterbox, size,
/// normalisation, order of the channels; and makes floats of its outputs.
enum PreparedModel {
  static func make(
    _ model: borrowing ReadModel, _ plan: GraphPlan, _ source: GraphSource, _ runtime: OpenVINORuntime
  ) throws(Fault) -> Handle {
    let api = runtime.api
    let path = model.path
    let what = "OpenVINO can't prepare the model"
    let raw = model.raw
    let preprocessor = try api.make(api.pointee.preprocessor_free, what, at: path) {
      api.pointee.preprocessor_create(raw, &$0)
    }
    let input = try api.make(api.pointee.input_free, what, at: path) {
      api.pointee.preprocessor_input(preprocessor.raw, plan.picture.index, &$0)
    }
    do {
      let tensor = try api.make(api.pointee.input_tensor_free, what, at: path) {
        api.pointee.input_tensor(input.raw, &$0)
      }
      try describe(tensor, source, api, what, path)
      let steps = try api.make(api.pointee.steps_free, what, at: path) {
        api.pointee.input_steps(input.raw, &$0)
      }
      try addSteps(steps, plan, source, api, what, path)
      let own = try api.make(api.pointee.input_model_free, what, at: path) {
        api.pointee.input_model(input.raw, &$0)
      }
      let layout = try api.make(api.pointee.layout_free, what, at: path) {
        api.pointee.layout_create(plan.picture.order.rawValue, &$0)
      }
      try api.check(api.pointee.model_set_layout(own.raw, layout.raw), what, at: path)
    }
    for index in 0..<plan.outputs { try makeFloat(index, preprocessor, api, what, path) }
    return try api.make(api.pointee.model_free, what, at: path) {
      api.pointee.preprocessor_build(preprocessor.raw, &$0)
    }
  }

  private typealias API = UnsafePointer<saccade_openvino>

  private static func describe(
    _ tensor: borrowing Handle, _ source: GraphSource, _ api: API, _ what: String, _ path: String
  ) throws(Fault) {
    try api.check(api.pointee.tensor_set_type(tensor.raw, SACCADE_OV_U8), what, at: path)
    switch source {
    case .rgb:
      try api.check(api.pointee.tensor_set_colour(tensor.raw, SACCADE_OV_RGB), what, at: path)
      let layout = try api.make(api.pointee.layout_free, what, at: path) {
        api.pointee.layout_create(PictureOrder.planar.rawValue, &$0)
      }
      try api.check(api.pointee.tensor_set_layout(tensor.raw, layout.raw), what, at: path)
    case .planes(let format, let width, let height):
      let isPaired = format == .nv12
      let names = CTexts(isPaired ? ["y", "uv"] : ["y", "u", "v"])
      try api.check(
        saccade_openvino_set_planes(
          api, tensor.raw, isPaired ? SACCADE_OV_NV12_TWO_PLANES : SACCADE_OV_I420_THREE_PLANES,
          names.pointers, names.pointers.count), what, at: path)
      try api.check(api.pointee.tensor_set_size(tensor.raw, height, width), what, at: path)
    }
  }

  private static func addSteps(
    _ steps: borrowing Handle, _ plan: GraphPlan, _ source: GraphSource, _ api: API, _ what: String,
    _ path: String
  ) throws(Fault) {
    let preparation = plan.preparation
    let colour = preparation.channels == .rgb ? SACCADE_OV_RGB : SACCADE_OV_BGR
    let isConverted = source != .rgb || preparation.channels != .rgb
    if isConverted { try api.check(api.pointee.step_colour(steps.raw, colour), what, at: path) }
    // OpenVINO pads floats only.
    try api.check(api.pointee.step_type(steps.raw, SACCADE_OV_F32), what, at: path)
    if case .planes(_, let width, let height) = source {
      let around = Letterbox(width: width, height: height, plan)
      if around.isNeeded {
        let (before, after) = (around.before.map { Int32($0) }, around.after.map { Int32($0) })
        try api.check(
          api.pointee.step_pad(
            steps.raw, before, before.count, after, after.count, Float(Letterbox.grey),
            SACCADE_OV_PAD_CONSTANT), what, at: path)
      }
      try api.check(api.pointee.step_resize(steps.raw, SACCADE_OV_RESIZE_LINEAR), what, at: path)
    }
    if preparation.mean != [0, 0, 0] {
      try api.check(api.pointee.step_mean(steps.raw, preparation.mean, 3), what, at: path)
    }
    if preparation.scale != [1, 1, 1] {
      try api.check(api.pointee.step_scale(steps.raw, preparation.scale, 3), what, at: path)
    }
  }

  private static func makeFloat(
    _ index: Int, _ preprocessor: borrowing Handle, _ api: API, _ what: String, _ path: String
  ) throws(Fault) {
    let raw = preprocessor.raw
    let output = try api.make(api.pointee.output_free, what, at: path) {
      api.pointee.preprocessor_output(raw, index, &$0)
    }
    let tensor = try api.make(api.pointee.output_tensor_free, what, at: path) {
      api.pointee.output_tensor(output.raw, &$0)
    }
    try api.check(api.pointee.output_set_type(tensor.raw, SACCADE_OV_F32), what, at: path)
  }
}

/// Grey around a decoded picture that gives it the proportions of a model's input, before it is scaled.
struct Letterbox {
  /// What YOLO's trainers put around pictures; others hardly care.
  static let grey: UInt8 = 114

  /// Pixels of the source left and right, above and below.
  private let left: Int
  private let right: Int
  private let top: Int
  private let bottom: Int
  private let source: (width: Int, height: Int)
  private let input: (width: Int, height: Int)

  init(width: Int, height: Int, _ plan: GraphPlan) {
    source = (width, height)
    input = (plan.width, plan.height)
    guard plan.preparation.fit == .letterbox else {
      (left, right, top, bottom) = (0, 0, 0, 0)
      return
    }
    let wide = max(width, Int((Double(height * plan.width) / Double(plan.height)).rounded()))
    let high = max(height, Int((Double(width * plan.height) / Double(plan.width)).rounded()))
    left = (wide - width) / 2
    right = wide - width - left
    top = (high - height) / 2
    bottom = high - height - top
  }

  var isNeeded: Bool { left + right + top + bottom > 0 }
  /// In the order of the layout NHWC, which decoded colours have.
  var before: [Int] { [0, top, left, 0] }
  var after: [Int] { [0, bottom, right, 0] }

  /// Where the whole frame lies in the input.
  var placement: Placement {
    let scaleX = Double(input.width) / Double(source.width + left + right)
    let scaleY = Double(input.height) / Double(source.height + top + bottom)
    return Placement(
      region: Rect(x: 0, y: 0, width: 1, height: 1), x: Double(left) * scaleX, y: Double(top) * scaleY,
      width: Double(source.width) * scaleX, height: Double(source.height) * scaleY)
  }
}
