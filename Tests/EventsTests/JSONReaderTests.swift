import Events
import Testing

@Suite struct JSONReaderTests {
  @Test(
    arguments: [
      ("null", JSON.null), (" [ ] ", []), ("{}", [:]), ("-0", 0), ("12", 12), ("1.5e3", 1500.0),
      ("-0.25", -0.25),
      ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
      (#""\u00e9\ud83d\udeaa\n\/""#, "é🚪\n/"), (#"{"b":1,"a":[true,false]}"#, ["b": 1, "a": [true, false]]),
      ("[1\r\n,\t2]", [1, 2]),
    ] as [(String, JSON)])
  func `reads what JSON is`(text: String, value: JSON) throws {
    #expect(try JSONReader.read(text.utf8) == value)
  }

  @Test(arguments: [
    ("", 0), ("   ", 3), ("{", 1), ("[1,]", 3), ("[1 2]", 3), (#"{"a"}"#, 4), (#"{"a":1,}"#, 7), ("{a:1}", 1),
    ("nul", 0), ("True", 0), ("01", 0), ("-", 1), ("1.", 2), (".5", 0), ("+1", 0), ("1e", 2), ("0x10", 1),
    ("NaN", 0), ("1e999", 0), (#""abc"#, 0), ("\"a\u{1}\"", 2), (#""\x""#, 2), (#""\ud800""#, 2),
    (#""\udc00""#, 2), (#""\u12g4""#, 5), ("1 2", 2), ("{} {}", 3), (#"{"a":1,"a":2}"#, 7), ("'a'", 0),
    ("[1] // no", 4),
  ])
  func `says where it is not JSON`(text: String, offset: Int) {
    let error = #expect(throws: JSONReader.Failure.self) { try JSONReader.read(text.utf8) }
    #expect(error?.offset == offset, "\(error?.description ?? "")")
  }

  @Test func `refuses bytes that are not UTF-8`() {
    for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3]] as [[UInt8]] {
      #expect(throws: JSONReader.Failure.self) { try JSONReader.read([34] + bytes + [34]) }
    }
  }

  @Test func `bounds the depth instead of the stack`() throws {
    let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    _ = try JSONReader.read(deep.utf8)
    for text in [String(repeating: "[", count: 1_000_000), String(repeating: #"{"a":"#, count: 33)] {
      let error = #expect(throws: JSONReader.Failure.self) { try JSONReader.read(text.utf8) }
      #expect(error?.message.contains("deeper") == true)
    }
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func `no bytes bring it down, and what it takes it writes back the same`(seed: UInt64) throws {
    var dice = Dice(seed)
    let alphabet = Array(#"{}[]:,"\u0019eE+-. truefalsn"#.utf8) + [0, 10, 0xC3, 0xA9, 0xFF]
    for _ in 0..<20_000 {
      let bytes = (0..<dice.below(16)).map { _ in alphabet[dice.below(alphabet.count)] }
      guard let value = try? JSONReader.read(bytes) else { continue }
      // Numbers keep six decimals in what is written, so compare what is written twice.
      let again = try JSONReader.read(value.description.utf8)
      #expect(again.description == value.description)
    }
  }
}
