import FuzzTargets
import Glibc

// `make fuzz` builds this with libFuzzer, which brings a main of its own and calls the target that FUZZ_TARGET names;
// built as usual it takes in the files that it is given: saccade-fuzz TARGET FILE…

#if FUZZING
  private let target = getenv("FUZZ_TARGET").flatMap { FuzzTarget(rawValue: String(cString: $0)) } ?? .texts

  @_cdecl("LLVMFuzzerTestOneInput")
  public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.take(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
  }
#else
  @main
  enum Fuzz {
    static func main() {
      let arguments = CommandLine.arguments.dropFirst()
      guard let target = arguments.first.flatMap(FuzzTarget.init) else {
        print("usage: saccade-fuzz texts|socket|media FILE…")
        exit(64)
      }
      for path in arguments.dropFirst() {
        guard let file = fopen(path, "r") else { continue }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        fclose(file)
        bytes.withUnsafeBytes { target.take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
    }
  }
#endif
