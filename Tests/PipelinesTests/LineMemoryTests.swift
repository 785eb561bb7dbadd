import Foundation
import Pipelines
import Testing

@Suite("Memory")
struct LineMemoryTests {
  /// Bytes of code in memory.
  private func residentCode() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/smaps", encoding: .utf8)
    var isCode = false
    var kilobytes = 0
    for line in text.split(separator: "\n") {
      // Of a mapping's lines only the first begins with a number; the others begin with a name.
      if line.first?.isUppercase == false {
        isCode = line.contains(" r-xp ") && line.contains("/")
      } else if isCode, line.hasPrefix("Rss:") {
        kilobytes += line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      }
    }
    return kilobytes * 1024
  }

  @Test("code that only the start needed is given back, and the rest works on")
  func code() throws {
    let bench = LiveBench()
    try bench.play(0.5)
    let before = try residentCode()
    ProcessMemory.giveBack()
    let after = try residentCode()
    #expect(before > 4 << 20)
    #expect(after < before * 3 / 4)
    try bench.play(0.5)
    #expect(bench.sink.frames.count == 30)
  }
}
