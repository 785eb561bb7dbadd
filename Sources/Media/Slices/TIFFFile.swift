import Base
import CSlices

/// An open TIFF. Used by one thread at a time.
struct TIFFFile: ~Copyable {
  private let calls: UnsafePointer<saccade_tiff_calls>
  private let tiff: OpaquePointer
  private let facts: UnsafeMutablePointer<saccade_tiff_page>
  let path: String

  private init(
    _ calls: UnsafePointer<saccade_tiff_calls>, _ tiff: OpaquePointer, _ path: String
  ) {
    self.calls = calls
    self.tiff = tiff
    facts = .allocate(capacity: 1)
    self.path = path
  }

  static func open(_ path: String) throws(Fault) -> TIFFFile {
    let calls = try SliceLibrary.table("saccade_tiff_api", as: saccade_tiff_calls.self)
    let (opened, problem) = asking { calls.pointee.open(path, $0, $1) }
    guard let opened else {
      throw Fault(
        .data, "this TIFF can't be read", at: path, cause: problem, advice: "write the file again")
    }
    return TIFFFile(calls, opened, path)
  }

  deinit {
    calls.pointee.close(tiff)
    facts.deallocate()
  }

  /// How many pages can be reached, and why no more where there are more.
  func count() -> (pages: Int, problem: String?) {
    let (pages, problem) = Self.asking { calls.pointee.count(tiff, $0, $1) }
    return (Int(pages), problem.isEmpty ? nil : problem)
  }

  /// Goes to a page, from 0.
  func select(_ index: Int) throws(Fault) -> TIFFPage {
    let (result, problem) = Self.asking { calls.pointee.select(tiff, UInt32(index), facts, $0, $1) }
    guard result == 0 else {
      throw Fault(.data, "page \(index + 1) of this TIFF can't be read", at: path, cause: problem)
    }
    return try TIFFPage(facts, at: path)
  }

  /// Fills `buffer` with the selected page, in this machine's byte order. The buffer is as large as the page.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Fault) {
    let (result, problem) = Self.asking {
      calls.pointee.read(tiff, buffer.baseAddress, buffer.count, $0, $1)
    }
    guard result == 0 else {
      throw Fault(.data, "this TIFF can't be decoded", at: path, cause: problem)
    }
  }

  private static func asking<R>(_ call: (UnsafeMutablePointer<CChar>, Int) -> R) -> (R, String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { problem in
      problem.initialize(repeating: 0)
      // Safety: the buffer is not empty, and a zero ends what the library writes.
      let result = call(problem.baseAddress!, problem.count)
      return (result, String(cString: problem.baseAddress!))
    }
  }
}
