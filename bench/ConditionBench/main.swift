import Base
import CAllocations
import Conditions

// What fifty events cost with twenty objects in sight, a tick: compiled to automata that share what they have in common,
// and, beside it, each condition by itself, as a pile of ifs would do it. Prints microseconds a tick, the least and the
// median of many runs, and allocations after warm-up.
//
//     bench/conditions.sh [events=50] [objects=20] [ticks=20000]

let arguments = Array(CommandLine.arguments.dropFirst())
func option(_ name: String, _ standard: Int) -> Int {
  for argument in arguments where argument.hasPrefix(name + "=") {
    return Int(argument.dropFirst(name.count + 1)) ?? standard
  }
  return standard
}

let events = option("events", 50)
let objects = option("objects", 20)
let ticks = option("ticks", 20_000)

let zones = (0..<8).map { n -> Zone in
  let x = Double(n % 4) / 4
  let y = n < 4 ? 0.1 : 0.5
  return Zone(
    name: "zone\(n)",
    polygon: Polygon([
      Point(x: x, y: y), Point(x: x + 0.25, y: y), Point(x: x + 0.2, y: y + 0.2),
      Point(x: x + 0.25, y: y + 0.4),
      Point(x: x, y: y + 0.4),
    ]))
}
let lines = (0..<4).map { n in
  Tripwire(name: "line\(n)", from: Point(x: Double(n + 1) / 5, y: 1), to: Point(x: Double(n + 1) / 5, y: 0))
}
let setting = Setting(zones: zones, lines: lines, scale: .pixelsPerMetre(80))
let names = Vocabulary(zones: zones.map(\.name), lines: lines.map(\.name), hasScale: true)
let texts = (0..<events).map { n -> String in
  let zone = "zone\(n % 8)"
  switch n % 10 {
  case 0: return "in \(zone) for \(5 + n) s"
  case 1: return "crosses line\(n % 4) left"
  case 2: return "count(objects where in \(zone)) > 3 for 2 s"
  case 3: return "in \(zone) and speed > \(1 + n % 3) m/s"
  case 4: return "in \(zone) then crosses line\(n % 4) within 30 s"
  case 5: return "(in \(zone) and direction is left and speed > 10 %/s) for 0.5 s"
  case 6: return "still > \(5 + n) s and not in \(zone)"
  case 7: return "in \(zone) at least 3 times within 1 min"
  case 8: return "near another object within 5 % and height > 10 %"
  default: return "not any(objects where in \(zone)) for \(n) s"
  }
}
let rules = texts.enumerated().map { number, text -> EventRule in
  do throws(Problem) {
    return EventRule(name: "event\(number)", condition: try ConditionParser.read(text, names))
  } catch {
    fatalError("\(text): \(error.what)")
  }
}

/// Objects that go their ways at the speed of people.
func facts(at tick: Int) -> [ObjectFacts] {
  (0..<objects).map { n in
    let pace = 0.0012 + 0.0003 * Double(n % 5)
    let x = (Double(n) * 0.13 + Double(tick) * (n % 2 == 0 ? pace : -pace)).truncatingRemainder(dividingBy: 1)
    return ObjectFacts(
      id: UInt64(n + 1), age: Double(tick) / 30, still: n % 7 == 0 ? 9 : 0,
      box: Rect(x: x < 0 ? x + 1 : x, y: 0.2 + 0.03 * Double(n % 10), width: 0.04, height: 0.15),
      velocityX: (n % 2 == 0 ? 1 : -1) * pace * 30, velocityY: 0, pathLength: Double(tick) * pace)
  }
}

func tick(_ n: Int) -> Automaton.Tick {
  .init(
    time: MediaTime(nanoseconds: Int64(n) * 33_333_333), isFresh: true, scene: SceneFacts(motion: 0.1),
    picture: Picture(width: 1280, height: 720))
}

let frames = (0..<ticks).map(facts)
let clocks = SystemClocks()

/// Microseconds of each tick, and allocations in the second half.
func measure(_ step: (Int) -> Void) -> (least: Double, median: Double, allocations: UInt) {
  var times: [Double] = []
  times.reserveCapacity(ticks)
  var allocations: UInt = 0
  for n in 0..<ticks {
    let before = saccade_allocations()
    let begun = clocks.monotonic()
    step(n)
    let spent = clocks.monotonic() - begun
    times.append(Double(spent) / 1000)
    if n >= ticks / 2 { allocations += saccade_allocations() - before }
  }
  times.sort()
  return (times[0], times[times.count / 2], allocations)
}

var together = Automaton(Program(rules, setting))
let shared = measure { together.step(tick($0), frames[$0]) }

/// One program for each condition: nothing is shared.
final class Alone {
  var automaton: Automaton
  init(_ rule: EventRule) { automaton = Automaton(Program([rule], setting)) }
}
let each = rules.map(Alone.init)
let alone = measure { n in for one in each { one.automaton.step(tick(n), frames[n]) } }

let program = together.program
print(
  "\(events) events, \(objects) objects, \(ticks) ticks: \(program.stepCounts.object + program.stepCounts.scene) steps"
)
print(
  "compiled together  \(Quantity.short(shared.median)) µs a tick (least \(Quantity.short(shared.least))), \(shared.allocations) allocations after warm-up"
)
print(
  "each by itself     \(Quantity.short(alone.median)) µs a tick (least \(Quantity.short(alone.least))), \(alone.allocations) allocations after warm-up"
)
print("memory: \(program.bytes) bytes and \(program.bytesPerObject) for each object")
