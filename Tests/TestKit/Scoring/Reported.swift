import Base

/// What a tracker said of a clip, from Saccade's records or in the rivals' plain form:
/// `{"frame":1,"time":0.0,"objects":[{"id":1,"box":[x,y,w,h]}]}`.
package struct Reported: Sendable {
  package struct Found: Sendable {
    package var id: Int
    package var box: Rect

    package init(id: Int, box: Rect) {
      self.id = id
      self.box = box
    }
  }
  package struct Frame: Sendable {
    /// Media time, seconds.
    package var time: Double
    package var objects: [Found]

    package init(time: Double, objects: [Found]) {
      self.time = time
      self.objects = objects
    }
  }
  package struct Told: Sendable {
    package var id: String
    package var kind: String
    package var phase: String
    /// Media time of the record, seconds: when it was told, not since when it holds.
    package var time: Double
    package var objects: [Int]
    /// Since when it holds, when it was last seen to, and why it ended.
    package var since = 0.0
    package var lastSeen = 0.0
    package var reason = ""

    package init(id: String, kind: String, phase: String, time: Double, objects: [Int] = []) {
      self.id = id
      self.kind = kind
      self.phase = phase
      self.time = time
      self.objects = objects
    }
  }

  package var frames: [Frame]
  package var events: [Told]

  package init(frames: [Frame], events: [Told] = []) {
    self.frames = frames
    self.events = events
  }

  package static func read(_ path: String) throws -> Reported {
    var reported = Reported(frames: [])
    for line in try JSONLines.read(path) {
      switch line.text("type") {
      case "event":
        guard let event = line.object("event") else { continue }
        var told = Told(
          id: event.text("id"), kind: event.text("kind"), phase: event.text("phase"),
          time: line.double("media_time"), objects: event.ints("objects"))
        told.since = event.double("since")
        told.lastSeen = event.double("last_seen")
        told.reason = event.text("reason")
        reported.events.append(told)
      case "frame", "":
        let time = line.double(line.has("media_time") ? "media_time" : "time")
        reported.frames.append(
          Frame(
            time: time, objects: line.objects("objects").map { Found(id: $0.int("id"), box: $0.rect("box")) })
        )
      default: continue
      }
    }
    return reported
  }
}
