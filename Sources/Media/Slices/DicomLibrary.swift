import Base
import CSlices

/// The DICOM part of the slice library. Any thread.
struct DicomLibrary: Sendable {
  private let api: saccade_dicom_api_table

  /// Blocks while the library loads.
  init() throws(Fault) {
    api = try SliceLibrary.table(SACCADE_DICOM_SYMBOL, as: saccade_dicom_api_table.self).pointee
  }

  /// Why a file can't be read: a phrase that goes on after its name, such as `is truncated: …`.
  struct Refusal: Error { let text: String }

  /// Hands what stands before a file's pixels to `body`. Blocks.
  func withHeader<Result>(_ path: String, _ body: (saccade_dicom_header) -> Result) throws(Refusal) -> Result
  {
    var found: UnsafeMutablePointer<saccade_dicom_header>?
    try Self.run { error in
      found = api.read_header(path, error)
      return found != nil
    }
    defer { api.free_header(found) }
    // Safety: `run` throws where there is none.
    return body(found!.pointee)
  }

  /// A file's pixels, open. Used by one thread at a time.
  struct Pixels: ~Copyable {
    private let api: saccade_dicom_api_table
    private let raw: OpaquePointer

    fileprivate init(_ api: saccade_dicom_api_table, _ raw: OpaquePointer) {
      self.api = api
      self.raw = raw
    }

    deinit { api.close(raw) }

    /// Fills `values`, width × height of them, with sample × slope + intercept. Blocks.
    func read(_ frame: Int, slope: Double, intercept: Double, into values: UnsafeMutablePointer<Float>)
      throws(Refusal)
    {
      try DicomLibrary.run { api.read_frame(raw, UInt32(frame), slope, intercept, values, $0) == 0 }
    }

    /// Hands the bytes of a coded frame to `body`. Blocks.
    func withCodestream(_ frame: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(Refusal) -> Void)
      throws(Refusal)
    {
      var size = 0
      var bytes: UnsafePointer<UInt8>?
      try DicomLibrary.run { error in
        bytes = api.read_codestream(raw, UInt32(frame), &size, error)
        return bytes != nil
      }
      try body(UnsafeBufferPointer(start: bytes, count: size))
    }
  }

  /// Opens a file's pixels, all of which have to be there.
  func open(_ path: String, _ kind: DicomKind, _ place: DicomPixelPlace) throws(Refusal) -> Pixels {
    var layout = kind.layout.at(place)
    var raw: OpaquePointer?
    try Self.run { error in
      raw = api.open(path, &layout, kind.syntax.identifier, error)
      return raw != nil
    }
    // Safety: `run` throws where there is none.
    return Pixels(api, raw!)
  }

  private static func run(_ body: (UnsafeMutablePointer<CChar>) -> Bool) throws(Refusal) {
    let text: String? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(SACCADE_DICOM_ERROR_SIZE))
    {
      // Safety: the buffer isn't empty, and the library ends what it writes with a zero.
      let error = $0.baseAddress!
      error.pointee = 0
      return body(error) ? nil : String(cString: error)
    }
    if let text { throw Refusal(text: text) }
  }
}
