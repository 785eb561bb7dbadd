import Base
import Conditions
import Events

/// The `object` event of each confirmed track: begins when it is known, is updated when its zones or its
/// standing change, ends when it has left, with a summary of its path.
struct ObjectEvents: Sendable {
  private struct Open: Sendable {
    var number: Int
    var zones: [String]
    var isStill: Bool
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

  mutating func follow(_ tracks: [Track], _ tracker: Tracker, ledger: inout EventLedger, at time: MediaTime) {
    for t in tracks {
      let box = tracker.toPicture(t.box)
      let now = zones(of: box, after: open[t.id]?.zones ?? [], aspect: tracker.pictureAspect)
      let isStill = (time - t.rest.since).inSeconds >= Self.stillAfter
      guard var o = open[t.id] else {
        let number = ledger.begin { id in
          Event(
            id: id, kind: "object", phase: .begin, since: t.firstSeen.seconds, lastSeen: t.lastSeen.seconds,
            objects: [t.id], zones: now, score: t.belief,
            text: "object \(t.id) appeared" + (now.isEmpty ? "" : " in " + now.joined(separator: ", ")))
        }
        open[t.id] = Open(
          number: number, zones: now, isStill: isStill, entered: now,
          from: tracker.toPicture(t.firstBox).centre, toldAt: time)
        continue
      }
      var changed: [String] = []
      if time - o.toldAt >= Self.pause {
        if now != o.zones { changed.append("zones") }
        if isStill != o.isStill { changed.append("still") }
      }
      let told = !changed.isEmpty
      if told {
        o.zones = now
        o.isStill = isStill
        o.toldAt = time
        for zone in now where !o.entered.contains(zone) { o.entered.append(zone) }
      }
      ledger.update(o.number, changed: changed) { event in
        event.lastSeen = t.lastSeen.seconds
        event.score = t.belief
        if told {
          event.zones = now
          event.text =
            "object \(t.id) " + (isStill ? "stands" : "moves")
            + (now.isEmpty ? "" : " in " + now.joined(separator: ", "))
          event.attributes = [Attribute("still", .flag(isStill))]
        }
      }
      open[t.id] = o
    }
  }

  mutating func end(_ gone: Tracker.Ended, _ tracker: Tracker, ledger: inout EventLedger) {
    let into = gone.mergedInto.flatMap { open[$0] }.flatMap { ledger.id(of: $0.number) }
    end(gone.track, tracker, reason: into == nil ? .left : .merged, into: into, ledger: &ledger)
  }

  mutating func end(
    _ t: Track, _ tracker: Tracker, reason: Event.EndReason, into: String? = nil, ledger: inout EventLedger
  ) {
    guard let o = open.removeValue(forKey: t.id) else { return }
    let to = tracker.toPicture(t.centre)
    ledger.end(o.number, reason: reason) { event in
      event.lastSeen = t.lastSeen.seconds
      let seconds = tenths((t.lastSeen - t.firstSeen).inSeconds)
      event.mergedInto = into
      event.text =
        into == nil
        ? "object \(t.id) left after \(seconds) s"
        : "object \(t.id) turned out after \(seconds) s to be a part of another"
      event.attributes = [
        Attribute("duration_s", .number((t.lastSeen - t.firstSeen).inSeconds)),
        // In picture heights, which mean the same along both sides.
        Attribute("path_length", .number(t.pathLength)),
        Attribute("top_speed", .number(t.topSpeed)),
        Attribute("from", .list([.number(o.from.x), .number(o.from.y)])),
        Attribute("to", .list([.number(to.x), .number(to.y)])),
        Attribute("entered", .list(o.entered.map { .text($0) })),
      ]
    }
  }
}

/// A number with one decimal, without Foundation.
func tenths(_ v: Double) -> String {
  let n = Int((v * 10).rounded())
  return "\(n / 10).\(abs(n) % 10)"
}
