import Base
import Events
import Foundation
import Language
import Testing

struct ChatRequestTests {
  /// Goldens are the whole body, with a line feed between the fields at the top so that differences show.
  private static func laidOut(_ body: [UInt8]) throws -> String {
    let fields = try #require(try JSONReader.read(body).fields)
    return fields.map { "\(JSON.text($0.key)): \($0.value)\n" }.joined()
  }

  private static func golden(_ name: String) throws -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("goldens")
    return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  @Test(arguments: ServerDialect.allCases)
  func `each server gets what it understands`(dialect: ServerDialect) throws {
    var request = Asking.request()
    request.adapters = [1: 0.5, 0: 1]
    #expect(try Self.laidOut(request.body(for: dialect)) == Self.golden("\(dialect.rawValue).txt"))
  }

  @Test func `several things are shown one after the other, and each question is asked once`() throws {
    #expect(try Self.laidOut(Asking.shared().body(for: .llamaServer)) == Self.golden("shared.txt"))
  }

  @Test(arguments: [
    ("choice", Question.Form.choice(["red", "\"blue\""])), ("number", .number(unit: "m/s", range: -1...2.5)),
    ("number-free", .number(unit: nil, range: nil)), ("text", .text(longest: 80)),
  ])
  func `each form has its schema and its words`(name: String, form: Question.Form) throws {
    let question = Asking.question("What is it?", form)
    let text = "\(question.schema)\n\(question.formInWords)\n\(question.mostTokens)\n"
    #expect(try text == Self.golden("form-\(name).txt"))
  }

  @Test func `what requests have in common stands first, byte for byte`() throws {
    let first = Asking.request().body(for: .llamaServer)
    var other = Asking.request(Asking.question("How many?", .number(unit: nil, range: nil)))
    other.cases[0].context = "Object 9 left."
    other.complaint = "not JSON"
    let second = other.body(for: .llamaServer)
    let common = zip(first, second).prefix { $0 == $1 }.count
    let start = String(decoding: first[..<common], as: UTF8.self)
    // Up to the last part, the question's.
    #expect(start.contains("<13.0 seconds>") && start.hasSuffix(#"{"type":"text","text":"Object "#))
  }

  @Test func `a complaint about the last answer comes last`() throws {
    var request = Asking.request()
    request.complaint = "neither yes nor no: \"maybe\""
    let json = try JSONReader.read(request.body(for: .openAI))
    let text = json["messages"]?.items?.last?["content"]?.items?.last?["text"]?.text
    #expect(text?.hasSuffix("The last answer was of no use: neither yes nor no: \"maybe\"") == true)
  }

  @Test(arguments: 0...7)
  func `pictures are base64 with padding`(count: Int) throws {
    let bytes = (0..<count).map { UInt8($0 * 37 & 255) }
    let request = Asking.request(pictures: [TimedPicture(time: .zero, jpeg: bytes)])
    let body = String(decoding: request.body(for: .openAI), as: UTF8.self)
    #expect(body.contains("\"data:image/jpeg;base64,\(Data(bytes).base64EncodedString())\""))
  }

  @Test(arguments: [
    (0.0, "<0.0 seconds>"), (12.4, "<12.4 seconds>"), (12.449, "<12.4 seconds>"), (12.45, "<12.5 seconds>"),
    (3599.97, "<3600.0 seconds>"), (-0.04, "<0.0 seconds>"), (-1.26, "<-1.3 seconds>"),
  ])
  func `a picture bears its time with one decimal`(seconds: Double, label: String) {
    #expect(Asking.picture(seconds).label == label)
  }

  @Test func `a picture's name depends on each of its bytes`() {
    // From the test vectors of draft-eastlake-fnv.
    #expect(Fingerprint([]).description == "cbf29ce484222325")
    #expect(Fingerprint(Array("foobar".utf8)).description == "85944171f73967e8")
    #expect(Asking.picture(1, 1).fingerprint != Asking.picture(1, 2).fingerprint)
    #expect(Asking.picture(1, 1).fingerprint == Asking.picture(2, 1).fingerprint)
  }
}
