/// What a detector may use.
package struct DetectorOptions: Sendable, Hashable {
  /// As OpenVINO names it: `CPU`, `GPU`, `NPU`, `AUTO`.
  package var device: String
  /// On a CPU. OpenVINO would take all processors of the machine, more than a container may have.
  package var threads: Int
  /// `f32`, `bf16`, `f16`; nil leaves it to OpenVINO, which takes bf16 where the processor is faster with it.
  package var precision: String?

  /// Whether whole frames go to the model as they are decoded, where their form allows it: `Detector.compile(for:)` is
  /// called for the sizes that come.
  package var preprocessesInGraph: Bool

  package init(
    device: String = "CPU", threads: Int = 1, precision: String? = nil, preprocessesInGraph: Bool = false
  ) {
    self.device = device
    self.threads = threads
    self.precision = precision
    self.preprocessesInGraph = preprocessesInGraph
  }

  /// Properties of the compiled model. Pinning would put the threads of several processes on the same processors.
  var properties: [(String, String)] {
    var result = [("PERFORMANCE_HINT", "LATENCY")]
    if device == "CPU" {
      result += [
        ("INFERENCE_NUM_THREADS", String(threads)), ("NUM_STREAMS", "1"), ("ENABLE_CPU_PINNING", "NO"),
      ]
    }
    if let precision { result.append(("INFERENCE_PRECISION_HINT", precision)) }
    return result
  }
}
