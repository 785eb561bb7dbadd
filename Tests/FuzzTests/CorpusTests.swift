import Foundation
import FuzzTargets
import Testing

/// What fuzzing began with, and what it found worth keeping, once more: `corpus/` holds an input a file, `found.txt` one a line
/// in Base64.
@Suite struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fuzz").path

  private func take(_ data: Data) { data.withUnsafeBytes { FuzzTargets.take($0) } }

  @Test func `no input of the corpus is more than refused`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder + "/corpus")
    #expect(names.count > 40)
    for name in names { take(try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/corpus/\(name)"))) }
  }

  @Test func `no input that was found is more than refused`() throws {
    let lines = try String(contentsOfFile: Self.folder + "/found.txt", encoding: .utf8).split(separator: "\n")
    #expect(lines.count > 100)
    for line in lines { take(try #require(Data(base64Encoded: String(line)), "\(line)")) }
  }
}
