import ArgumentParser
import Base
import Foundation
import TestKit

@main
struct SceneTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "saccade-scenes", abstract: "Renders clips with exact truth, and scores records against it.",
    subcommands: [List.self, Render.self, Score.self, Events.self, Foveal.self, Judge.self])
}

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "One scene a line: name, seed, set, and what it shows.")
  @Option(help: "Only this set: \(Catalogue.sets.joined(separator: ", ")).") var set: String?
  @Option(help: "Seeds to tune with, to learn from, or to score with: tune, learn, score.") var split:
    String = "score"

  func run() throws {
    guard let split = Catalogue.Split(rawValue: split) else {
      throw ValidationError("--split is tune, learn or score")
    }
    if let set, !Catalogue.sets.contains(set) {
      throw ValidationError("--set is one of \(Catalogue.sets.joined(separator: ", "))")
    }
    for entry in Catalogue.entries where set == nil || entry.set == set {
      for seed in split.seeds(of: entry.set) {
        print("\(entry.name)\t\(seed)\t\(entry.set)\t\(entry.what)")
      }
    }
  }
}

struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Renders NAME-SEED.mp4 and NAME-SEED.truth.ndjson into a folder.")
  @Argument(help: "A name that `list` shows.") var name: String
  @Option var seed: UInt64 = 1
  @Option(help: "The folder.") var out: String = "."
  @Option(help: "x264's constant rate factor.") var crf: Int = 23
  @Option(help: "x264's preset.") var preset: String = "veryfast"
  @Option(help: "B-frames in a row; cameras send none.") var bframes: Int = 0
  @Option(help: "Threads of the encoder.") var threads: Int = 2
  @Option(help: "Picture size.") var width: Int = 1280
  @Option var height: Int = 720
  @Option(help: "Frames a second.") var fps: Double = 30
  @Flag(help: "Only time the rendering, write nothing.") var dry = false

  func run() throws {
    guard var scene = Catalogue.scene(name, seed: seed) else {
      throw ValidationError("there is no scene \(name); see saccade-scenes list")
    }
    scene.width = width
    scene.height = height
    scene.rate = fps
    if dry {
      let renderer = SceneRenderer(scene)
      let picture = Picture(width: width, height: height)
      let start = ContinuousClock.now
      var frames = 0
      while renderer.render(into: picture) != nil { frames += 1 }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      print("\(frames) frames, \(Double(frames) / seconds) a second")
      return
    }
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    var encoding = ClipEncoding()
    encoding.quality = crf
    encoding.preset = preset
    encoding.bFrames = bframes
    encoding.threads = threads
    let base = "\(out)/\(name)-\(seed)"
    try ClipWriter.write(scene, video: base + ".mp4", truth: base + ".truth.ndjson", encoding: encoding)
    print("\(base).mp4")
  }
}
