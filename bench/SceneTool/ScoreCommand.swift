import ArgumentParser
import Foundation
import TestKit

struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares records with the truth of their clips.",
    discussion: """
      Reads Saccade's records, or lines {"frame":1,"time":0.0,"objects":[{"id":1,"box":[x,y,w,h]}]}. Several \
      truths and records are scored each by itself and together.
      """)
  @Option(parsing: .upToNextOption, help: "Truth files.") var truth: [String]
  @Option(parsing: .upToNextOption, help: "Files of records, in the order of the truths.") var records:
    [String]
  @Flag(help: "A line of JSON a clip and one for all.") var json = false
  @Flag(help: "Say what health event was missed, late or wrong.") var notes = false

  func validate() throws {
    guard truth.count == records.count, !truth.isEmpty else {
      throw ValidationError("\(truth.count) truths for \(records.count) files of records")
    }
  }

  func run() throws {
    var total: TrackScore?
    if !json { print(ScoreReport.header) }
    for (truthPath, recordPath) in zip(truth, records) {
      let (clip, frames) = try TruthFile.read(truthPath)
      let score = TrackScorer.score(clip, frames, try Reported.read(recordPath))
      let name = "\(clip.name)-\(clip.seed)"
      print(json ? ScoreReport.json(name, score) : ScoreReport.row(name, score))
      if total == nil { total = score } else { total? += score }
    }
    guard let total else { return }
    if truth.count > 1 { print(json ? ScoreReport.json("all", total) : ScoreReport.row("all", total)) }
    if !json, let text = ScoreReport.health(total.health) { print("  " + text) }
    if notes { for note in total.health.notes { print("  " + note) } }
  }
}
