import Base
import COpenVINO

extension OpenVINORuntime {
  /// Runs a tiny model on a device: that a library loads and knows a device doesn't say yet that it can.
  ///
  /// - Throws: `unavailable` with what OpenVINO says.
  package func prove(_ device: String) throws(Fault) {
    let what = "OpenVINO can't run a model on \(device)"
    let text = Self.proof
    let model = try api.make(api.pointee.model_free, what, at: found.library) {
      api.pointee.core_read_text(core.raw, text, text.utf8.count, nil, &$0)
    }
    let compiled = try api.make(api.pointee.compiled_free, what, at: found.library) {
      saccade_openvino_compile(api, core.raw, model.raw, device, [], [], 0, &$0)
    }
    let request = try api.make(api.pointee.request_free, what, at: found.library) {
      api.pointee.request_create(compiled.raw, &$0)
    }
    let input = try api.tensor(SACCADE_OV_F32, [1, 4])
    try numbers(of: input).update(from: [-1, 2, -3, 4], count: 4)
    try api.check(api.pointee.request_set_input(request.raw, 0, input.raw), what, at: found.library)
    try api.check(api.pointee.request_infer(request.raw), what, at: found.library)
    let output = try api.make(api.pointee.tensor_free, what, at: found.library) {
      api.pointee.request_output(request.raw, 0, &$0)
    }
    let result = try Array(UnsafeBufferPointer(start: numbers(of: output), count: 4))
    guard result == [0, 2, 0, 4] else {
      throw Fault(.unavailable, what, at: found.library, cause: "it makes \(result) of -1, 2, -3, 4")
    }
  }

  private func numbers(of tensor: borrowing Handle) throws(Fault) -> UnsafeMutablePointer<Float> {
    var data: UnsafeMutableRawPointer?
    try api.check(api.pointee.tensor_data(tensor.raw, &data), "OpenVINO can't hand out a tensor")
    // Safety: a tensor with elements has memory, here of four floats.
    return data!.assumingMemoryBound(to: Float.self)
  }

  /// In OpenVINO's own form: y = max(x, 0) of four numbers.
  private static let proof: String = {
    func port(_ id: Int) -> String {
      "<port id=\"\(id)\" precision=\"FP32\"><dim>1</dim><dim>4</dim></port>"
    }
    return """
      <?xml version="1.0"?><net name="proof" version="11"><layers>
      <layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,4" element_type="f32"/>
      <output>\(port(0))</output></layer>
      <layer id="1" name="y" type="ReLU" version="opset1"><input>\(port(0))</input><output>\(port(1))</output></layer>
      <layer id="2" name="z" type="Result" version="opset1"><input>\(port(0))</input></layer></layers>
      <edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/>
      <edge from-layer="1" from-port="1" to-layer="2" to-port="0"/></edges></net>
      """
  }()
}
