/// Writes records as NDJSON, one behind the other, into a buffer that it keeps. After warm-up it allocates
/// nothing. Owned by one thread.
package struct RecordWriter: ~Copyable {
  /// The longest line that either side sends, with its line feed.
  package static let longestLine = 65_536

  package private(set) var lines = LineBuffer(capacity: 16_384)
  private let limit: Int
  /// Where each object of the frame record at hand ends, from the start of its line.
  private var objectEnds: [Int] = []

  /// A record's line stays shorter than `longestLine` by what marks it as replayed.
  package init(longestLine: Int = RecordWriter.longestLine) {
    limit = longestLine - Self.replayMark.utf8CodeUnitCount
  }

  /// Replaces the `}` and line feed at the end of a record that is sent again.
  package static let replayMark: StaticString = ",\"replay\":true}\n"

  package var count: Int { lines.count }
  package mutating func removeAll() { lines.removeAll() }

  /// One line. Objects that don't fit are left out, the least certain first, and counted.
  package mutating func write(_ record: FrameRecord) {
    let start = lines.count
    lines.append("{\"type\":\"frame\",\"stream\":")
    lines.append(string: record.stream)
    append(seq: record.seq, time: record.time, mediaTime: record.mediaTime, segment: record.segment)
    lines.append(",\"frame\":")
    lines.append(integer: record.frame)
    lines.append(",\"freshness\":\"")
    switch record.freshness {
    case .fresh: lines.append("fresh")
    case .stale: lines.append("stale")
    }
    lines.append("\",\"age_ms\":")
    lines.append(integer: record.ageMilliseconds)
    append(record.encoder)
    append(record.scene)
    if let slice = record.slice { append(slice) }
    append(record.objects, leftOut: record.objectsLeftOut, lineStart: start)
    if record.replay { lines.append(",\"replay\":true") }
    lines.append("}\n")
  }

  /// One line. What doesn't fit is cut: the text to 4 KiB, then attributes from the last on, and counted.
  package mutating func write(_ record: EventRecord) {
    let start = lines.count
    append(record)
    guard lines.count - start > limit else { return }
    var cut = record
    cut.event.text = Self.head(of: cut.event.text, bytes: 4096)
    // Such lists come from a runaway rule; half a line of ids is all that anyone can use.
    cut.event.objects = Array(cut.event.objects.prefix(1000))
    cut.event.zones = Array(cut.event.zones.prefix(100))
    while true {
      lines.cut(to: start)
      append(cut)
      guard lines.count - start > limit, !cut.event.attributes.isEmpty else { return }
      let gone = (cut.event.attributes.count + 1) / 2
      cut.event.attributes.removeLast(gone)
      cut.event.attributesLeftOut += gone
    }
  }

  private static func head(of text: String, bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: bytes)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  private mutating func append(seq: UInt64, time: Timestamp, mediaTime: Double, segment: Int) {
    lines.append(",\"seq\":")
    lines.append(integer: seq)
    lines.append(",\"time\":\"")
    lines.append(time)
    lines.append("\",\"media_time\":")
    lines.append(number: mediaTime, places: 3)
    lines.append(",\"segment\":")
    lines.append(integer: Int64(segment))
  }

  private mutating func append(_ encoder: EncoderReport) {
    lines.append(",\"encoder\":{\"ran\":")
    lines.append(strings: encoder.ran)
    lines.append(",\"skipped\":")
    if let skipped = encoder.skipped { lines.append(string: skipped) } else { lines.append("null") }
    lines.append(",\"ms\":")
    lines.append(number: encoder.milliseconds, places: 2)
    lines.append("}")
  }

  private mutating func append(_ scene: SceneReport) {
    lines.append(",\"scene\":{\"state\":\"")
    switch scene.state {
    case .starting: lines.append("starting")
    case .ok: lines.append("ok")
    case .signalLost: lines.append("signal_lost")
    case .frozen: lines.append("frozen")
    case .dark: lines.append("dark")
    case .bright: lines.append("bright")
    case .covered: lines.append("covered")
    case .defocused: lines.append("defocused")
    case .moved: lines.append("moved")
    }
    lines.append("\",\"mode\":")
    switch scene.mode {
    case .colour: lines.append("\"colour\"")
    case .infrared: lines.append("\"infrared\"")
    case nil: lines.append("null")
    }
    append(",\"motion\":", scene.motion)
    append(",\"luma\":", scene.luma)
    append(",\"sharpness\":", scene.sharpness)
    lines.append("}")
  }

  private mutating func append(_ key: StaticString, _ value: Double?) {
    lines.append(key)
    if let value { lines.append(number: value, places: 3) } else { lines.append("null") }
  }

  private mutating func append(_ slice: SliceReport) {
    lines.append(",\"slice\":{\"index\":")
    lines.append(integer: Int64(slice.index))
    append(",\"z_mm\":", slice.z)
    lines.append(",\"spacing_mm\":")
    lines.append(numbers: slice.spacing, places: 6)
    lines.append(",\"source\":")
    lines.append(string: slice.source)
    lines.append("}")
  }

  private mutating func append(_ objects: [ObjectReport], leftOut: Int, lineStart: Int) {
    lines.append(",\"objects\":[")
    let listStart = lines.count
    objectEnds.removeAll(keepingCapacity: true)
    for index in objects.indices {
      if index > 0 { lines.append(",") }
      append(objects[index])
      objectEnds.append(lines.count)
    }
    // The tail that follows the list.
    let room = lineStart + limit - 40 - listStart
    var gone = leftOut
    if lines.count - listStart > room {
      let kept = Self.kept(of: objects, ends: objectEnds, from: listStart, room: room)
      gone += objects.count - kept.count
      lines.cut(to: listStart)
      for (place, index) in kept.enumerated() {
        if place > 0 { lines.append(",") }
        append(objects[index])
      }
    }
    lines.append("]")
    guard gone > 0 else { return }
    lines.append(",\"objects_left_out\":")
    lines.append(integer: Int64(gone))
  }

  /// The objects with the highest scores that fit, in the order in which they were given.
  private static func kept(of objects: [ObjectReport], ends: [Int], from start: Int, room: Int) -> [Int] {
    let ranked = objects.indices.sorted { a, b in
      (objects[b].score, a) < (objects[a].score, b)
    }
    var left = room
    var kept: [Int] = []
    for index in ranked {
      // With the comma before it, which only the first of all lacks.
      let size = index > 0 ? ends[index] - ends[index - 1] : ends[index] - start + 1
      guard size <= left else { break }
      left -= size
      kept.append(index)
    }
    return kept.sorted()
  }

  private mutating func append(_ object: ObjectReport) {
    lines.append("{\"id\":")
    lines.append(integer: object.id)
    lines.append(",\"label\":")
    lines.append(string: object.label)
    lines.append(",\"score\":")
    lines.append(number: object.score, places: 3)
    if let score = object.labelScore {
      lines.append(",\"label_score\":")
      lines.append(number: score, places: 3)
    }
    if let age = object.labelAge {
      lines.append(",\"label_age\":")
      lines.append(number: age, places: 3)
    }
    lines.append(",\"box\":[")
    lines.append(number: object.box.x, places: 4)
    lines.append(",")
    lines.append(number: object.box.y, places: 4)
    lines.append(",")
    lines.append(number: object.box.width, places: 4)
    lines.append(",")
    lines.append(number: object.box.height, places: 4)
    lines.append("],\"velocity\":[")
    lines.append(number: object.velocityX, places: 4)
    lines.append(",")
    lines.append(number: object.velocityY, places: 4)
    lines.append("],\"age\":")
    lines.append(number: object.age, places: 3)
    lines.append(",\"still\":")
    lines.append(number: object.still, places: 3)
    lines.append(",\"zones\":")
    lines.append(strings: object.zones)
    switch object.seen {
    case .observed: lines.append(",\"seen\":\"observed\"}")
    case .predicted: lines.append(",\"seen\":\"predicted\"}")
    }
  }

  private mutating func append(_ record: EventRecord) {
    lines.append("{\"type\":\"event\",\"stream\":")
    lines.append(string: record.stream)
    append(seq: record.seq, time: record.time, mediaTime: record.mediaTime, segment: record.segment)
    lines.append(",\"frame\":")
    lines.append(integer: record.frame)
    lines.append(",\"event\":")
    lines.append(record.event)
    if record.replay { lines.append(",\"replay\":true") }
    lines.append("}\n")
  }

  package mutating func write(json message: JSON) {
    lines.append(json: message)
    lines.append("\n")
  }
}
