import Base
import Foundation
import Media
import VisionOpenVINO

/// `detector-bench OPENVINO MODEL CLIP [seconds=10] [threads=2] [path=prepared|decoded|tiles|streams]`: how many looks a second a
/// detector takes at the first frame of a clip, over and over, one after the other: with all that belongs to a look,
/// from the decoder's planes to boxes. Prints looks a second and milliseconds a look: the least, the median, the 99th
/// of a hundred. `streams` are four that share the detector, each looking at one place, over and over.
@main
struct DetectorBench {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let paths = arguments.filter { !$0.contains("=") }
    guard paths.count == 3 else {
      print(
        "usage: detector-bench OPENVINO MODEL CLIP [seconds=10] [threads=2] [path=prepared|decoded|tiles|streams]"
      )
      exit(64)
    }
    func option(_ name: String) -> String? {
      arguments.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
    let seconds = option("seconds").flatMap { Double($0) } ?? 10
    let path = option("path") ?? "prepared"
    do {
      let runtime = try OpenVINORuntime(OpenVINOSearch(path: paths[0], environment: [:]))
      let detector = try Detector(
        paths[1], nil, DetectorOptions(threads: option("threads").flatMap { Int($0) } ?? 2), runtime)
      if path == "streams" {
        let queue = DetectorQueue(name: "bench")
        let lanes = DetectorLane.lanes(
          of: detector, on: queue, streams: (0..<4).map { ("\($0)", []) }, clocks: SystemClocks())
        return try onFirstFrame(paths[2]) { frame in measure(lanes, on: queue, seconds, frame) }
      }
      try onFirstFrame(paths[2]) { frame in
        if path == "decoded", let format = frame.planeFormat {
          try detector.compile(for: format, width: frame.info.width, height: frame.info.height)
        }
        // A quarter of the picture's sides each, as crops around things are.
        let regions =
          path == "tiles"
          ? (0..<4).map { Rect(x: Double($0) * 0.25, y: 0.3, width: 0.2, height: 0.3) } : []
        measure(path, seconds) { _ = try detector.detect(frame, in: regions, scaler) }
      }
    } catch let fault as Fault {
      print("detector-bench: \(fault)")
      exit(fault.code.rawValue)
    }
  }

  nonisolated(unsafe) private static let scaler = PartScaler()  // Safety: used by this one thread.

  private static func onFirstFrame(_ clip: String, _ body: (borrowing VideoFrame) throws -> Void) throws {
    var failure: (any Error)?
    let reader = FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks())
    _ = try reader.run(
      deliver: { frame in
        do { try body(frame) } catch { failure = error }
        return false
      },
      changed: { _ in })
    if let failure { throw failure }
  }

  private static func measure(_ name: String, _ seconds: Double, _ look: () throws -> Void) {
    let clocks = SystemClocks()
    var times: [Double] = []
    do {
      // The first few make memory and threads.
      for _ in 0..<5 { try look() }
      let start = clocks.monotonic()
      while (clocks.monotonic() - start).inSeconds < seconds {
        let before = clocks.monotonic()
        try look()
        times.append((clocks.monotonic() - before).inMilliseconds)
      }
      let all = (clocks.monotonic() - start).inSeconds
      times.sort()
      let texts = [times[0], times[times.count / 2], times[times.count * 99 / 100]].map {
        String(format: "%.2f", $0)
      }
      print(
        "\(name) \(String(format: "%.2f", Double(times.count) / all)) looks/s, ms: "
          + texts.joined(separator: " "))
    } catch {
      print("\(name): \(error)")
    }
  }

  /// Each stream looks again as soon as it has its answer.
  private static func measure(
    _ lanes: [DetectorLane], on queue: DetectorQueue, _ seconds: Double, _ frame: borrowing VideoFrame
  ) {
    let clocks = SystemClocks()
    let start = clocks.monotonic()
    let ends = start + .seconds(seconds)
    for (index, lane) in lanes.enumerated() {
      let region = Rect(x: Double(index) * 0.25, y: 0.3, width: 0.2, height: 0.3)
      Self.look(lane, FrameBox(frame.copy()), region, until: ends, clocks)
    }
    while clocks.monotonic() < ends { Thread.sleep(forTimeInterval: 0.01) }
    queue.close()
    let all = (clocks.monotonic() - start).inSeconds
    let looks = lanes.reduce(0) { $0 + $1.looked }
    let joined = lanes.reduce(0) { $0 + $1.joined }
    print(
      "streams \(String(format: "%.2f", Double(looks) / all)) looks/s of \(lanes.count) streams, "
        + "\(String(format: "%.2f", Double(looks - joined) / all)) inferences/s")
  }

  private static func look(
    _ lane: DetectorLane, _ frame: FrameBox, _ region: Rect, until end: MonotonicTime, _ clocks: SystemClocks
  ) {
    lane.look(at: frame.frame.copy(), in: [region]) { _ in
      if clocks.monotonic() < end { look(lane, frame, region, until: end, clocks) }
    }
  }

  private final class FrameBox: Sendable {
    let frame: VideoFrame
    init(_ frame: consuming VideoFrame) { self.frame = frame }
  }
}
