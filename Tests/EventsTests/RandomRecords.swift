import Events
import TestKit

/// A small deterministic generator (SplitMix64): the same seed gives the same records.
struct Dice: RandomNumberGenerator {
  private var mix: SplitMix

  init(_ seed: UInt64) { mix = SplitMix(state: seed) }

  mutating func next() -> UInt64 { mix.next() }

  mutating func below(_ n: Int) -> Int { Int.random(in: 0..<n, using: &self) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  /// A number that has at most so many decimals, as records carry them.
  mutating func number(_ range: ClosedRange<Int>, places: Int) -> Double {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    return Double(Int.random(in: range.lowerBound * scale...range.upperBound * scale, using: &self))
      / Double(scale)
  }

  /// Letters, quotes, control characters, emoji: what a camera may be called.
  mutating func text(_ longest: Int = 12) -> String {
    let alphabet: [Character] = [
      "a", "Z", "7", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1f}", "\u{7f}", "é", "ß", "門", "🚪", "👩‍👩‍👧",
      "\u{2028}",
    ]
    return String((0..<below(longest + 1)).map { _ in alphabet[below(alphabet.count)] })
  }

  mutating func texts() -> [String] { (0..<below(4)).map { _ in text() } }

  mutating func choice<T: CaseIterable>(_: T.Type) -> T {
    let all = Array(T.allCases)
    return all[below(all.count)]
  }

  mutating func time() -> Timestamp {
    Timestamp(milliseconds: Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &self))
  }
}

extension Dice {
  mutating func frame() -> FrameRecord {
    FrameRecord(
      stream: text(), seq: UInt64(below(1 << 40)), time: time(), mediaTime: number(0...1_000_000, places: 3),
      segment: below(1000), frame: UInt64(below(1 << 40)), freshness: choice(FrameRecord.Freshness.self),
      ageMilliseconds: Int64(below(100_000)),
      encoder: EncoderReport(
        ran: texts(), skipped: chance(50) ? text() : nil, milliseconds: number(0...100, places: 2)),
      scene: SceneReport(
        state: choice(SceneReport.State.self), mode: chance(50) ? choice(SceneReport.Mode.self) : nil,
        motion: chance(80) ? number(0...1, places: 3) : nil,
        luma: chance(80) ? number(0...1, places: 3) : nil,
        sharpness: chance(80) ? number(0...1, places: 3) : nil),
      objects: (0..<below(6)).map { _ in object() }, objectsLeftOut: chance(20) ? below(50) : 0,
      slice: chance(20)
        ? SliceReport(
          index: below(2000), z: chance(50) ? number(-500...500, places: 3) : nil,
          spacing: [number(0...4, places: 6), number(0...4, places: 6), number(0...4, places: 6)],
          source: text()) : nil,
      replay: chance(50))
  }

  mutating func object() -> ObjectReport {
    ObjectReport(
      id: UInt64(below(1 << 40)), label: text(), score: number(0...1, places: 3),
      box: Box(
        x: number(-1...1, places: 4), y: number(-1...1, places: 4), width: number(0...1, places: 4),
        height: number(0...1, places: 4)),
      velocityX: number(-2...2, places: 4), velocityY: number(-2...2, places: 4),
      age: number(0...100_000, places: 3), still: number(0...100_000, places: 3), zones: texts(),
      seen: choice(ObjectReport.Seen.self))
  }

  mutating func evidence() -> AnswerEvidence {
    AnswerEvidence(
      question: text(), frames: (0..<below(3)).map { _ in UInt64(below(1 << 40)) },
      times: (0..<below(3)).map { _ in number(0...1_000_000, places: 3) },
      objects: (0..<below(3)).map { _ in UInt64(below(1 << 30)) }, model: chance(50) ? text() : nil,
      server: chance(50) ? text() : nil, latencyMilliseconds: Int64(below(1 << 30)),
      tokens: chance(50)
        ? .init(prompt: below(9000), cached: chance(50) ? below(9000) : nil, completion: below(90)) : nil,
      cause: chance(30) ? text() : nil)
  }

  mutating func event() -> EventRecord {
    EventRecord(
      stream: text(), seq: UInt64(below(1 << 40)), time: time(), mediaTime: number(0...1_000_000, places: 3),
      segment: below(1000), frame: UInt64(below(1 << 40)),
      event: Event(
        id: text(), kind: text(), phase: choice(Event.Phase.self), since: number(0...1_000_000, places: 3),
        lastSeen: number(0...1_000_000, places: 3),
        objects: (0..<below(4)).map { _ in UInt64(below(1 << 30)) },
        zones: texts(), score: number(0...1, places: 3), text: text(40), attributes: attributes(),
        changed: texts(), reason: chance(50) ? choice(Event.EndReason.self) : nil,
        mergedInto: chance(20) ? text() : nil, late: chance(20), attributesLeftOut: chance(20) ? 3 : 0,
        evidence: chance(20) ? evidence() : nil),
      replay: chance(50))
  }

  /// With names that differ, as keys of one object must.
  private mutating func attributes() -> [Attribute] {
    (0..<below(5)).map { index in Attribute("\(text(4))\(index)", value(depth: 0)) }
  }

  private mutating func value(depth: Int) -> Attribute.Value {
    switch below(depth > 2 ? 4 : 5) {
    case 0: .number(number(-1000...1000, places: 6))
    case 1: .integer(Int64(below(1 << 50)) - 1 << 49)
    case 2: .text(text())
    case 3: .flag(chance(50))
    default: .list((0..<below(4)).map { _ in value(depth: depth + 1) })
    }
  }
}
