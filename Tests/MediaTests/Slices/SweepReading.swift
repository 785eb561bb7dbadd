import Base
import Media

/// All that a sweep gives.
struct SweepReading {
  let sweep: SweepDescription
  var slices: [(info: SliceInfo, values: [Float])] = []
  var gaps: [SliceGap] = []
  var warnings: [SweepWarning] = []

  init(_ source: some SliceSource) throws(Fault) {
    sweep = source.sweep
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: sweep.width * sweep.height)
    defer { buffer.deallocate() }
    while let reading = try source.next(into: buffer) {
      switch reading {
      case .slice(let info): slices.append((info, Array(buffer)))
      case .missing(let gap): gaps.append(gap)
      case .warning(let warning): warnings.append(warning)
      }
    }
  }

  var names: [String] { slices.map(\.info.source) }
  var indices: [Int] { slices.map(\.info.index) }

  /// Texts of the warnings of a kind.
  func warnings(_ code: String) -> [String] { warnings.filter { $0.code == code }.map(\.text) }
}
