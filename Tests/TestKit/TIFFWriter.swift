/// Writes TIFFs of the kinds that other writers at hand don't: uncompressed, with each tag as told.
package struct TIFFWriter {
  package struct Page {
    /// TIFF's tags by number. Compression 1, one sample and one strip are set where they are absent.
    package var tags: [UInt16: Value]
    /// One strip, or as many strips or tiles.
    package var pieces: [[UInt8]]

    package init(width: Int, height: Int, bits: Int, _ pieces: [[UInt8]], tags: [UInt16: Value] = [:]) {
      self.tags = [256: .long(UInt32(width)), 257: .long(UInt32(height)), 258: .short(UInt16(bits))]
      self.tags.merge([259: .short(1), 262: .short(1), 277: .short(1)]) { $1 }
      self.tags.merge(tags) { $1 }
      self.pieces = pieces
    }
  }

  package enum Value {
    case short(UInt16)
    case long(UInt32)
    case shorts([UInt16])
    case longs([UInt32])
    case rational(UInt32, UInt32)
    case text(String)
  }

  package var isBigEndian = false
  /// 64-bit offsets.
  package var isBig = false
  /// What follows the last page.
  package var tail: [UInt8] = []

  package init(isBigEndian: Bool = false, isBig: Bool = false) {
    self.isBigEndian = isBigEndian
    self.isBig = isBig
  }

  package func bytes(_ pages: [Page]) -> [UInt8] {
    var out = isBigEndian ? Array("MM".utf8) : Array("II".utf8)
    out += number(isBig ? 43 : 42, 2)
    if isBig { out += number(8, 2) + number(0, 2) }
    // Where the next offset of a page is to be written.
    var link = out.count
    out += number(0, isBig ? 8 : 4)
    for page in pages {
      var tags = page.tags
      var offsets: [UInt32] = []
      for piece in page.pieces {
        offsets.append(UInt32(out.count))
        out += piece
      }
      let isTiled = tags[322] != nil
      tags[isTiled ? 324 : 273] = .longs(offsets)
      tags[isTiled ? 325 : 279] = .longs(page.pieces.map { UInt32($0.count) })
      var entries: [UInt8] = []
      for (tag, value) in tags.sorted(by: { $0.key < $1.key }) {
        var (kind, count, data) = encoded(value)
        let room = isBig ? 8 : 4
        if data.count > room {
          let place = out.count
          out += data
          data = number(place, room)
        }
        entries += number(Int(tag), 2) + number(kind, 2) + number(count, room)
        entries += data + [UInt8](repeating: 0, count: room - data.count)
      }
      out.replaceSubrange(link..<link + (isBig ? 8 : 4), with: number(out.count, isBig ? 8 : 4))
      out += number(tags.count, isBig ? 8 : 2) + entries
      link = out.count
      out += number(0, isBig ? 8 : 4)
    }
    return out + tail
  }

  private func encoded(_ value: Value) -> (kind: Int, count: Int, data: [UInt8]) {
    switch value {
    case .short(let value): (3, 1, number(Int(value), 2))
    case .long(let value): (4, 1, number(Int(value), 4))
    case .shorts(let values): (3, values.count, values.flatMap { number(Int($0), 2) })
    case .longs(let values): (4, values.count, values.flatMap { number(Int($0), 4) })
    case .rational(let over, let under): (5, 1, number(Int(over), 4) + number(Int(under), 4))
    case .text(let text): (2, text.utf8.count + 1, Array(text.utf8) + [0])
    }
  }

  /// In the file's order.
  package func number(_ value: Int, _ bytes: Int) -> [UInt8] {
    let little = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    return isBigEndian ? little.reversed() : little
  }
}
