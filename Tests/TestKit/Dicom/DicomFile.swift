import Foundation

/// Writes DICOM files for tests: explicit little endian unless told otherwise, one element at a time.
package struct DicomFile {
  package enum Syntax: String {
    case implicit = "1.2.840.10008.1.2"
    case explicit = "1.2.840.10008.1.2.1"
    case bigEndian = "1.2.840.10008.1.2.2"
    case rle = "1.2.840.10008.1.2.5"
    case jpegBaseline = "1.2.840.10008.1.2.4.50"
    case jpegLossless = "1.2.840.10008.1.2.4.70"
    case jpegLS = "1.2.840.10008.1.2.4.80"
    case jpeg2000 = "1.2.840.10008.1.2.4.90"
    case highThroughput = "1.2.840.10008.1.2.4.201"
    case mpeg4 = "1.2.840.10008.1.2.4.102"
  }

  package struct Element {
    package var representation: String
    package var value: Value

    package init(representation: String, value: Value) {
      self.representation = representation
      self.value = value
    }
  }

  package indirect enum Value {
    case text(String)
    case words([UInt16])
    case bytes([UInt8])
    case doubles([Double])
    case floats([Float])
    case items([[UInt32: Element]])
    /// Coded frames: one fragment each, or as many as given.
    case frames([[[UInt8]]])
  }

  package var syntax: Syntax
  /// Tags are group and element, as 0x0028_0010.
  package var elements: [UInt32: Element] = [:]
  package var hasPreamble = true

  package init(_ syntax: Syntax = .explicit) { self.syntax = syntax }

  package mutating func set(_ tag: UInt32, _ representation: String, _ value: Value) {
    elements[tag] = Element(representation: representation, value: value)
  }

  package mutating func set(_ tag: UInt32, _ representation: String, _ text: String) {
    set(tag, representation, .text(text))
  }

  /// A slice of a CT: signed 16-bit samples, row by row.
  package static func slice(
    width: Int, height: Int, samples: [Int16], position: (Double, Double, Double)? = (0, 0, 0),
    number: Int? = nil,
    series: String = "1.2.3", syntax: Syntax = .explicit
  ) -> DicomFile {
    var file = DicomFile(syntax)
    file.set(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\AXIAL")
    file.set(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.2")
    file.set(0x0008_0060, "CS", "CT")
    file.set(0x0010_0010, "PN", "Geheim^Patient")
    file.set(0x0020_000E, "UI", series)
    if let number { file.set(0x0020_0013, "IS", "\(number)") }
    if let position {
      file.set(0x0020_0032, "DS", "\(position.0)\\\(position.1)\\\(position.2)")
      file.set(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
    }
    file.setShape(width: width, height: height)
    file.set(0x0028_0030, "DS", "0.5\\0.25")
    file.set(0x7FE0_0010, "OW", .words(samples.map { UInt16(bitPattern: $0) }))
    return file
  }

  package mutating func setShape(
    width: Int, height: Int, allocated: Int = 16, stored: Int = 16, isSigned: Bool = true, samples: Int = 1,
    photometric: String = "MONOCHROME2"
  ) {
    set(0x0028_0002, "US", .words([UInt16(samples)]))
    set(0x0028_0004, "CS", photometric)
    set(0x0028_0010, "US", .words([UInt16(height)]))
    set(0x0028_0011, "US", .words([UInt16(width)]))
    set(0x0028_0100, "US", .words([UInt16(allocated)]))
    set(0x0028_0101, "US", .words([UInt16(stored)]))
    set(0x0028_0102, "US", .words([UInt16(stored - 1)]))
    set(0x0028_0103, "US", .words([isSigned ? 1 : 0]))
  }

  package var bytes: [UInt8] {
    var out: [UInt8] = []
    if hasPreamble {
      var meta = Writer(isBigEndian: false, isExplicit: true)
      let group: [UInt32: Element] = [
        0x0002_0001: Element(representation: "OB", value: .bytes([0, 1])),
        0x0002_0002: Element(representation: "UI", value: .text("1.2.840.10008.5.1.4.1.1.2")),
        0x0002_0010: Element(representation: "UI", value: .text(syntax.rawValue)),
      ]
      meta.write(group)
      var length = Writer(isBigEndian: false, isExplicit: true)
      length.write([0x0002_0000: Element(representation: "UL", value: .bytes(Self.long(meta.out.count)))])
      out = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + length.out + meta.out
    }
    var writer = Writer(isBigEndian: syntax == .bigEndian, isExplicit: syntax != .implicit)
    writer.write(elements)
    return out + writer.out
  }

  package func write(to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

  private static func long(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// Elements as bytes.
  private struct Writer {
    let isBigEndian: Bool
    let isExplicit: Bool
    var out: [UInt8] = []

    mutating func number(_ value: UInt64, _ size: Int) {
      let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
      out += isBigEndian ? little.reversed() : little
    }

    mutating func tag(_ tag: UInt32) {
      number(UInt64(tag >> 16), 2)
      number(UInt64(tag & 0xFFFF), 2)
    }

    mutating func write(_ elements: [UInt32: Element]) {
      for (tag, element) in elements.sorted(by: { $0.key < $1.key }) { write(tag, element) }
    }

    mutating func write(_ tag: UInt32, _ element: Element) {
      var value = Writer(isBigEndian: isBigEndian, isExplicit: isExplicit)
      var isOpen = false
      switch element.value {
      case .text(let text):
        value.out = Array(text.utf8)
        if value.out.count % 2 == 1 { value.out.append(element.representation == "UI" ? 0 : 0x20) }
      case .words(let words): for word in words { value.number(UInt64(word), 2) }
      case .bytes(let bytes): value.out = bytes + (bytes.count % 2 == 1 ? [0] : [])
      case .doubles(let numbers): for number in numbers { value.number(number.bitPattern, 8) }
      case .floats(let numbers): for number in numbers { value.number(UInt64(number.bitPattern), 4) }
      case .items(let items):
        for item in items {
          var inner = Writer(isBigEndian: isBigEndian, isExplicit: isExplicit)
          inner.write(item)
          value.tag(0xFFFE_E000)
          value.number(UInt64(inner.out.count), 4)
          value.out += inner.out
        }
      case .frames(let frames):
        isOpen = true
        value.tag(0xFFFE_E000)
        value.number(0, 4)
        for fragment in frames.joined() {
          value.tag(0xFFFE_E000)
          value.number(UInt64(fragment.count + fragment.count % 2), 4)
          value.out += fragment + (fragment.count % 2 == 1 ? [0] : [])
        }
        value.tag(0xFFFE_E0DD)
        value.number(0, 4)
      }
      self.tag(tag)
      let length = isOpen ? 0xFFFF_FFFF : UInt64(value.out.count)
      let isLong = ["OB", "OD", "OF", "OW", "SQ", "UN"].contains(element.representation)
      if isExplicit {
        out += Array(element.representation.utf8)
        if isLong { number(0, 2) }
      }
      number(length, isExplicit && !isLong ? 2 : 4)
      out += value.out
    }
  }
}
