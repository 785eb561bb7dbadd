import FuzzTargets
import Glibc
import Testing

/// What fuzzing has found worth keeping, once more.
@Suite struct CorpusTests {
  @Test func `no input of the corpus is more than refused`() throws {
    let folder =
      String(#filePath.prefix(upTo: #filePath.range(of: "/FuzzTests/")!.lowerBound)) + "/Fuzz/corpus"
    let list = try #require(opendir(folder))
    defer { closedir(list) }
    var count = 0
    while let entry = readdir(list) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard !name.hasPrefix("."), let file = fopen("\(folder)/\(name)", "r") else { continue }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let length = fread(&bytes, 1, bytes.count, file)
      bytes.withUnsafeBytes { FuzzTargets.take(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
      count += 1
    }
    #expect(count > 40)
  }
}
