/// Splits a stream of server-sent events (WHATWG HTML, 9.2) into the data of each, as it comes in pieces of any size.
/// Memory is bounded by `longest`.
package struct EventStreamReader {
  package enum Piece: Hashable {
    case data([UInt8])
    /// An event was longer than allowed: the stream can't be read on.
    case tooLong
  }

  /// Bytes of one event: a chunk of a chat holds a token or a few.
  private let longest: Int
  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var endedByReturn = false
  private var isBroken = false

  package init(longest: Int = 1 << 20) { self.longest = longest }

  /// What became whole with these bytes. Comments and fields other than `data` are left out.
  package mutating func read(_ bytes: some Sequence<UInt8>) -> [Piece] {
    var pieces: [Piece] = []
    for byte in bytes {
      if isBroken { return pieces }
      let followsReturn = endedByReturn
      endedByReturn = byte == 0x0D
      switch byte {
      // A line ends with LF, CR or both.
      case 0x0A where followsReturn: continue
      case 0x0A, 0x0D: endLine(&pieces)
      default:
        line.append(byte)
        if line.count + data.count > longest {
          isBroken = true
          pieces.append(.tooLong)
        }
      }
    }
    return pieces
  }

  private mutating func endLine(_ pieces: inout [Piece]) {
    defer { line.removeAll(keepingCapacity: true) }
    if line.isEmpty {
      if hasData { pieces.append(.data(data)) }
      data = []
      hasData = false
      return
    }
    guard line.starts(with: "data".utf8) else { return }
    var value = line.dropFirst(4)
    // `data` alone is a field without value; `database:` is another field.
    guard value.isEmpty || value.first == UInt8(ascii: ":") else { return }
    value = value.dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    if hasData { data.append(0x0A) }
    data += value
    hasData = true
  }
}
