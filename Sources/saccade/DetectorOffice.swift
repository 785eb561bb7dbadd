import Base
import Logging
import Media
import Pipelines
import Vision
import VisionOpenVINO

/// Has the detectors that pipelines ask for: OpenVINO is loaded with the first, a model once for all streams that begin
/// with it together, and each device runs one inference at a time.
final class DetectorOffice: Sendable {
  private struct Order: Hashable {
    var setting: DetectorSetting
    var masks: [Polygon]
  }

  private struct Engine: Hashable {
    var folder: String?
    var device: String
  }

  /// One model, as one device runs it.
  private struct Model: Hashable {
    var path: String
    var engine: Engine
    var threads: Int
    var preprocessing: DetectorSetting.Preprocessing

    init(_ setting: DetectorSetting) {
      path = setting.model
      engine = Engine(folder: setting.engine, device: setting.device)
      threads = setting.threads
      preprocessing = setting.preprocessing
    }
  }

  private struct State {
    var runtimes: [String?: OpenVINORuntime] = [:]
    var queues: [Engine: DetectorQueue] = [:]
    /// By the pipeline's name.
    var lanes: [String: (order: Order, lane: DetectorLane)] = [:]
  }

  private let state = Monitor(State())
  private static let patience: Nanoseconds = .seconds(5)
  private let surroundings: Surroundings
  private let share: Double

  /// - Parameter share: Of each device's time that detectors may take, all streams together.
  init(in surroundings: Surroundings, share: Double = 1) {
    self.surroundings = surroundings
    self.share = share
  }

  /// Loads what these pipelines need and isn't there yet; blocks for as long as that takes. What is there stays as it
  /// is when it fails.
  ///
  /// - Throws: Where OpenVINO or a model can't be had, with the pipeline's name.
  func prepare(_ pipelines: [Pipeline]) throws(Fault) {
    let wanted = pipelines.compactMap { pipeline in
      pipeline.detector.map { (pipeline.name, Order(setting: $0, masks: pipeline.source.masks)) }
    }
    let known = state.withLock { state, _ in state.lanes.mapValues(\.order) }
    let missing = wanted.filter { known[$0.0] != $0.1 }
    var fresh: [String: (order: Order, lane: DetectorLane)] = [:]
    for (model, orders) in Dictionary(grouping: missing, by: { Model($0.1.setting) }) {
      do throws(Fault) {
        let queue = queue(of: model.engine)
        let runtime = try runtime(in: model.engine.folder)
        let options = DetectorOptions(
          device: model.engine.device, threads: model.threads,
          preprocessesInGraph: model.preprocessing == .graph)
        let detector = try Detector(model.path, nil, options, runtime)
        let lanes = DetectorLane.lanes(
          of: detector, on: queue, streams: orders.map { ($0.0, $0.1.masks) }, clocks: surroundings.clocks)
        for (order, lane) in zip(orders, lanes) { fresh[order.0] = (order.1, lane) }
      } catch {
        var fault = error
        fault.what = "the detector of `\(orders[0].0)` can't be used: \(fault.what)"
        throw fault
      }
    }
    let names = Set(wanted.map(\.0))
    // Lanes die outside the lock: they wait for the device's thread.
    let old = state.withLock { state, _ in
      let old = state.lanes
      state.lanes = old.filter { names.contains($0.key) }.merging(fresh) { $1 }
      return old
    }
    _ = consume old
  }

  /// Of a pipeline that was prepared; nil without a `detector`.
  func encoder(of pipeline: Pipeline) -> (any FovealEncoder)? {
    guard pipeline.detector != nil else { return nil }
    return state.withLock { state, _ in state.lanes[pipeline.name]?.lane }
  }

  /// Ends the devices' threads. The streams have ended. False when a device that hangs was left behind.
  @discardableResult
  func close() -> Bool {
    let queues = state.withLock { state, _ in
      defer { state.queues = [:] }
      return state.queues
    }
    let deadline = surroundings.clocks.monotonic() + Self.patience
    return queues.values.reduce(true) { $1.close(until: deadline) && $0 }
  }

  private func queue(of engine: Engine) -> DetectorQueue {
    state.withLock { state, _ in
      if let queue = state.queues[engine] { return queue }
      let queue = DetectorQueue(name: engine.device, share: share, clocks: surroundings.clocks)
      state.queues[engine] = queue
      return queue
    }
  }

  private func runtime(in folder: String?) throws(Fault) -> OpenVINORuntime {
    if let known = state.withLock({ state, _ in state.runtimes[folder] }) { return known }
    let runtime = try OpenVINORuntime(OpenVINOSearch(path: folder, environment: surroundings.environment))
    state.withLock { state, _ in state.runtimes[folder] = runtime }
    return runtime
  }
}
