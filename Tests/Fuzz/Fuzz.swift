import FuzzTargets
import Glibc

// `make fuzz` builds this with libFuzzer, which brings a main of its own; built as usual it takes in the files that it is
// given.

#if FUZZING
  @_cdecl("LLVMFuzzerTestOneInput")
  public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTargets.take(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
  }
#else
  @main
  enum Fuzz {
    static func main() {
      for path in CommandLine.arguments.dropFirst() {
        guard let file = fopen(path, "r") else { continue }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        fclose(file)
        bytes.withUnsafeBytes { FuzzTargets.take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
    }
  }
#endif
