import Base
import COpenVINO

/// A model as it was read from its file, before it is compiled.
struct ReadModel: ~Copyable {
  private let runtime: OpenVINORuntime
  private let handle: Handle
  let path: String

  /// Reads an ONNX file, or the `.xml` of OpenVINO's own form with its `.bin` beside it.
  init(_ path: String, _ runtime: OpenVINORuntime) throws(Fault) {
    let api = runtime.api
    do throws(Fault) {
      handle = try api.make(api.pointee.model_free, "OpenVINO can't read the model", at: path) {
        api.pointee.core_read_model(runtime.core.raw, path, nil, &$0)
      }
    } catch {
      var fault = error
      fault.code = .data
      fault.advice = "it must be an ONNX file or the .xml of an OpenVINO model"
      throw fault
    }
    self.runtime = runtime
    self.path = path
  }

  var raw: Handle.Object { handle.raw }

  borrowing func interface() throws(Fault) -> ModelInterface {
    let api = runtime.api
    var (inputs, outputs) = (0, 0)
    try api.check(api.pointee.model_input_count(raw, &inputs), "can't ask the model", at: path)
    try api.check(api.pointee.model_output_count(raw, &outputs), "can't ask the model", at: path)
    var interface = ModelInterface(inputs: [], outputs: [])
    for index in 0..<inputs { interface.inputs.append(try port(index, api.pointee.model_input)) }
    for index in 0..<outputs { interface.outputs.append(try port(index, api.pointee.model_output)) }
    return interface
  }

  private typealias Getter =
    @convention(c) (Handle.Object, Int, UnsafeMutablePointer<Handle.Object?>) -> saccade_ov_status

  private borrowing func port(_ index: Int, _ get: Getter) throws(Fault) -> ModelInterface.Port {
    let api = runtime.api
    let raw = raw
    let port = try api.make(api.pointee.port_free, "can't ask the model", at: path) { get(raw, index, &$0) }
    var name: UnsafeMutablePointer<CChar>?
    // A tensor of OpenVINO's own form may have no name.
    let hasName = api.pointee.port_name(port.raw, &name) == 0
    defer { if hasName { api.pointee.free_text(name) } }
    var shape = saccade_ov_partial_shape()
    try api.check(api.pointee.port_shape(port.raw, &shape), "can't ask the model", at: path)
    defer { api.pointee.partial_shape_free(&shape) }
    var sizes: [Int?] = []
    if shape.rank.shortest == shape.rank.longest, let dimensions = shape.dimensions {
      for at in 0..<Int(shape.rank.longest) {
        let size = dimensions[at]
        sizes.append(size.shortest == size.longest ? Int(size.longest) : nil)
      }
    }
    return ModelInterface.Port(hasName ? name.map { String(cString: $0) } ?? "" : "", sizes)
  }

  /// Fixes the shapes of its inputs, in their order: what is left open grows memory with each new size.
  borrowing func reshape(_ shapes: [[Int]]) throws(Fault) {
    let api = runtime.api
    var partial: [saccade_ov_partial_shape] = []
    defer { for index in partial.indices { api.pointee.partial_shape_free(&partial[index]) } }
    for shape in shapes {
      var made = saccade_ov_partial_shape()
      let sizes = shape.map { Int64($0) }
      try api.check(
        api.pointee.partial_shape_create(Int64(sizes.count), sizes, &made), "can't make a shape", at: path)
      partial.append(made)
    }
    let indices = Array(shapes.indices)
    try api.check(
      api.pointee.model_reshape(raw, indices, partial, shapes.count),
      "the model can't take inputs of \(shapes.map(\.description).joined(separator: ", "))", at: path)
  }
}
