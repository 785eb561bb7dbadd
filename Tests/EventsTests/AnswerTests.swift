import Events
import Testing

@Suite struct AnswerTests {
  private static func entry(_ number: Int) -> StreamEntry {
    StreamEntry(
      name: "camera-\(number)", kind: .live, state: .running, rate: 30, epoch: "k3f9", oldestSeq: 812,
      nextSeq: 1042)
  }

  @Test func `hello is the line of the protocol's example`() throws {
    var entry = Self.entry(1)
    entry.name = "lobby"
    let lines = AnswerWriter.hello(server: "saccade/0.1.0", streams: [entry])
    #expect(
      lines.map { String(decoding: $0, as: UTF8.self) } == [
        #"{"type":"hello","protocol":1,"server":"saccade/0.1.0","streams":[{"name":"lobby","kind":"live","state":"running","rate":30,"epoch":"k3f9","oldest_seq":812,"next_seq":1042}]}"#
          + "\n"
      ])
    #expect(
      try RecordReader.read(lines[0]) == .hello(Hello(server: "saccade/0.1.0", streams: [entry])))
  }

  @Test func `a gap is read back as it was, also where nobody knows the count`() throws {
    for count in [nil, 17] as [UInt64?] {
      let gap = Gap(
        stream: "lobby", epoch: "k3f9", fromSeq: 5, toSeq: 40, types: [.frame, .event], count: count,
        reason: .notKept)
      #expect(try RecordReader.read(AnswerWriter.gap(gap)) == .gap(gap))
    }
  }

  @Test func `notices, errors and bye are read back as they were`() throws {
    let notice = StreamNotice(entry: Self.entry(3), reason: "added")
    #expect(try RecordReader.read(AnswerWriter.notice(notice)) == .stream(notice))
    let refusal = Refusal(.badValue, "must be a number", at: "subscribe.every", id: 7)
    #expect(try RecordReader.read(AnswerWriter.error(refusal)) == .error(refusal))
    #expect(try RecordReader.read(AnswerWriter.bye(reason: "stopped")) == .bye(reason: "stopped"))
  }

  @Test func `an answer that is longer than a line comes in parts that say so`() throws {
    let positions = (0..<2000).map {
      StreamPosition(stream: "camera-\($0)", epoch: "k3f9", fromSeq: UInt64($0 + 1), liveSeq: 5000)
    }
    let open = (0..<500).map { number in
      var record = RecordWriterTests.event
      record.event.id = "lobby-k3f9-\(number)"
      return record
    }
    let raw = open.map { record in lines { $0.write(record) }[0] }.map { Array($0.utf8) }
    let parts = AnswerWriter.subscribed(id: 9, Subscription(), positions: positions, openEvents: raw)
    #expect(parts.count > 2)
    var allPositions: [StreamPosition] = []
    var allEvents: [EventRecord] = []
    for (index, line) in parts.enumerated() {
      #expect(line.count <= RecordWriter.longestLine && line.last == 10)
      guard case .subscribed(let part) = try RecordReader.read(line) else {
        Issue.record("part \(index) is no answer")
        continue
      }
      #expect(part.part == Part(index + 1, of: parts.count))
      #expect(part.id == 9)
      allPositions += part.positions
      allEvents += part.openEvents
    }
    #expect(allPositions == positions)
    #expect(allEvents == open)
  }

  @Test func `a status with many streams comes in parts`() throws {
    let streams = (0..<1000).map { JSON.object(AnswerWriter.fields(Self.entry($0))) }
    let parts = AnswerWriter.status(id: "s", fields: [.init("uptime", 1.5)], streams: streams)
    #expect(parts.count > 1 && parts.allSatisfy { $0.count <= RecordWriter.longestLine })
    let names = try parts.flatMap { line -> [String] in
      guard case .status(let answer) = try RecordReader.read(line) else { return [] }
      return answer.report["streams"]?.items?.compactMap { $0["name"]?.text } ?? []
    }
    #expect(names == (0..<1000).map { "camera-\($0)" })
  }

  @Test func `a client passes over fields and types that it doesn't know`() throws {
    var line = lines { $0.write(RecordWriterTests.frame) }[0]
    line = line.replacing("\"objects\":", with: "\"shadow\":{\"a\":[1]},\"objects\":")
    #expect(try RecordReader.read(line.utf8) == .frame(RecordWriterTests.frame))
    #expect(try RecordReader.read(#"{"type":"weather","rain":1}"#.utf8) == .unknown(type: "weather"))
  }

  @Test(arguments: [
    (#"{"type":"frame"}"#, "frame.encoder"), (#"{"type":"gap","stream":1}"#, "gap.stream"),
    (#"{"type":"bye","reason":1}"#, "bye.reason"), (#"{"no":1}"#, "type"), ("[]", "object"), ("zz", "JSON"),
  ])
  func `a client is told what is wrong with a line`(line: String, mention: String) {
    let error = #expect(throws: BadRecord.self) { try RecordReader.read(line.utf8) }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
  }
}
