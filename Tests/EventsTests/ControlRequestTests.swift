import Events
import Testing

@Suite struct ControlRequestTests {
  @Test(arguments: [
    (#"{"id":1,"reload":{}}"#, ControlRequest(id: 1, .reload)),
    (#"{"retry":{}}"#, ControlRequest(.retry(streams: nil))),
    (#"{"retry":{"streams":null}}"#, ControlRequest(.retry(streams: nil))),
    (#"{"id":"x","retry":{"streams":["a","b","a"]}}"#, ControlRequest(id: "x", .retry(streams: ["a", "b"]))),
    (#"{"stop":{"streams":["a"]}}"#, ControlRequest(.stop(streams: ["a"]))),
    (#"{"status":{}}"#, ControlRequest(.status)),
  ])
  func `takes what may be asked`(line: String, request: ControlRequest) throws {
    #expect(try ControlRequest.read(line.utf8) == request)
    #expect(try ControlRequest.read(request.line) == request)
  }

  @Test(
    arguments: [
      ("reload", Refusal.Code.notJSON, "byte 0"), ("7", .unknownRequest, nil), ("{}", .unknownRequest, nil),
      (#"{"restart":{}}"#, .unknownRequest, nil), (#"{"reload":{},"status":{}}"#, .unknownRequest, nil),
      (#"{"subscribe":{}}"#, .unknownRequest, nil),
      (#"{"reload":{"streams":["a"]}}"#, .unknownField, "reload.streams"),
      (#"{"reload":{},"force":true}"#, .unknownField, "force"), (#"{"reload":true}"#, .badValue, "reload"),
      (#"{"retry":{"stream":["a"]}}"#, .unknownField, "retry.stream"),
      (#"{"retry":{"streams":[]}}"#, .badValue, "retry.streams"),
      (#"{"stop":{}}"#, .badValue, "stop.streams"),
      (#"{"stop":{"streams":null}}"#, .badValue, "stop.streams"),
      (#"{"stop":{"streams":["a",1]}}"#, .badValue, "stop.streams[1]"),
      (#"{"id":[],"reload":{}}"#, .badValue, "id"),
    ] as [(String, Refusal.Code, String?)])
  func `refuses the rest with its place`(line: String, code: Refusal.Code, place: String?) {
    let refusal = #expect(throws: Refusal.self) { try ControlRequest.read(line.utf8) }
    #expect(refusal?.code == code)
    #expect(refusal?.place == place)
  }

  @Test func `what belongs to the other socket is sent there`() {
    let here = #expect(throws: Refusal.self) { try ControlRequest.read(#"{"subscribe":{}}"#.utf8) }
    #expect(here?.message.contains("event socket") == true)
    let there = #expect(throws: Refusal.self) { try RequestReader.read(#"{"id":3,"reload":{}}"#.utf8) }
    #expect(there?.message.contains("control socket") == true)
    #expect(there?.id == 3)
  }
}
