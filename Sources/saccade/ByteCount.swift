import ArgumentParser

/// An amount of data as a person gives it: `500 MB`, `4 GiB`, or a number of bytes.
struct ByteCount: ExpressibleByArgument, Equatable {
  let bytes: Int64

  private static let units: [(names: [String], bytes: Double)] = [
    (["", "B"], 1), (["kB", "KB"], 1e3), (["MB"], 1e6), (["GB"], 1e9), (["TB"], 1e12),
    (["KiB", "K"], 0x1p10), (["MiB", "M"], 0x1p20), (["GiB", "G"], 0x1p30), (["TiB", "T"], 0x1p40),
  ]

  init?(argument: String) {
    let number = argument.prefix { $0.isNumber || $0 == "." }
    let name = argument.dropFirst(number.count).drop { $0 == " " }
    guard let count = Double(number), let unit = Self.units.first(where: { $0.names.contains(String(name)) }),
      count * unit.bytes < 0x1p62
    else { return nil }
    bytes = Int64(count * unit.bytes)
  }
}
