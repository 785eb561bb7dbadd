import Foundation
import TestKit
import Testing

@Suite("saccade status", .serialized)
struct StatusTests {
  /// `a.b` for what lies under `a`; lists are leaves.
  private static func paths(_ value: Any, _ prefix: String = "") -> Set<String> {
    guard let fields = value as? [String: Any] else { return [prefix] }
    return fields.reduce(into: []) { all, field in
      all.formUnion(paths(field.value, prefix.isEmpty ? field.key : "\(prefix).\(field.key)"))
    }
  }

  @Test("has each field of the reference, every drop path among them, and no other")
  func documented() async throws {
    let folder = try Folder([
      "a.yaml": "source: lavfi:testsrc2=size=320x180:rate=30\nevents:\n  lit: scene.luma > 1 %\n"
    ])
    let daemon = try RunningCommand(
      Command.path,
      ["run", folder.path, "--socket", folder.file("s"), "--journal", folder.file("j.db")])
    #expect(await daemon.wait { _, error in error.contains("the source is open") }, "\(daemon.error)")
    let subscriber = try RunningCommand(
      Command.path, ["subscribe", "--socket", folder.file("s"), "--from", "oldest", "--kind", "lit"])
    #expect(await subscriber.wait { output, _ in output.contains(#""phase":"begin""#) })
    let printed = try await Command.run(["status", "--json", "--socket", folder.file("s")])
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(printed.output.utf8)) as? [String: Any])
    let stream = try #require((answer["streams"] as? [[String: Any]])?.first)
    let documented = try Set(Reference.rows("### `saccade status`").flatMap { Reference.names($0[0]) })
    #expect(documented.contains("dropped.records_slow_reader") && documented.contains("counters.ticks_late"))
    let kinds = Set(Self.paths(stream).filter { $0.hasPrefix("events_begun.") })
    #expect(kinds.contains("events_begun.lit"))
    let there = Self.paths(answer).subtracting(["streams"]).union(Self.paths(stream)).subtracting(kinds)
    #expect(there == documented.subtracting(["events_begun.KIND"]))
    let lines = try await Command.run(["status", "--socket", folder.file("s")]).output.split(separator: "\n")
    #expect(lines.dropFirst().first?.hasPrefix("stream  state") == true)
    #expect(lines.dropFirst(2).first?.wholeMatch(of: /a +running +30 +- +- +\d+ +\d+ +\d+ +\d+/) != nil)
    // For people, too.
    let people = try await Command.run(["status", "--socket", folder.file("s")])
    for name in there.subtracting([
      "server", "protocol", "uptime", "clients", "name", "kind", "state", "rate",
    ]) {
      #expect(people.output.contains("  \(name) "), "\(name)")
    }
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
    _ = await subscriber.end(within: 10)
  }
}
