import Events
import Testing

/// What the writer has written, as lines.
func lines(_ body: (inout RecordWriter) -> Void) -> [String] {
  var writer = RecordWriter()
  body(&writer)
  let text = writer.lines.withBytes { String(decoding: $0, as: UTF8.self) }
  return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
}

@Suite struct RecordWriterTests {
  static let frame = FrameRecord(
    stream: "lobby", seq: 1042, time: Timestamp(milliseconds: 1_795_441_520_033), mediaTime: 34.733,
    segment: 1, frame: 1042, freshness: .fresh, ageMilliseconds: 0,
    encoder: EncoderReport(ran: ["patch-grid"], skipped: nil, milliseconds: 0.31),
    scene: SceneReport(state: .ok, mode: .colour, motion: 0.034, luma: 0.52, sharpness: 0.81),
    objects: [
      ObjectReport(
        id: 7, label: "moving", score: 0.93, box: Box(x: 0.412, y: 0.233, width: 0.061, height: 0.182),
        velocityX: 0.021, velocityY: -0.004, age: 2.133, still: 0, zones: ["door"], seen: .observed)
    ])
  static let event = EventRecord(
    stream: "lobby", seq: 1043, time: Timestamp(milliseconds: 1_795_441_520_033), mediaTime: 34.733,
    segment: 1, frame: 1042,
    event: Event(
      id: "lobby-k3f9-000012", kind: "loitering", phase: .begin, since: 24.7, lastSeen: 34.733, objects: [7],
      zones: ["door"], text: "object 7 stayed in door for 10 s"))

  @Test func `a frame record is the line of the protocol's example`() {
    #expect(
      lines { $0.write(Self.frame) } == [
        #"{"type":"frame","stream":"lobby","seq":1042,"time":"2026-11-23T13:45:20.033Z","media_time":34.733,"segment":1,"#
          + #""frame":1042,"freshness":"fresh","age_ms":0,"#
          + #""encoder":{"ran":["patch-grid"],"skipped":null,"ms":0.31},"#
          + #""scene":{"state":"ok","mode":"colour","motion":0.034,"luma":0.52,"sharpness":0.81},"#
          + #""objects":[{"id":7,"label":"moving","score":0.93,"box":[0.412,0.233,0.061,0.182],"velocity":[0.021,-0.004],"#
          + #""age":2.133,"still":0.0,"zones":["door"],"seen":"observed"}]}"#
      ])
  }

  @Test func `an event record is the line of the protocol's example`() {
    #expect(
      lines { $0.write(Self.event) } == [
        #"{"type":"event","stream":"lobby","seq":1043,"time":"2026-11-23T13:45:20.033Z","media_time":34.733,"segment":1,"frame":1042,"#
          + #""event":{"id":"lobby-k3f9-000012","kind":"loitering","phase":"begin","since":24.7,"last_seen":34.733,"#
          + #""objects":[7],"zones":["door"],"score":1.0,"text":"object 7 stayed in door for 10 s","attributes":{}}}"#
      ])
  }

  @Test(arguments: [
    (0.0, 3, "0.0"), (-0.0, 3, "0.0"), (1, 3, "1.0"), (24.7, 3, "24.7"), (-0.004, 4, "-0.004"),
    (-0.00004, 4, "0.0"), (0.0005, 3, "0.001"), (0.9996, 3, "1.0"), (34.7333333, 3, "34.733"),
    (1e-9, 6, "0.0"),
    (123_456_789.125, 3, "123456789.125"), (.nan, 3, "null"), (.infinity, 3, "null"), (-.infinity, 2, "null"),
    (1e300, 3, "1e+300"), (0.1 + 0.2, 6, "0.3"),
  ])
  func `numbers are rounded, without needless zeros`(value: Double, places: Int, text: String) {
    var buffer = LineBuffer()
    buffer.append(number: value, places: places)
    #expect(buffer.withBytes { String(decoding: $0, as: UTF8.self) } == text)
  }

  @Test func `strings are escaped where JSON asks for it and left alone elsewhere`() {
    var buffer = LineBuffer()
    buffer.append(string: "a\"b\\c\n\r\t\u{8}\u{c}\u{0}\u{1f}/é門🚪\u{2028}")
    #expect(
      buffer.withBytes { String(decoding: $0, as: UTF8.self) }
        == #""a\"b\\c\n\r\t\b\f\u0000\u001f/é門🚪"# + "\u{2028}\"")
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `what is written is read back as it was`(seed: UInt64) throws {
    var dice = Dice(seed)
    for _ in 0..<50 {
      let frame = dice.frame()
      let event = dice.event()
      let written = lines {
        $0.write(frame)
        $0.write(event)
      }
      #expect(written.count == 2)
      #expect(try RecordReader.read(written[0].utf8) == .frame(frame))
      #expect(try RecordReader.read(written[1].utf8) == .event(event))
    }
  }

  @Test(arguments: [(250, false), (1000, true), (5000, true)])
  func `objects that don't fit are left out by score and counted`(count: Int, isTooMany: Bool) throws {
    var dice = Dice(UInt64(count))
    var record = Self.frame
    record.objects = (0..<count).map { id in
      var object = dice.object()
      object.id = UInt64(id)
      object.label = "moving"
      object.zones = ["door"]
      return object
    }
    let written = lines { $0.write(record) }[0]
    #expect(
      written.utf8.count + 1 + RecordWriter.replayMark.utf8CodeUnitCount - 2 <= RecordWriter.longestLine)
    guard case .frame(let read) = try RecordReader.read(written.utf8) else {
      Issue.record("no frame record")
      return
    }
    #expect(read.objects.count + read.objectsLeftOut == count)
    #expect((read.objectsLeftOut > 0) == isTooMany)
    let kept = Set(read.objects.map(\.id))
    #expect(read.objects.map(\.id) == kept.sorted())
    let worstKept = read.objects.map(\.score).min() ?? 0
    let bestLost = record.objects.filter { !kept.contains($0.id) }.map(\.score).max() ?? 0
    #expect(bestLost <= worstKept)
    // No room is wasted: another object would not have fitted.
    if read.objectsLeftOut > 0 { #expect(written.utf8.count > RecordWriter.longestLine - 300) }
  }

  @Test func `an event that is too long keeps what matters and says what is gone`() throws {
    var record = Self.event
    record.event.text = String(repeating: "é", count: 40_000)
    record.event.attributes = (0..<3000).map { Attribute("attribute_\($0)_mm", .number(Double($0))) }
    let written = lines { $0.write(record) }
    #expect(written.count == 1)
    #expect(written[0].utf8.count < RecordWriter.longestLine)
    guard case .event(let read) = try RecordReader.read(written[0].utf8) else {
      Issue.record("no event record")
      return
    }
    #expect(read.event.id == record.event.id)
    #expect(read.event.text == String(repeating: "é", count: 2048))
    #expect(read.event.attributes.count > 500)
    #expect(read.event.attributes == Array(record.event.attributes.prefix(read.event.attributes.count)))
    #expect(read.event.attributes.count + read.event.attributesLeftOut == 3000)
  }

  @Test func `records follow each other in one buffer, which is used again`() {
    var writer = RecordWriter()
    writer.write(Self.frame)
    let first = writer.count
    writer.write(Self.event)
    #expect(writer.lines.withBytes { $0[first - 1] == 10 && $0[first] == UInt8(ascii: "{") })
    writer.removeAll()
    writer.write(Self.frame)
    #expect(writer.count == first)
  }
}
