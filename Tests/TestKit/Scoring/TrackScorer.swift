import Base

/// Scores a tracker's boxes and events on one clip.
///
/// A truth object is **required** in a frame when at least half of it shows, its whole box is at least 24
/// pixels long and 12 wide in 720 rows, its contrast is at least 20 levels over its whole time and 15 now (less is
/// left of it in the dark, or without colour), it has left the place where it stood when the clip began, 0.3 s have
/// passed since all this first held, and the clip's warm-up and unscored times don't apply. Every other object of the
/// truth is **optional**: to report it is neither right nor wrong. An id goes on being optional for 1 s after its object
/// left.
///
/// A reported box **matches** at IoU ≥ 0.3 with the visible part or, if better, with the whole inside the
/// picture. Pairs of the last frame are kept while they match (CLEAR-MOT); the others are paired by the best
/// assignment, required objects first. A box left over is **false** unless half of it lies on an optional
/// object. A record is compared with the truth nearest to its media time.
package struct TrackScorer {
  package static let overlap = 0.3
  package static let knownGrace = 0.3
  package static let endGrace = 1.0
  package static let usualContrast = 20.0
  package static let leastContrast = 15.0

  private let clip: ClipTruth
  private let frames: [FrameTruth]
  private var lives: [Int: Life] = [:]
  private var score = TrackScore()
  /// The id that each truth object is matched by in the last frame, and when it was matched last at all.
  private var pairs: [Int: Int] = [:]
  private var boxes: [Int: (all: Int, wrong: Int)] = [:]
  private var crossings: [Crossing] = []

  /// What is known of one truth object over its whole time.
  private struct Life {
    var contrast = 0.0
    var looks = 0
    /// First when all that makes it required held, but contrast.
    var ready: Double?
    var half = 0
    /// Last when any of it showed.
    var gone = 0.0
    var isUsual: Bool { looks > 0 && contrast / Double(looks) >= TrackScorer.usualContrast }

    var known: Double?
    var lastId: Int?
    var requiredId: Int?
    var isLost = false
  }

  package static func score(_ clip: ClipTruth, _ frames: [FrameTruth], _ reported: Reported) -> TrackScore {
    var scorer = TrackScorer(clip: clip, frames: frames)
    scorer.survey()
    scorer.crossings = scorer.findCrossings()
    for frame in reported.frames { scorer.take(frame) }
    scorer.judgeTimes(reported)
    scorer.judgeEvents(reported)
    scorer.score.crossings = scorer.crossings.count
    scorer.score.falseTracks = scorer.boxes.values.count { $0.wrong * 2 > $0.all }
    scorer.score.health = HealthScorer.score(clip, reported.events)
    return scorer.score
  }

  private init(clip: ClipTruth, frames: [FrameTruth]) {
    self.clip = clip
    self.frames = frames
  }

  private func isLarge(_ o: ObjectTruth) -> Bool {
    let w = o.full.width * Double(clip.width) / Double(clip.height) * 720
    let h = o.full.height * 720
    return max(w, h) >= 24 && min(w, h) >= 12
  }

  private func shows(_ o: ObjectTruth) -> Bool {
    o.visible >= 0.5 && isLarge(o) && !o.latent && o.contrast >= Self.leastContrast
  }

  private func isScored(_ time: Double) -> Bool { !clip.unscored.contains { $0.contains(time) } }

  private mutating func survey() {
    for frame in frames {
      for o in frame.objects {
        var life = lives[o.id] ?? Life()
        if o.visible > 0.1 {
          life.contrast += o.contrast
          life.looks += 1
          life.gone = frame.time
        }
        if shows(o) && frame.time >= clip.warmUp && isScored(frame.time) {
          life.ready = life.ready ?? frame.time
          life.half += 1
        }
        lives[o.id] = life
      }
    }
    for life in lives.values where isToBeKnown(life) { score.objects += 1 }
  }

  /// Half visible for at least half a second, so that there was time to know it.
  private func isToBeKnown(_ life: Life) -> Bool {
    life.isUsual && life.ready != nil && Double(life.half) / clip.rate >= 0.5
  }

  private func isRequired(_ o: ObjectTruth, _ time: Double) -> Bool {
    guard let life = lives[o.id], life.isUsual, let ready = life.ready else { return false }
    return time >= ready + Self.knownGrace && time >= clip.warmUp && shows(o)
  }

  private static func overlap(_ box: Rect, _ o: ObjectTruth) -> Double {
    max(box.overlap(o.box), box.overlap(inside(o.full)))
  }

  private static func inside(_ r: Rect) -> Rect {
    let x = max(r.x, 0)
    let y = max(r.y, 0)
    return Rect(x: x, y: y, width: max(min(r.maxX, 1) - x, 0), height: max(min(r.maxY, 1) - y, 0))
  }

  private func truth(at time: Double) -> FrameTruth? {
    let index = Int((time * clip.rate).rounded())
    return frames.indices.contains(index) ? frames[index] : nil
  }

  private mutating func take(_ frame: Reported.Frame) {
    guard let truth = truth(at: frame.time) else { return }
    guard isScored(truth.time) else {
      pairs = [:]
      for id in lives.keys { lives[id]?.requiredId = nil }
      return
    }
    let required = truth.objects.map { isRequired($0, truth.time) }
    let chosen = pair(truth, required, frame)
    var free = Set(frame.objects.indices)
    var now: [Int: Int] = [:]
    for (t, d) in chosen {
      free.remove(d)
      let o = truth.objects[t]
      now[o.id] = frame.objects[d].id
      note(o, matchedBy: frame.objects[d].id, required: required[t], at: truth.time)
    }
    for (t, o) in truth.objects.enumerated() where required[t] && now[o.id] == nil {
      score.required += 1
      lives[o.id]?.isLost = true
    }
    pairs = now
    for d in frame.objects.indices {
      let found = frame.objects[d]
      boxes[found.id, default: (0, 0)].all += 1
      guard free.contains(d), !isExcused(found, truth, required) else { continue }
      score.falseBoxes += 1
      boxes[found.id, default: (0, 0)].wrong += 1
    }
  }

  /// Pairs of truth and report, as indices into both.
  private func pair(_ truth: FrameTruth, _ required: [Bool], _ frame: Reported.Frame) -> [(Int, Int)] {
    var chosen: [(Int, Int)] = []
    var freeTruth: [Int] = []
    var free = Set(frame.objects.indices)
    for (t, o) in truth.objects.enumerated() {
      if let id = pairs[o.id], let d = frame.objects.firstIndex(where: { $0.id == id }), free.contains(d),
        Self.overlap(frame.objects[d].box, o) >= Self.overlap
      {
        chosen.append((t, d))
        free.remove(d)
      } else {
        freeTruth.append(t)
      }
    }
    let rest = free.sorted()
    guard !rest.isEmpty, !freeTruth.isEmpty else { return chosen }
    let gain = freeTruth.map { t in
      rest.map { d in
        let iou = Self.overlap(frame.objects[d].box, truth.objects[t])
        return iou >= Self.overlap ? iou + (required[t] ? 1 : 0) : 0
      }
    }
    for (row, column) in Assignment.best(gain).enumerated() {
      if let column { chosen.append((freeTruth[row], rest[column])) }
    }
    return chosen
  }

  private mutating func note(_ o: ObjectTruth, matchedBy id: Int, required: Bool, at time: Double) {
    var life = lives[o.id] ?? Life()
    if life.known == nil { life.known = time }
    life.lastId = id
    if required {
      score.required += 1
      score.matched += 1
      if life.isLost && life.requiredId != nil { score.fragments += 1 }
      life.isLost = false
      if let before = life.requiredId, before != id {
        score.switches += 1
        if crossings.contains(where: {
          ($0.a == o.id || $0.b == o.id) && time >= $0.begin && time <= $0.end + 1.5
        }) {
          score.crossingSwitches += 1
        }
      }
      life.requiredId = id
    }
    lives[o.id] = life
  }

  private func isExcused(_ found: Reported.Found, _ truth: FrameTruth, _ required: [Bool]) -> Bool {
    for (t, o) in truth.objects.enumerated() where !required[t] {
      let whole = Self.inside(o.full)
      if found.box.overlap(whole) >= Self.overlap || found.box.intersection(whole) >= 0.5 * found.box.area {
        return true
      }
    }
    // Its object has just left.
    return lives.values.contains {
      $0.lastId == found.id && truth.time > $0.gone && truth.time <= $0.gone + Self.endGrace
    }
  }

  private mutating func judgeTimes(_ reported: Reported) {
    var last: [Int: Double] = [:]
    for frame in reported.frames { for o in frame.objects { last[o.id] = frame.time } }
    let end = frames.last?.time ?? 0
    for life in lives.values where isToBeKnown(life) {
      guard let ready = life.ready else { continue }
      guard let known = life.known else {
        score.neverKnown += 1
        continue
      }
      score.knownAfter.append(max(0, known - ready))
      guard life.gone + Self.endGrace + 0.5 < end, isScored(life.gone), let id = life.lastId,
        let seen = last[id]
      else { continue }
      // An id that went over to another object says nothing about this one's end.
      let others = lives.values.count { $0.lastId == id }
      if others == 1 { score.endedAfter.append(max(0, seen - life.gone)) }
    }
    score.knownAfter.sort()
    score.endedAfter.sort()
  }

  private mutating func judgeEvents(_ reported: Reported) {
    let byTime = Dictionary(reported.frames.map { ($0.time, $0) }, uniquingKeysWith: { a, _ in a })
    for event in reported.events where event.kind == "object" && event.phase == "begin" {
      let boxes = (byTime[event.time]?.objects ?? []).filter { event.objects.contains($0.id) }
      let things = truth(at: event.time)?.objects ?? []
      let isTrue = boxes.contains { found in
        things.contains {
          let whole = Self.inside($0.full)
          return found.box.overlap(whole) >= 0.1 || found.box.intersection(whole) >= 0.25 * found.box.area
        }
      }
      if !isTrue { score.falseEvents += 1 }
    }
  }

  package struct Crossing: Sendable {
    package var a: Int
    package var b: Int
    package var begin: Double
    package var end: Double
  }

  /// Two objects that are to be known cross when their boxes meet by at least a tenth of the smaller and
  /// they come out on the other side of each other.
  private func findCrossings() -> [Crossing] {
    struct Pair: Hashable {
      var a: Int
      var b: Int
    }
    var open: [Pair: (begin: Double, end: Double, side: Bool, other: Bool)] = [:]
    var found: [Crossing] = []
    func close(_ pair: Pair, _ o: (begin: Double, end: Double, side: Bool, other: Bool)) {
      if o.side != o.other { found.append(Crossing(a: pair.a, b: pair.b, begin: o.begin, end: o.end)) }
    }
    for frame in frames {
      let there = frame.objects.filter { lives[$0.id].map(isToBeKnown) ?? false }
      for (i, p) in there.enumerated() {
        for q in there[(i + 1)...] where p.full.intersection(q.full) >= 0.1 * min(p.full.area, q.full.area) {
          let pair = Pair(a: p.id, b: q.id)
          let side = p.full.centre.x < q.full.centre.x
          if let o = open[pair], frame.time - o.end > 0.5 {
            close(pair, o)
            open[pair] = nil
          }
          open[pair] = (open[pair]?.begin ?? frame.time, frame.time, open[pair]?.side ?? side, side)
        }
      }
    }
    for (pair, o) in open { close(pair, o) }
    return found.sorted { ($0.begin, $0.a, $0.b) < ($1.begin, $1.a, $1.b) }
  }
}
