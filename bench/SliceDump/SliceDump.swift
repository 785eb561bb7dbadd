import Base
import Glibc
import Media

/// `slice-dump [--series S] [--values FILE] PATH…`: what a DICOM source gives, a JSON object a line; with `--values`, the
/// values of all slices as float32 one after the other. Ends with 1 where a path could not be read.
@main
struct SliceDump {
  static func main() {
    var arguments = CommandLine.arguments.dropFirst()
    var series: String?
    var values: UnsafeMutablePointer<FILE>?
    while let first = arguments.first, first.hasPrefix("--") {
      arguments.removeFirst()
      guard let value = arguments.popFirst() else { return usage() }
      switch first {
      case "--series": series = value
      case "--values": values = fopen(value, "w")
      default: return usage()
      }
    }
    if arguments.isEmpty { return usage() }
    var isFine = true
    for path in arguments {
      do throws(Fault) {
        try dump(SweepConfiguration(path: path, series: series), values)
      } catch {
        print("{\"path\":\(quoted(path)),\"fault\":\(quoted(error.description))}")
        isFine = false
      }
    }
    if let values { fclose(values) }
    exit(isFine ? 0 : 1)
  }

  private static func usage() {
    print("slice-dump [--series S] [--values FILE] PATH...")
    exit(Fault.Code.usage.rawValue)
  }

  private static func dump(
    _ configuration: SweepConfiguration, _ values: UnsafeMutablePointer<FILE>?
  ) throws(Fault) {
    let source = try DicomSource(configuration)
    let sweep = source.sweep
    let spacing = sweep.spacing.map { "[\($0.x),\($0.y),\($0.z)]" } ?? "null"
    print(
      "{\"path\":\(quoted(configuration.path)),\"format\":\(quoted(sweep.format)),\"width\":\(sweep.width),"
        + "\"height\":\(sweep.height),\"count\":\(sweep.count ?? -1),\"spacing\":\(spacing),"
        + "\"precision\":\(quoted("\(sweep.precision)")),\"hounsfield\":\(sweep.isHounsfield)}")
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: sweep.width * sweep.height)
    defer { buffer.deallocate() }
    let start = monotonic()
    var count = 0
    while let reading = try source.next(into: buffer) {
      switch reading {
      case .slice(let info):
        count += 1
        if let values { fwrite(buffer.baseAddress, 4, buffer.count, values) }
        print(
          "{\"slice\":\(info.index),\"z\":\(info.z.map { "\($0)" } ?? "null"),\"source\":\(quoted(info.source))}"
        )
      case .missing(let gap):
        let last = gap.indices.upperBound - 1
        print("{\"missing\":[\(gap.indices.lowerBound),\(last)],\"reason\":\(quoted(gap.reason))}")
      case .warning(let warning):
        print("{\"warning\":\(quoted(warning.code)),\"text\":\(quoted(warning.text))}")
      }
    }
    print("{\"end\":\(count),\"seconds\":\(monotonic() - start)}")
  }

  private static func monotonic() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20: " "
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
