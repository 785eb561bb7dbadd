import Language
import Testing

struct EventStreamReaderTests {
  private static let stream = """
    : hello\r\ndata: one\r\n\r\ndata:two\ndata: more\n\nevent: x\nid: 7\n\ndatabase: no\ndata\n\ndata: [DONE]\r\rdata: cut
    """

  @Test(arguments: 1...40)
  func `events are the same however they are cut`(size: Int) {
    let bytes = Array(Self.stream.utf8)
    var reader = EventStreamReader()
    var pieces: [EventStreamReader.Piece] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      pieces += reader.read(bytes[start..<min(start + size, bytes.count)])
    }
    #expect(pieces == ["one", "two\nmore", "", "[DONE]"].map { .data(Array($0.utf8)) })
  }

  @Test func `an event without end is refused, and nothing after it is read`() {
    var reader = EventStreamReader(longest: 100)
    var pieces = reader.read(Array("data: short\n\n".utf8))
    for _ in 0..<50 { pieces += reader.read(Array("data: 0123456789\n".utf8)) }
    pieces += reader.read(Array("\n\ndata: short\n\n".utf8))
    #expect(pieces == [.data(Array("short".utf8)), .tooLong])
  }
}

struct BalancedObjectTests {
  @Test(arguments: [
    (#"{"answer":"yes"}"#, true), (#"{"a":{"b":"}"}"#, false), (#"{"a":{"b":"}"}}"#, true),
    (#"{"a":"\"}"#, false),
    (#"{"a":"\\"}"#, true), ("```json\n{}", true), ("[1]", false), ("<think>{}</think>", false),
    ("<think>{}</think>{}", true), ("a < b {}", true), ("<<think>{}", false), ("}{", false), ("\"{}\"", true),
  ])
  func `the first whole object is found`(text: String, isWhole: Bool) {
    var object = BalancedObject()
    object.read(text)
    #expect(object.isWhole == isWhole)
    // Piece by piece too.
    var slowly = BalancedObject()
    for character in text { slowly.read(String(character)) }
    #expect(slowly.isWhole == isWhole)
  }
}

struct ChatStreamTests {
  private static func delta(_ text: String, _ field: String = "content") -> [UInt8] {
    Array(#"{"model":"m","choices":[{"delta":{"\#(field)":"\#(text)"}}]}"#.utf8)
  }

  @Test func `an answer comes together with its tokens`() {
    var stream = ChatStream()
    #expect(
      stream.read(Array(#"{"choices":[{"delta":{"role":"assistant","content":null}}],"usage":null}"#.utf8))
        == .more)
    #expect(!stream.hasToken)
    #expect(stream.read(Self.delta(#"{\"answer\":"#)) == .more)
    #expect(stream.read(Self.delta(#"\"yes\"}"#)) == .whole)
    #expect(
      stream.read(Array(#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#.utf8)) == .whole)
    #expect(stream.read(Array("[DONE]".utf8)) == .over)
    #expect(stream.result.content == #"{"answer":"yes"}"#)
    #expect(stream.result.promptTokens == 9 && stream.result.completionTokens == 4)
    #expect(stream.result.model == "m")
  }

  @Test(arguments: ["reasoning_content", "reasoning", "thinking"])
  func `thoughts are kept apart, whatever they are called`(field: String) {
    var stream = ChatStream()
    _ = stream.read(Self.delta("hm", field))
    #expect(stream.result.reasoning == "hm" && stream.result.content.isEmpty && stream.hasToken)
  }

  @Test func `blanks without end are cut off, before the object and after it`() {
    var before = ChatStream()
    var last = ChatStream.Step.more
    for _ in 0..<300 where last == .more { last = before.read(Self.delta(#" \n"#)) }
    #expect(last == .failed(.endless("nothing but white space")))
    var after = ChatStream()
    last = after.read(Self.delta("{}"))
    for _ in 0..<40 where last == .whole { last = after.read(Self.delta(" ")) }
    #expect(last == .over)
  }

  @Test func `an answer without end is cut off`() {
    var limits = ChatStream.Limits()
    limits.longest = 1000
    var stream = ChatStream(limits: limits)
    var last = ChatStream.Step.more
    for _ in 0..<200 where last == .more { last = stream.read(Self.delta("and so on", "thinking")) }
    #expect(last == .failed(.endless("more than 1000 bytes")))
  }

  @Test func `an error in the stream is told with its words`() {
    var stream = ChatStream()
    let step = stream.read(Array(#"{"error":{"code":400,"message":"no\nroom"}}"#.utf8))
    #expect(step == .failed(.status(400, "no room")))
  }
}
