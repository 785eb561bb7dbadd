import CKernels

/// How a file holds one value.
struct SampleFormat: Hashable {
  enum Kind: Hashable {
    case uint8, int8, uint16, int16, uint32, int32, float32
  }

  var kind: Kind
  var isBigEndian = false

  init(_ kind: Kind, isBigEndian: Bool = false) {
    self.kind = kind
    self.isBigEndian = isBigEndian
  }

  /// In this machine's byte order.
  init(native kind: Kind) { self.init(kind, isBigEndian: Self.machineIsBigEndian) }

  var bytes: Int {
    switch kind {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    }
  }

  /// For people: `16 bit`, `16 bit signed`, `32 bit float`.
  var name: String {
    switch kind {
    case .uint8, .uint16, .uint32: "\(bytes * 8) bit"
    case .int8, .int16, .int32: "\(bytes * 8) bit signed"
    case .float32: "32 bit float"
    }
  }

  var precision: SweepDescription.Precision { bytes == 1 ? .eightBit : .exact }

  /// Fills `values` with the samples at `raw`, which are aligned to their size.
  func convert(_ raw: UnsafeRawPointer, into values: UnsafeMutableBufferPointer<Float>) {
    saccade_samples_to_float(
      raw, sample, isBigEndian != Self.machineIsBigEndian ? 1 : 0, values.count, values.baseAddress)
  }

  /// The first value that is no finite number.
  func firstNotFinite(in values: UnsafeMutableBufferPointer<Float>) -> Int? {
    guard kind == .float32 else { return nil }
    return Self.first(in: values, beyond: .greatestFiniteMagnitude)
  }

  /// The first value that may have been rounded on its way to floating point.
  func firstRounded(in values: UnsafeMutableBufferPointer<Float>) -> Int? {
    guard kind == .uint32 || kind == .int32 else { return nil }
    return Self.first(in: values, beyond: Self.largestExact)
  }

  /// A Float holds every integer up to here.
  static let largestExact: Float = 16_777_216

  private static let machineIsBigEndian = 1.bigEndian == 1

  private static func first(in values: UnsafeMutableBufferPointer<Float>, beyond limit: Float) -> Int? {
    let index = saccade_first_beyond(values.baseAddress, values.count, limit)
    return index < values.count ? index : nil
  }

  private var sample: saccade_sample {
    switch kind {
    case .uint8: SACCADE_SAMPLE_UINT8
    case .int8: SACCADE_SAMPLE_INT8
    case .uint16: SACCADE_SAMPLE_UINT16
    case .int16: SACCADE_SAMPLE_INT16
    case .uint32: SACCADE_SAMPLE_UINT32
    case .int32: SACCADE_SAMPLE_INT32
    case .float32: SACCADE_SAMPLE_FLOAT32
    }
  }
}
