import Base
import COpenVINO
import Media

/// A detection model, compiled at one size: frames in, detections out. Used by one thread at a time, as a
/// `DeviceQueue` does; every call blocks until the model has run.
///
/// Loading reads and compiles the model, which takes from some tens of milliseconds to seconds.
package final class Detector {
  /// Of its file, without folder and suffix.
  package let name: String
  package let layout: DetectorLayout
  /// Names of its classes; may be fewer than it has.
  package let labels: [String]
  /// Of its input, in pixels.
  package let width: Int
  package let height: Int

  private let decoder: DetectionDecoder
  private let picture: DetectorPicture
  private let graph: CompiledGraph
  /// Over the picture's memory, which lives as long.
  private let tensor: Handle
  private let path: String
  private let manifest: DetectorManifest
  private let options: DetectorOptions
  private let runtime: OpenVINORuntime
  private var decoded: [DecodedGraph] = []

  /// Parts of a frame that one inference may look at: tiles get too small for more.
  package static let mostParts = 9
  /// Parts of several streams' frames that it may look at together: no stream's tile gets smaller by another's than by
  /// its own.
  package static let mostJoined = 4
  /// Sizes of decoded frames that a detector may be compiled for besides: each has the model's weights anew.
  package static let mostDecoded = 3

  /// - Parameters:
  ///   - path: An ONNX file, or the `.xml` of OpenVINO's own form.
  ///   - manifest: Nil for the one beside the model, if there is any.
  /// - Throws: `noInput`, `data` or `configuration` where the model or its manifest is wrong, with the shapes found and
  ///   those expected; `unavailable` where the device can't run it.
  package init(
    _ path: String, _ manifest: DetectorManifest? = nil, _ options: DetectorOptions = DetectorOptions(),
    _ runtime: OpenVINORuntime
  ) throws(Fault) {
    let known = try DetectorModel(path, manifest, runtime)
    self.path = path
    self.manifest = known.manifest
    self.options = options
    self.runtime = runtime
    let (width, height) = (known.plan.width, known.plan.height)
    let file = path.split(separator: "/").last ?? ""
    name = String(file.prefix(upTo: file.lastIndex(of: ".") ?? file.endIndex))
    layout = known.layout
    labels = known.manifest.labels
    decoder = known.decoder
    self.width = width
    self.height = height
    graph = try CompiledGraph(known.model, known.plan, .rgb, options, runtime)
    picture = DetectorPicture(width: width, height: height, fit: known.plan.preparation.fit)
    tensor = try runtime.api.tensor(SACCADE_OV_U8, [1, 3, height, width], over: picture.memory)
    try graph.setInput(known.plan.picture.index, tensor)
  }

  /// The name of a label; a class without one is `class 17`.
  package func label(_ index: Int) -> String { Self.label(index, among: labels) }

  static func label(_ index: Int, among labels: [String]) -> String {
    index < labels.count ? labels[index] : "class \(index)"
  }

  /// Looks at a frame: as a whole, or at parts of it as tiles of one picture.
  ///
  /// - Parameters:
  ///   - regions: 0…1 of the upright frame, at most `mostParts`; none for the whole frame.
  ///   - scaler: Of the frame's stream.
  /// - Returns: One for each region, in their order; or one, for the whole frame.
  package func detect(
    _ frame: borrowing VideoFrame, in regions: [Rect] = [], _ scaler: PartScaler
  ) throws(Fault) -> [RegionDetections] {
    if regions.isEmpty, let parts = try detectDecoded(frame, scaler) { return parts }
    precondition(regions.count <= Self.mostParts, "\(regions.count) regions in one picture")
    picture.clear(for: max(1, regions.count))
    try add(frame, regions, scaler, isAlone: regions.count <= 1)
    return try graph.run { decoder.detections($0, in: picture.placements) }
  }

  /// As `detect`, at parts of several frames as tiles of one picture, `mostParts` of all in all.
  ///
  /// - Returns: For each look, one for each of its regions.
  func detect(_ looks: [DetectorLook]) throws(Fault) -> [[RegionDetections]] {
    if looks.count == 1 { return [try detect(looks[0].frame, in: looks[0].regions, looks[0].scaler)] }
    let count = looks.reduce(0) { $0 + $1.regions.count }
    precondition(looks.allSatisfy { !$0.regions.isEmpty } && count <= Self.mostParts, "\(count) regions")
    picture.clear(for: count)
    for look in looks { try add(look.frame, look.regions, look.scaler, isAlone: false) }
    var parts = try graph.run { decoder.detections($0, in: picture.placements) }[...]
    return looks.map { look in
      defer { parts = parts.dropFirst(look.regions.count) }
      return Array(parts.prefix(look.regions.count))
    }
  }

  private func add(
    _ frame: borrowing VideoFrame, _ regions: [Rect], _ scaler: PartScaler, isAlone: Bool
  ) throws(Fault) {
    if regions.isEmpty { try picture.add(frame, nil, scaler, isAlone: isAlone) }
    for region in regions { try picture.add(frame, region, scaler, isAlone: isAlone) }
  }

  /// Compiles the model once more, for whole frames of this size as their decoder leaves them. From then on
  /// those go to the model without a step in between: the graph converts and scales them, without smoothing what gets
  /// smaller. Which way is faster depends on device and size: `bench/detector.sh` tells. Takes as long, and as much
  /// memory, as loading the model. Frames of other forms, or with something to hide, go on as before.
  ///
  /// - Throws: `unavailable` where OpenVINO can't, or there are `mostDecoded` already.
  package func compile(for format: DecodedPlanes.Format, width: Int, height: Int) throws(Fault) {
    if decoded.contains(where: { $0.format == format && $0.width == width && $0.height == height }) { return }
    guard decoded.count < Self.mostDecoded else {
      throw Fault(
        .unavailable, "the model is compiled for \(Self.mostDecoded) sizes of frames already", at: path)
    }
    let known = try DetectorModel(path, manifest, runtime)
    decoded.append(
      try DecodedGraph(known, format, width: width, height: height, options, runtime))
  }

  /// Nil where the frame must be prepared first.
  private func detectDecoded(
    _ frame: borrowing VideoFrame, _ scaler: PartScaler
  ) throws(Fault) -> [RegionDetections]? {
    guard !scaler.hides, options.preprocessesInGraph || !decoded.isEmpty, let format = frame.planeFormat
    else { return nil }
    let (width, height) = (frame.info.width, frame.info.height)
    if options.preprocessesInGraph, decoded.count < Self.mostDecoded {
      try compile(for: format, width: width, height: height)
    }
    let graph = decoded.first { $0.format == format && $0.width == width && $0.height == height }
    guard let graph else { return nil }
    return try frame.withPlanes { planes in
      Result { () throws(Fault) in try graph.detect(planes, decoder) }
    }?.get()
  }
}
