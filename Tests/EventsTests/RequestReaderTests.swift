import Events
import Testing

@Suite struct RequestReaderTests {
  @Test(arguments: [
    (#"{"status":{}}"#, Request(.status)),
    (#"{"id":2,"status":{}}"#, Request(id: 2, .status)),
    (#"{"subscribe":{},"id":"a"}"#, Request(id: "a", .subscribe(Subscription()))),
    (
      #"{"id":1,"subscribe":{"streams":["lobby","lobby"],"types":["event"],"kinds":["loitering","crossing"],"every":3,"from":"oldest","on_lag":"coalesce"}}"#,
      Request(
        id: 1,
        .subscribe(
          Subscription(
            streams: ["lobby"], types: [.event], kinds: ["loitering", "crossing"], every: 3, from: .oldest,
            onLag: .coalesce)))
    ),
    (
      #"{"subscribe":{"from":{"time":"2026-11-23T13:40:00Z"},"streams":null}}"#,
      Request(.subscribe(Subscription(from: .time(Timestamp(milliseconds: 1_795_441_200_000)))))
    ),
    (
      #"{"subscribe":{"from":{"lobby":{"epoch":"k3f9","seq":1000}}}}"#,
      Request(
        .subscribe(Subscription(from: .positions([.init(stream: "lobby", epoch: "k3f9", seq: 1000)]))))
    ),
    (
      #"{"subscribe":{"from":{"time":{"epoch":"k3f9","seq":1}}}}"#,
      Request(.subscribe(Subscription(from: .positions([.init(stream: "time", epoch: "k3f9", seq: 1)]))))
    ),
  ])
  func `takes what the protocol allows`(line: String, request: Request) throws {
    #expect(try RequestReader.read(line.utf8) == request)
    // What a client writes is read as what it meant.
    #expect(try RequestReader.read(RequestWriter.line(request)) == request)
  }

  @Test(
    arguments: [
      ("hello", Refusal.Code.notJSON, "byte 0"), (#"{"status":{}"#, .notJSON, "byte 12"),
      (#"{"status":{}} x"#, .notJSON, "byte 14"), ("[]", .unknownRequest, nil), ("{}", .unknownRequest, nil),
      (#"{"subcribe":{}}"#, .unknownRequest, nil), (#"{"status":{},"subscribe":{}}"#, .unknownRequest, nil),
      (#"{"status":{},"verbose":true}"#, .unknownField, "verbose"),
      (#"{"status":{"streams":1}}"#, .unknownField, "status.streams"),
      (#"{"status":[]}"#, .badValue, "status"), (#"{"status":{},"id":{}}"#, .badValue, "id"),
      (#"{"status":{},"id":1.5}"#, .badValue, "id"), (#"{"subscribe":"all"}"#, .badValue, "subscribe"),
      (#"{"subscribe":{"stream":["a"]}}"#, .unknownField, "subscribe.stream"),
      (#"{"subscribe":{"where":5}}"#, .badValue, "subscribe.where"),
      (#"{"subscribe":{"where":""}}"#, .badValue, "subscribe.where"),
      (#"{"subscribe":{"instruction":"only people"}}"#, .badValue, "subscribe.instruction"),
      (#"{"subscribe":{"instruction":{"sytem":"x"}}}"#, .unknownField, "subscribe.instruction.sytem"),
      (#"{"subscribe":{"instruction":{"system":7}}}"#, .badValue, "subscribe.instruction.system"),
      (
        #"{"subscribe":{"where":"in door","instruction":{"system":"people"}}}"#, .badValue,
        "subscribe.instruction"
      ),
      (#"{"subscribe":{"streams":"lobby"}}"#, .badValue, "subscribe.streams"),
      (#"{"subscribe":{"streams":[]}}"#, .badValue, "subscribe.streams"),
      (#"{"subscribe":{"streams":["a",7]}}"#, .badValue, "subscribe.streams[1]"),
      (#"{"subscribe":{"types":["frame","events"]}}"#, .badValue, "subscribe.types[1]"),
      (#"{"subscribe":{"kinds":{}}}"#, .badValue, "subscribe.kinds"),
      (#"{"subscribe":{"every":0}}"#, .badValue, "subscribe.every"),
      (#"{"subscribe":{"every":1.5}}"#, .badValue, "subscribe.every"),
      (#"{"subscribe":{"every":"2"}}"#, .badValue, "subscribe.every"),
      (#"{"subscribe":{"from":"yesterday"}}"#, .badValue, "subscribe.from"),
      (#"{"subscribe":{"from":7}}"#, .badValue, "subscribe.from"),
      (#"{"subscribe":{"from":{}}}"#, .badValue, "subscribe.from"),
      (#"{"subscribe":{"from":{"time":"13:40"}}}"#, .badValue, "subscribe.from.time"),
      (#"{"subscribe":{"from":{"a":{"epoch":"k","seq":0}}}}"#, .badValue, "subscribe.from.a.seq"),
      (#"{"subscribe":{"from":{"a":{"seq":1}}}}"#, .badValue, "subscribe.from.a.epoch"),
      (#"{"subscribe":{"from":{"a":{"epoch":"k","seq":1,"x":1}}}}"#, .unknownField, "subscribe.from.a.x"),
      (#"{"subscribe":{"from":{"a":5}}}"#, .badValue, "subscribe.from.a"),
      (#"{"subscribe":{"on_lag":"wait"}}"#, .badValue, "subscribe.on_lag"),
    ] as [(String, Refusal.Code, String?)])
  func `refuses the rest with its place`(line: String, code: Refusal.Code, place: String?) {
    let refusal = #expect(throws: Refusal.self) { try RequestReader.read(line.utf8) }
    #expect(refusal?.code == code)
    #expect(refusal?.place == place)
    #expect(refusal?.message.isEmpty == false)
  }

  @Test func `a refusal bears the id of its request`() {
    let refusal = #expect(throws: Refusal.self) {
      try RequestReader.read(#"{"id":"x7","status":{"a":1}}"#.utf8)
    }
    #expect(refusal?.id == "x7")
  }

  @Test func `lists are bounded, so that the answer fits`() {
    let many = (0..<201).map { #""s\#($0)""# }.joined(separator: ",")
    let long = String(repeating: "s", count: 129)
    for list in [many, #""\#(long)""#] {
      let refusal = #expect(throws: Refusal.self) {
        try RequestReader.read(#"{"subscribe":{"streams":[\#(list)]}}"#.utf8)
      }
      #expect(refusal?.code == .badValue)
    }
  }
}
