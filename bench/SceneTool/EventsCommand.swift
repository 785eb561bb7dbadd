import ArgumentParser
import Base
import Conditions
import Foundation
import Pipelines
import Semantics
import TestKit

/// How well are the events of a pipeline told? The same conditions are run over the exact boxes of the truth, and what
/// begins and ends there is what should have been told.
struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares the events of a pipeline with those of the exact truth.",
    discussion: """
      Reads records of `saccade analyze --pipeline`, or the boxes of another tracker, on which the same conditions \
      are then run. Prints recall, precision, and the worst error of begins and ends in seconds.
      """)
  @Option(help: "The pipeline.") var pipeline: String
  @Option(parsing: .upToNextOption, help: "Truth files.") var truth: [String]
  @Option(parsing: .upToNextOption, help: "Files of records, in the order of the truths.") var records:
    [String]
  @Flag(help: "The records are boxes of another tracker.") var boxes = false
  @Flag(help: "An event is right by its begin alone.") var begins = false
  @Flag(help: "Say what was missed, false or late.") var notes = false

  /// Seconds by which what was told may begin or end at another time than the truth.
  private static let tolerance = 0.3

  func validate() throws {
    guard truth.count == records.count, !truth.isEmpty else {
      throw ValidationError("\(truth.count) truths for \(records.count) files of records")
    }
  }

  func run() throws {
    let pipeline = try PipelineFiles.load([pipeline], environment: [:])[0]
    var score = EventScore()
    for (truthPath, recordPath) in zip(truth, records) {
      let (clip, frames) = try TruthFile.read(truthPath)
      let stage = TruthStage(clip)
      // Known at the latest when half of a thing shows, and not before any of it does.
      let due = stage.happenings(of: pipeline, stage.moments(frames, from: 0.5))
      let soonest = stage.happenings(of: pipeline, stage.moments(frames, from: 0.1))
      let told =
        boxes
        ? stage.happenings(of: pipeline, stage.moments(try Reported.read(recordPath)))
        : try Happened.read(recordPath, kinds: Set(pipeline.events.map(\.rule.name)))
      score.add(
        due, soonest, told, tolerance: Self.tolerance, byBegin: begins, name: "\(clip.name)-\(clip.seed)",
        notes: notes)
    }
    print(score.row(pipeline.name))
  }
}

/// An event from its begin to its end, in seconds of the clip.
struct Happened {
  var kind: String
  var begin: Double
  /// When it was told to end, or, of what left, when it was seen last; nil where it is open at the end.
  var end: Double?
  var isPoint: Bool

  static func read(_ path: String, kinds: Set<String>) throws -> [Happened] {
    var all: [String: Happened] = [:]
    var order: [String] = []
    for event in try Reported.read(path).events where kinds.contains(event.kind) {
      switch event.phase {
      case "begin", "point":
        let isPoint = event.phase == "point"
        all[event.id] = Happened(
          kind: event.kind, begin: isPoint ? event.since : event.time, end: nil, isPoint: isPoint)
        order.append(event.id)
      case "end" where event.reason != "complete":
        all[event.id]?.end = event.reason == "condition" ? event.time : event.lastSeen
      default: break
      }
    }
    return order.compactMap { all[$0] }
  }
}

struct EventScore {
  private var due = 0
  private var told = 0
  private var right = 0
  private var worstBegin = 0.0
  private var worstEnd = 0.0

  mutating func add(
    _ due: [Happened], _ soonest: [Happened], _ told: [Happened], tolerance: Double, byBegin: Bool,
    name: String, notes: Bool
  ) {
    self.due += due.count
    self.told += told.count
    var free = told
    for event in due {
      let near = free.indices.filter { free[$0].kind == event.kind }
        .min { abs(free[$0].begin - event.begin) < abs(free[$1].begin - event.begin) }
      guard let near, abs(free[near].begin - event.begin) <= 1 else {
        if notes { print("  \(name): \(event.kind) at \(event.begin) missed") }
        continue
      }
      let found = free.remove(at: near)
      let first =
        soonest.filter { $0.kind == event.kind && $0.begin <= event.begin }.map(\.begin).max() ?? event.begin
      // Within what is due and what is possible there is no error.
      let begin = max(0, first - found.begin, found.begin - event.begin)
      let end: Double =
        switch (byBegin ? nil : event.end, byBegin ? nil : found.end) {
        case (let a?, let b?): abs(a - b)
        case (nil, nil): 0
        default: 9
        }
      worstBegin = max(worstBegin, begin)
      worstEnd = max(worstEnd, end)
      if begin <= tolerance + 1e-6, end <= tolerance + 1e-6 {
        right += 1
      } else if notes {
        print(
          "  \(name): \(event.kind) \(event.begin)–\(event.end ?? -1) told as \(found.begin)–\(found.end ?? -1)"
        )
      }
    }
    if notes { for event in free { print("  \(name): \(event.kind) at \(event.begin) is false") } }
  }

  func row(_ name: String) -> String {
    func share(_ a: Int, _ b: Int) -> String {
      b == 0 ? "  -  " : String(format: "%.3f", Double(a) / Double(b))
    }
    return name.padding(toLength: 16, withPad: " ", startingAt: 0)
      + "\(share(right, due)) recall  \(share(right, told)) precision  \(right) of \(due), \(told) told  "
      + String(format: "begin within %.2f s, end within %.2f s", worstBegin, worstEnd)
  }
}

/// Boxes of a clip as facts at its ticks, without any vision in between.
struct TruthStage {
  private let clip: ClipTruth
  private let picture: Conditions.Picture

  /// As in `TrackScorer`.
  private static let leastContrast = 15.0
  /// Things nearer to each other than this, in shares of the picture, can't be told apart: they have not parted yet.
  private static let apart = 0.01

  struct Moment {
    var time: Double
    var objects: [ObjectFacts]
    var removed: [Automaton.Removal] = []
  }

  init(_ clip: ClipTruth) {
    self.clip = clip
    picture = Conditions.Picture(width: Double(clip.width), height: Double(clip.height))
  }

  /// Things of usual contrast from when this share of them shows and they are apart from others, until they are out of
  /// the picture. Who is hidden meanwhile is there.
  func moments(_ frames: [FrameTruth], from share: Double) -> [Moment] {
    var known: [Int: Follower] = [:]
    var latent: [Int: Rect] = [:]
    var open: [(box: Rect, left: Double)] = []
    var held: Set<Int> = []
    return frames.map { frame in
      var moment = Moment(time: frame.time, objects: [])
      for object in frame.objects {
        if object.latent {
          latent[object.id] = object.full
          continue
        }
        // What stood there from the first frame on and then goes leaves a hole.
        if let hole = latent.removeValue(forKey: object.id) { open.append((hole, frame.time)) }
        let inside = object.full.intersection(Rect(x: 0, y: 0, width: 1, height: 1))
        guard inside >= 0.02 * object.full.area else {
          known[object.id] = nil
          continue
        }
        if known[object.id] == nil {
          guard object.visible >= share, object.contrast >= Self.leastContrast else { continue }
          // What somebody holds or puts down is his until he goes.
          if known.values.contains(where: { $0.box.grown(by: Self.apart).intersection(object.box) > 0 }) {
            held.insert(object.id)
            continue
          }
        }
        var follower =
          known[object.id] ?? Follower(object.box, frame.time, hasParted: held.contains(object.id))
        follower.follow(object.box, at: frame.time)
        known[object.id] = follower
        moment.objects.append(follower.facts(UInt64(object.id), at: frame.time, aspect: picture.aspect))
      }
      let ids = Set(frame.objects.map(\.id))
      for (id, hole) in latent where !ids.contains(id) {
        latent[id] = nil
        open.append((hole, frame.time))
      }
      for id in known.keys where !ids.contains(id) { known[id] = nil }
      // A hole shows once nobody stands before it.
      open.removeAll { hole in
        guard !moment.objects.contains(where: { $0.box.intersection(hole.box) > 0.1 * hole.box.area }) else {
          return false
        }
        moment.removed.append(Automaton.Removal(box: hole.box, since: MediaTime(seconds: frame.time)))
        return true
      }
      return moment
    }
  }

  /// The boxes of another tracker.
  func moments(_ reported: Reported) -> [Moment] {
    var known: [Int: Follower] = [:]
    return reported.frames.map { frame in
      var moment = Moment(time: frame.time, objects: [])
      for object in frame.objects {
        var follower =
          known[object.id]
          ?? Follower(
            object.box, frame.time,
            hasParted: known.values.contains { $0.box.grown(by: Self.apart).intersection(object.box) > 0 })
        follower.follow(object.box, at: frame.time)
        known[object.id] = follower
        moment.objects.append(follower.facts(UInt64(object.id), at: frame.time, aspect: picture.aspect))
      }
      let ids = Set(frame.objects.map(\.id))
      for id in known.keys where !ids.contains(id) { known[id] = nil }
      return moment
    }
  }

  func happenings(of pipeline: Pipeline, _ moments: [Moment]) -> [Happened] {
    var automaton = Automaton(Program(pipeline.events.map(\.rule), pipeline.setting))
    var open: [String: Int] = [:]
    var all: [Happened] = []
    for moment in moments {
      automaton.step(
        Automaton.Tick(
          time: MediaTime(seconds: moment.time), isFresh: true, scene: SceneFacts(), picture: picture,
          removed: moment.removed), moment.objects)
      for change in automaton.changes {
        let key = "\(change.rule) \(change.object ?? 0)"
        let kind = pipeline.events[change.rule].rule.name
        switch change.what {
        case .begin:
          open[key] = all.count
          all.append(Happened(kind: kind, begin: moment.time, end: nil, isPoint: false))
        case .point(let since):
          all.append(Happened(kind: kind, begin: since.seconds, end: nil, isPoint: true))
        case .end(let ending, let lastSeen):
          guard let index = open.removeValue(forKey: key) else { continue }
          all[index].end = ending == .condition ? moment.time : lastSeen.seconds
        case .update: break
        }
      }
    }
    return all
  }
}

/// One box from frame to frame.
private struct Follower {
  private(set) var box: Rect
  private let since: Double
  private var anchor: Point
  private var movedAt: Double
  private var path = 0.0
  private var history: [(time: Double, point: Point)] = []
  private let appearedBy: ObjectFacts.Appearance

  init(_ box: Rect, _ time: Double, hasParted: Bool) {
    self.box = box
    since = time
    anchor = box.centre
    movedAt = time
    let atEdge = box.x < 0.01 || box.y < 0.01 || box.maxX > 0.99 || box.maxY > 0.99
    appearedBy = atEdge ? .edge : hasParted ? .split : .inside
  }

  mutating func follow(_ next: Rect, at time: Double) {
    let p = next.centre
    if let last = history.last { path += abs(p.x - last.point.x) + abs(p.y - last.point.y) }
    history.append((time, p))
    history.removeAll { time - $0.time > 0.5 }
    // As in the tracker: a thing has moved when it went by a part of its own size.
    if max(abs(p.x - anchor.x) * 16 / 9, abs(p.y - anchor.y))
      > max(0.012, 0.14 * min(next.width * 16 / 9, next.height))
    {
      anchor = p
      movedAt = time
    }
    box = next
  }

  func facts(_ id: UInt64, at time: Double, aspect: Double) -> ObjectFacts {
    var facts = ObjectFacts(
      id: id, age: time - since, still: time - movedAt, box: box, pathLength: path, appearedBy: appearedBy)
    if let first = history.first, time - first.time > 0.2 {
      facts.velocityX = (box.centre.x - first.point.x) / (time - first.time)
      facts.velocityY = (box.centre.y - first.point.y) / (time - first.time)
    } else {
      (facts.velocityX, facts.velocityY) = (.nan, .nan)
    }
    return facts
  }
}
