import Events
import Foundation
import Sweeps
import Testing

@Suite("pictures of a report")
struct ReportPictureTests {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private func values(_ text: Substring) -> [Int] {
    text.utf8.compactMap { Self.alphabet.firstIndex(of: $0) }
  }

  @Test func `keep six bits of grey and every pixel of the mask`() throws {
    let picture = ReportSamples.picture(side: 29)
    let entries = [
      ReportSamples.entry(1, diameter: 3), ReportSamples.entry(2, diameter: 3, picture: picture),
    ]
    let page = try PageReader(ReportSamples.report(entries).html)
    let text = try #require(page.text(ofID: "pictures"))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 3 && lines[1] == "")
    let parts = lines[2].split(separator: " ")
    #expect(parts.prefix(6) == ["29", "29", "30", "50", "42", "1.0"])
    #expect(values(parts[6]) == picture.pixels.map { Int($0) >> 2 })
    let bits = values(parts[7]).flatMap { value in (0..<6).map { UInt8(value >> (5 - $0) & 1) } }
    #expect(Array(bits.prefix(29 * 29)) == picture.mask)
  }

  @Test func `come with the numbers that the script shows`() throws {
    let page = try PageReader(ReportSamples.report(ReportSamples.three).html)
    let text = try #require(page.text(ofID: "data"))
    let data = try #require(JSONReader.read(Array(text.utf8)).items)
    #expect(data.map { $0.items?[0].integer } == [1, 2, 3])
    #expect(data.map { $0.items?[4].integer } == [0, 1, 2])
    #expect(data.map { $0.items?[5].number } == [3.2, 2.05, 1.1])
    // Each place that the panel and the heads of columns name is there.
    let named = page.elements.flatMap { element in
      [element.attributes["data-s"], element.attributes["data-i"]].compactMap { $0 }
        .flatMap { $0.split(separator: " ") }.compactMap { Int($0) }
    }
    #expect(named.count > 30)
    for row in data { #expect(named.allSatisfy { $0 < row.items?.count ?? 0 }) }
  }

  /// The pixels of a PNG that isn't compressed; nil where a length or a checksum is wrong.
  private func pixels(_ png: [UInt8], width: Int, height: Int) -> [UInt8]? {
    func number(_ at: Int) -> UInt32 { png[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    var (at, data): (Int, [UInt8]) = (8, [])
    while at < png.count {
      let length = Int(number(at))
      let chunk = png[at + 4..<at + 8 + length]
      var check = UInt32.max
      for byte in chunk {
        check ^= UInt32(byte)
        for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
      }
      guard ~check == number(at + 8 + length) else { return nil }
      let name = String(decoding: chunk.prefix(4), as: UTF8.self)
      if name == "IHDR", number(at + 8) != UInt32(width) || number(at + 12) != UInt32(height) { return nil }
      if name == "IDAT" { data += chunk.dropFirst(4) }
      at += 12 + length
    }
    var (rows, place, isLast): ([UInt8], Int, Bool) = ([], 2, false)
    while !isLast {
      isLast = data[place] == 1
      let length = Int(data[place + 1]) | Int(data[place + 2]) << 8
      guard length ^ 0xFFFF == Int(data[place + 3]) | Int(data[place + 4]) << 8 else { return nil }
      rows += data[place + 5..<place + 5 + length]
      place += 5 + length
    }
    guard rows.count == (width + 1) * height, place + 4 == data.count else { return nil }
    return (0..<height).flatMap { rows[$0 * (width + 1) + 1..<($0 + 1) * (width + 1)] }
  }

  @Test func `of the part are PNG`() throws {
    var report = ReportSamples.report(ReportSamples.three)
    report.maps = ReportSamples.maps
    let images = try PageReader(report.html).all("image").compactMap {
      Data(base64Encoded: String($0.attributes["href"]?.dropFirst("data:image/png;base64,".count) ?? ""))
    }
    #expect(images.count == 3)
    let top = ReportSamples.maps.top
    #expect(pixels(Array(images[0]), width: top.width, height: top.height) == top.pixels)
    // Wider ones are made smaller: 700 columns become 350.
    #expect(pixels(Array(images[1]), width: 350, height: 70) != nil)
  }
}
