import Events

/// Cuts what arrives into lines, of bounded length.
struct LineSplitter {
  enum Line {
    case whole([UInt8])
    case tooLong
  }

  private var held: [UInt8] = []
  private var isSkipping = false
  private let longest: Int

  init(longest: Int = RecordWriter.longestLine) { self.longest = longest }

  /// Calls `body` for each line, without its line feed; blank lines are passed over.
  mutating func take(_ bytes: some Collection<UInt8>, _ body: (Line) -> Void) {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 10) {
      append(rest[..<end], body)
      finish(body)
      rest = rest[rest.index(after: end)...]
    }
    append(rest, body)
  }

  /// The other side writes no more: what it wrote last is a line, also without a line feed.
  mutating func end(_ body: (Line) -> Void) { finish(body) }

  private mutating func append(_ bytes: some Collection<UInt8>, _ body: (Line) -> Void) {
    guard !isSkipping else { return }
    // The line feed is the last byte that the line may have.
    guard held.count + bytes.count < longest else {
      held.removeAll()
      isSkipping = true
      return body(.tooLong)
    }
    held.append(contentsOf: bytes)
  }

  private mutating func finish(_ body: (Line) -> Void) {
    defer {
      held.removeAll(keepingCapacity: true)
      isSkipping = false
    }
    guard !isSkipping, held.contains(where: { $0 > 32 }) else { return }
    body(.whole(held))
  }
}
