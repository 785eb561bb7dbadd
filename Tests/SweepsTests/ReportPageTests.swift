import Conditions
import Events
import Foundation
import Media
import Sweeps
import Testing

@Suite("a report as a page")
struct ReportPageTests {
  private static let hostile = "</script><img src=x onerror=alert(1)>\"'&amp; <!-- 中文"

  private func rows(_ page: PageReader) -> [PageReader.Element] {
    page.all("tr").filter { $0.attributes["id"]?.hasPrefix("d") == true }
  }

  @Test(arguments: Tongue.allCases)
  func `is well formed and loads nothing`(tongue: Tongue) throws {
    var report = ReportSamples.report(ReportSamples.three, tongue: tongue, precision: .lossy("h264"))
    report.maps = ReportSamples.maps
    report.failsAt = 2
    report.isMedical = true
    let html = report.html
    let page = try PageReader(html)
    #expect(rows(page).map { $0.attributes["id"] } == ["d1", "d2", "d3"])
    #expect(rows(page).map { $0.attributes["class"] } == ["r", "u", "n"])
    #expect(page.all("circle").count == 9)
    for element in page.elements {
      #expect(element.attributes["src"] == nil && element.name != "link")
      if let target = element.attributes["href"] {
        #expect(target.hasPrefix("#") || target.hasPrefix("data:image/png;base64,"))
      }
    }
    for word in ["http:", "https:", "url(", "@import", "fetch(", "XMLHttp"] { #expect(!html.contains(word)) }
    #expect(page.all("meta").contains { $0.attributes["content"]?.hasPrefix("default-src 'none'") == true })
  }

  @Test func `shows measures with their uncertainty, the verdict, the instruction and what diameter means`()
    throws
  {
    var report = ReportSamples.report(ReportSamples.three)
    report.failsAt = 2
    let words = try PageReader(report.html).words
    for text in [
      "3.20 ± 0.12", "Fail", "The part fails with 2 or more", "only defects with diameter > 2 mm",
      "diameter above 2 mm", "“Diameter” is the equivalent diameter", "above 2 mm", "within ± of 2 mm",
      "0.5 × 0.5 × 0.5 mm", "2 missing", "voxels of 0.5 mm are too coarse", "surface-breaking",
      "Limit > 2 mm",
    ] { #expect(words.contains(text), "\(text)") }
    report.failsAt = 3
    #expect(try PageReader(report.html).words.contains("Pass"))
    #expect(!words.contains("clinical"))
  }

  @Test func `lets no name out of its place`() throws {
    var report = ReportSamples.report([ReportSamples.entry(1, diameter: 3, name: Self.hostile)])
    report.source = Self.hostile
    report.name = Self.hostile
    report.sweep.format = Self.hostile
    report.sweep.precision = .lossy(Self.hostile)
    report.layers = .init(
      system: Self.hostile, input: Self.hostile, constraint: Self.hostile, output: Self.hostile)
    report.understood = (Self.hostile, Self.hostile)
    report.limits[0].text = Self.hostile
    report.findings = [.init(code: Self.hostile, text: Self.hostile)]
    let page = try PageReader(report.html)
    #expect(page.all("script").count == 3)
    #expect(page.all("img").isEmpty)
    #expect(page.all("h1").count == 1 && page.all("bdi").contains { $0.text == Self.hostile })
    let text = try #require(page.text(ofID: "data"))
    let data = try JSONReader.read(Array(text.utf8))
    #expect(data.items?.first?.items?[1].text == Self.hostile)
  }

  @Test func `is Chinese all through`() throws {
    for (failsAt, precision) in [(1, .eightBit), (9, .lossy("h264")), (nil, .exact)]
      as [(Int?, SweepDescription.Precision)]
    {
      for spacing in [ReportSamples.spacing, nil] {
        var report = ReportSamples.report(
          ReportSamples.three, tongue: .zh, spacing: spacing, precision: precision)
        (report.name, report.source, report.failsAt, report.isMedical) = ("铸件", "扫描", failsAt, true)
        report.sweep.format = "原始"
        report.layers = .init(constraint: "直径大于 2")
        report.understood = ("2", "直径大于 2")
        report.limits[0].text = "> 2"
        report.findings = (0..<20).map { _ in .init(code: "1", text: "缺失") }
        report.maps = ReportSamples.maps
        let allowed: Set = ["mm", "JSON", "CSV", "Saccade", "JavaScript", "x", "y", "z", "h", "defect"]
        let latin = try PageReader(report.html).words.split { !($0.isASCII && $0.isLetter) }.map(String.init)
        #expect(Set(latin).subtracting(allowed).isEmpty, "\(Set(latin).subtracting(allowed))")
      }
    }
  }

  @Test(arguments: Tongue.allCases)
  func `measures in voxels without a spacing`(tongue: Tongue) throws {
    let report = ReportSamples.report(ReportSamples.three, tongue: tongue, spacing: nil)
    var plain = report
    plain.findings = []
    let words = try PageReader(plain.html).words
    #expect(!words.contains("mm"))
    #expect(words.contains(tongue == .en ? "voxel³" : "体素³"))
  }

  @Test(arguments: Tongue.allCases)
  func `marks a medical scan on screen and on every sheet of paper`(tongue: Tongue) throws {
    var report = ReportSamples.report([], tongue: tongue)
    report.isMedical = true
    let page = try PageReader(report.html)
    let mark = tongue == .en ? "Not for clinical use. For research only." : "不可用于临床，仅供研究。"
    #expect(page.all("p").contains { $0.text == mark })
    #expect(page.all("style").first?.text.contains("@bottom-left { content: \"\(mark)\"") == true)
  }

  @Test func `of an empty part says so`() throws {
    let page = try PageReader(ReportSamples.report([]).html)
    #expect(page.words.contains("No defects were found."))
    #expect(page.all("table").isEmpty && page.all("circle").isEmpty && page.all("script").count == 1)
  }

  @Test func `marks each measure of a scan that isn't exact`() throws {
    let exact = try PageReader(ReportSamples.report(ReportSamples.three).html)
    let lossy = try PageReader(ReportSamples.report(ReportSamples.three, precision: .eightBit).html)
    #expect(exact.all("sup").isEmpty)
    // The largest one, and diameter and volume of each.
    #expect(lossy.all("sup").count == 7)
    #expect(lossy.words.contains("only 8 bits"))
  }

  @Test func `holds three thousand defects with pictures in some megabytes`() throws {
    let picture = ReportSamples.picture(side: 48)
    let entries = (1...3000).map {
      ReportSamples.entry($0, diameter: 0.3 + Double($0 % 97) / 20, picture: picture)
    }
    var report = ReportSamples.report(entries)
    report.maps = ReportSamples.maps
    let html = report.html
    #expect(html.utf8.count < 18_000_000)
    let page = try PageReader(html)
    #expect(rows(page).count == 3000)
    // Every defect is in one bar of the histogram.
    let bars = page.all("title").compactMap { Int($0.text.split(separator: " ").last ?? "") }
    #expect(bars.reduce(0, +) == 3000)
  }

  @Test func `lists the reported and the largest of very many, and says so`() throws {
    let entries = (1...5200).map {
      ReportSamples.entry($0, diameter: $0 <= 4000 ? 1 + Double($0) / 10000 : 3)
    }
    let page = try PageReader(ReportSamples.report(entries).html)
    let listed = rows(page).compactMap { $0.attributes["id"].flatMap { Int($0.dropFirst()) } }
    #expect(listed == Array(201...5200))
    #expect(page.words.contains("This page lists 5000 of 5200 defects"))
  }
}
