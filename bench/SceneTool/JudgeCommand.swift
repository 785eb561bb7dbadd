import ArgumentParser
import Base
import Foundation
import Media
import Semantics
import TestKit
import Vision

/// What the models of belief learn from.
struct Judge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes what was judged in a clip, look by look, and what from.",
    discussion: """
      Tab-separated on standard output, a line a track and look: time, serial, 1 if it is known, its box and that of the \
      region that covers most of it (x y width height, 0…1; four times 0 without one), then the traits that the first \
      line names.
      """)
  @Argument(help: "A clip.") var clip: String
  @Option(help: "Leave out so many frames at the start: the same scene is then judged somewhat differently.")
  var skip = 0

  func run() throws {
    let reader = FrameReader(
      SourceConfiguration(url: clip), clocks: SystemClocks(), kind: .recording, historyBytes: 0)
    var eye = Eye(EncoderConfiguration())
    var parser = SemanticParser(ParserConfiguration(stream: "judge", epoch: "judge"))
    let filler = PeripheralFiller()
    let out = BufferedOutput()
    out.write(
      (["time", "serial", "known"] + Self.boxNames + Trait.allCases.map(\.name)).joined(separator: "\t"))
    var left = skip
    var fault: (any Error)?
    _ = try reader.run(
      deliver: { frame in
        guard left == 0 else {
          left -= 1
          return true
        }
        do {
          let info = frame.info
          let look = try eye.look(at: info, attention: parser.attention) { try frame.fill($0, with: filler) }
          if look.skipped == nil { eye.charge(nil) }
          parser.observe(look)
          for judged in parser.judgements { out.write(Self.line(judged, at: info.time)) }
          _ = parser.tick(at: info.time)
          return true
        } catch {
          fault = error
          return false
        }
      }, changed: { _ in })
    out.flush()
    if let fault { throw fault }
  }

  private static let boxNames = ["box", "region"].flatMap { name in
    ["x", "y", "width", "height"].map { "\(name).\($0)" }
  }

  private static func line(_ judged: Judgement, at time: MediaTime) -> String {
    let boxes = [judged.box, judged.region ?? Rect(x: 0, y: 0, width: 0, height: 0)]
    let numbers = boxes.flatMap { [$0.x, $0.y, $0.width, $0.height] } + judged.traits.values.map(Double.init)
    return "\(short(time.seconds))\t\(judged.serial)\t\(judged.isKnown ? 1 : 0)\t"
      + numbers.map { short($0) }.joined(separator: "\t")
  }

  /// With five decimals at most, without zeros at the end.
  private static func short(_ v: Double) -> String {
    let n = Int((v * 100_000).rounded())
    return n % 100_000 == 0 ? "\(n / 100_000)" : "\(Double(n) / 100_000)"
  }
}

/// Lines on standard output, many at a time.
private final class BufferedOutput {
  private var data = Data()

  func write(_ line: String) {
    data.append(contentsOf: line.utf8)
    data.append(UInt8(ascii: "\n"))
    if data.count > 1 << 20 { flush() }
  }

  func flush() {
    FileHandle.standardOutput.write(data)
    data.removeAll(keepingCapacity: true)
  }
}
