import Base
import Conditions
import Events

/// The `object` event of each thing: begins when it is known, is updated when its zones, its standing or its label
/// change, ends when it has left, with a summary of its path.
struct ObjectEvents: Sendable {
  private struct Open: Sendable {
    var number: Int
    var zones: [String]
    var isStill: Bool
    var label: String?
    var entered: [String]
    var from: Point
    var toldAt: MediaTime
  }

  private var open: [UInt64: Open] = [:]
  private let zones: [Zone]

  /// Seconds without moving after which a thing counts as standing.
  static let stillAfter = 2.0
  /// The least time between two updates of one event.
  private static let pause = Nanoseconds.milliseconds(500)

  init(zones: [Zone]) { self.zones = zones }

  func isOpen(_ id: UInt64) -> Bool { open[id] != nil }

  private func zones(of box: Rect, after before: [String], aspect: Double) -> [String] {
    zones.filter { $0.holds($0.anchor.point(of: box), was: before.contains($0.name), aspect: aspect) }.map(
      \.name)
  }

  mutating func follow(_ things: [SeenThing], aspect: Double, ledger: inout EventLedger, at time: MediaTime) {
    for thing in things {
      let now = zones(of: thing.box, after: open[thing.id]?.zones ?? [], aspect: aspect)
      let isStill = (time - thing.stillSince).inSeconds >= Self.stillAfter
      guard var o = open[thing.id] else {
        let number = ledger.begin { id in
          Event(
            id: id, kind: "object", phase: .begin, since: thing.firstSeen.seconds,
            lastSeen: thing.lastSeen.seconds, objects: [thing.id], zones: now, score: thing.score,
            text: "\(thing.name) appeared" + Self.places(now), attributes: thing.labelAttributes)
        }
        open[thing.id] = Open(
          number: number, zones: now, isStill: isStill, label: thing.label?.label, entered: now,
          from: thing.first, toldAt: time)
        continue
      }
      var changed: [String] = []
      if time - o.toldAt >= Self.pause {
        if now != o.zones { changed.append("zones") }
        if isStill != o.isStill { changed.append("still") }
        if thing.label?.label != o.label { changed.append("label") }
      }
      let told = !changed.isEmpty
      if told {
        o.zones = now
        o.isStill = isStill
        o.label = thing.label?.label
        o.toldAt = time
        for zone in now where !o.entered.contains(zone) { o.entered.append(zone) }
      }
      ledger.update(o.number, changed: changed) { event in
        event.lastSeen = thing.lastSeen.seconds
        event.score = thing.score
        if told {
          event.zones = now
          event.text = "\(thing.name) " + (isStill ? "stands" : "moves") + Self.places(now)
          event.attributes = [Attribute("still", .flag(isStill))] + thing.labelAttributes
        }
      }
      open[thing.id] = o
    }
  }

  private static func places(_ zones: [String]) -> String {
    zones.isEmpty ? "" : " in " + zones.joined(separator: ", ")
  }

  /// It has left, or turned out to be a part of the object with the id `mergedInto`.
  mutating func end(_ thing: SeenThing, mergedInto: UInt64?, ledger: inout EventLedger) {
    let into = mergedInto.flatMap { open[$0] }.flatMap { ledger.id(of: $0.number) }
    end(thing, reason: into == nil ? .left : .merged, into: into, ledger: &ledger)
  }

  mutating func end(
    _ thing: SeenThing, reason: Event.EndReason, into: String? = nil, ledger: inout EventLedger
  ) {
    guard let o = open.removeValue(forKey: thing.id) else { return }
    ledger.end(o.number, reason: reason) { event in
      event.lastSeen = thing.lastSeen.seconds
      let duration = (thing.lastSeen - thing.firstSeen).inSeconds
      event.mergedInto = into
      event.text =
        into == nil
        ? "\(thing.name) left after \(tenths(duration)) s"
        : "\(thing.name) turned out after \(tenths(duration)) s to be a part of another"
      event.attributes =
        [
          Attribute("duration_s", .number(duration)),
          // In picture heights, which mean the same along both sides.
          Attribute("path_length", .number(thing.pathLength)),
          Attribute("top_speed", .number(thing.topSpeed)),
          Attribute("from", .list([.number(o.from.x), .number(o.from.y)])),
          Attribute("to", .list([.number(thing.now.x), .number(thing.now.y)])),
          Attribute("entered", .list(o.entered.map { .text($0) })),
        ] + thing.labelAttributes
    }
  }
}

/// A number with one decimal, without Foundation.
func tenths(_ v: Double) -> String {
  let n = Int((v * 10).rounded())
  return "\(n / 10).\(abs(n) % 10)"
}
