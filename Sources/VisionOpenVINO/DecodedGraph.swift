import Base
import COpenVINO
import Media

/// A detector's model once more, compiled for whole frames of one size as their decoder leaves them: colours,
/// letterbox and size are part of its graph.
final class DecodedGraph {
  let format: DecodedPlanes.Format
  let width: Int
  let height: Int
  private let graph: CompiledGraph
  private let api: UnsafePointer<saccade_openvino>
  /// Index of the first plane among the inputs.
  private let first: Int
  private let placement: Placement
  /// Copies of planes whose rows have gaps between them, which tensors can't have.
  private var dense: [UnsafeMutableBufferPointer<UInt8>?]

  init(
    _ known: borrowing DetectorModel, _ format: DecodedPlanes.Format, width: Int, height: Int,
    _ options: DetectorOptions, _ runtime: OpenVINORuntime
  ) throws(Fault) {
    self.format = format
    self.width = width
    self.height = height
    api = runtime.api
    first = known.plan.picture.index
    let source = GraphSource.planes(format, width: width, height: height)
    dense = Array(repeating: nil, count: source.inputs)
    graph = try CompiledGraph(known.model, known.plan, source, options, runtime)
    placement = Letterbox(width: width, height: height, known.plan).placement
  }

  deinit { for copy in dense { copy?.deallocate() } }

  /// Planes must be of the format and size that it was made for.
  func detect(_ planes: DecodedPlanes, _ decoder: DetectionDecoder) throws(Fault) -> [RegionDetections] {
    for (index, plane) in planes.planes.enumerated() {
      let channels = format == .nv12 && index == 1 ? 2 : 1
      let shape = [1, plane.rows, plane.rowBytes / channels, channels]
      // Safety: the graph only reads its inputs; the planes outlive this call, the copies this object.
      let memory = UnsafeMutableRawPointer(mutating: dense(plane, index))
      try graph.setInput(first + index, api.tensor(SACCADE_OV_U8, shape, over: memory))
    }
    return try graph.run { decoder.detections($0, in: [placement]) }
  }

  private func dense(_ plane: DecodedPlanes.Plane, _ index: Int) -> UnsafePointer<UInt8> {
    if plane.bytesPerRow == plane.rowBytes { return plane.bytes }
    let copy = dense[index] ?? .allocate(capacity: plane.rows * plane.rowBytes)
    dense[index] = copy
    // Safety: a plane has bytes.
    let start = copy.baseAddress!
    for row in 0..<plane.rows {
      (start + row * plane.rowBytes).update(
        from: plane.bytes + row * plane.bytesPerRow, count: plane.rowBytes)
    }
    return UnsafePointer(start)
  }
}
