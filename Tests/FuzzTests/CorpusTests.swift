import Foundation
import FuzzTargets
import TestKit
import Testing

/// What fuzzing began with, and what it found worth keeping, once more: `Tests/Fuzz/TARGET/` holds an input a file,
/// `TARGET.txt` one a line in Base64. What breaks a promise ends the tests, and says which.
@Suite(.serialized) struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fuzz").path

  private static func corpus(_ target: FuzzTarget) throws -> [Data] {
    let folder = "\(folder)/\(target)"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .map { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")) }
  }

  private static func found(_ target: FuzzTarget) throws -> [Data] {
    let path = "\(folder)/\(target).txt"
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { try #require(Data(base64Encoded: String($0)), "\($0)") }
  }

  /// Away from the threads that all tests share: a target may wait.
  private func take(_ inputs: [Data], _ target: FuzzTarget) async {
    await onThread { for input in inputs { input.withUnsafeBytes { target.take($0) } } }
  }

  @Test(arguments: FuzzTarget.allCases)
  func `no input that fuzzing begins with is more than refused`(target: FuzzTarget) async throws {
    let inputs = try Self.corpus(target)
    #expect(inputs.count > 10)
    await take(inputs, target)
  }

  @Test(arguments: FuzzTarget.allCases)
  func `no input that was found is more than refused`(target: FuzzTarget) async throws {
    await take(try Self.found(target), target)
  }

  @Test(arguments: [FuzzTarget.socket, .media])
  func `no input that was damaged is more than refused`(target: FuzzTarget) async throws {
    var dice = SplitMix(state: 2026)
    var inputs: [Data] = []
    for input in try Self.corpus(target) {
      for _ in 0..<20 { inputs.append(Self.damaged(input, &dice)) }
    }
    await take(inputs, target)
  }

  /// Some bytes are others, or a piece is missing, or stands twice.
  private static func damaged(_ input: Data, _ dice: inout SplitMix) -> Data {
    var bytes = Data(input)
    func place() -> Int { Int(dice.next() % UInt64(bytes.count)) }
    for _ in 0...(dice.next() % 8) { bytes[place()] = UInt8(truncatingIfNeeded: dice.next()) }
    let (a, b) = (place(), place())
    let piece = bytes[min(a, b)..<max(a, b)]
    switch dice.next() % 4 {
    case 0: bytes.removeSubrange(piece.indices)
    case 1: bytes.insert(contentsOf: Data(piece), at: place())
    default: break
    }
    return bytes.isEmpty ? input : bytes
  }
}
