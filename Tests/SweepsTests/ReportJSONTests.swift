import Events
import Sweeps
import Testing

@Suite("a report as JSON")
struct ReportJSONTests {
  private func read(_ report: SweepReport) throws -> JSON { try JSONReader.read(Array(report.json.utf8)) }

  private func keys(_ value: JSON?) -> [String] { value?.fields?.map(\.key) ?? [] }

  @Test func `has every key of its schema, in its order`() throws {
    let json = try read(ReportSamples.report(ReportSamples.three))
    #expect(
      keys(json) == [
        "report", "saccade", "name", "use", "instruction", "diameter_means", "limits", "scan", "verdict",
        "holes",
        "specks", "defects",
      ])
    #expect(keys(json["instruction"]) == ["system", "input", "constraint", "output", "understood"])
    #expect(keys(json["instruction"]?["understood"]) == ["expression", "sentence"])
    #expect(keys(json["limits"]?.items?.first) == ["measure", "text", "value_mm"])
    #expect(
      keys(json["scan"]) == [
        "source", "format", "precision", "slices", "missing", "size", "spacing_mm", "air", "material",
        "noise",
        "edge_sigma_voxels", "findings",
      ])
    #expect(keys(json["scan"]?["findings"]?.items?.first) == ["code", "text"])
    #expect(keys(json["verdict"]) == ["reported", "undecided", "fails_at", "result"])
    #expect(
      keys(json["defects"]?.items?.first) == [
        "id", "event", "kind", "location", "reported", "verdict", "verdicts", "slices", "box_voxel",
        "centroid_mm", "depth_mm", "diameter_mm", "diameter_u_mm", "volume_mm3", "volume_u_mm3",
        "length_u_mm", "feret_mm",
        "enclosing_diameter_mm", "surface_mm2", "surface_u_mm2", "sphericity", "sphericity_u", "compactness",
        "compactness_u", "gap_mm", "neighbour_gap_mm",
        "contrast", "probability", "voxels", "floor",
      ])
  }

  @Test func `says what was found, in order of ids`() throws {
    let json = try read(ReportSamples.report(ReportSamples.three))
    let defects = try #require(json["defects"]?.items)
    #expect(defects.map { $0["id"]?.integer } == [1, 2, 3])
    #expect(defects.map { $0["event"]?.text } == ["defect-1", "defect-2", "defect-3"])
    #expect(defects.map { $0["kind"]?.text } == ["crack", "inclusion", "pore"])
    #expect(defects.map { $0["location"]?.text } == ["surface_breaking", "truncated", "internal"])
    #expect(defects.map { $0["verdict"]?.text } == ["above", "undecided", "below"])
    #expect(defects.map { $0["reported"]?.flag } == [true, true, false])
    #expect(defects.map { $0["floor"]?.text } == ["estimated", "measured", "estimated"])
    #expect(defects[0]["diameter_mm"] == 3.2)
    #expect(defects[0]["diameter_u_mm"] == 0.12)
    #expect(defects[0]["neighbour_gap_mm"] == .null)
    #expect(defects[1]["gap_mm"] == .null)
    #expect(defects[0]["centroid_mm"] == [21.0, 31.25, 1.5])
    #expect(defects[0]["box_voxel"] == [40, 60, 1, 5, 7, 5])
    #expect(defects[0]["slices"] == [1, 5])
    #expect(json["verdict"] == ["reported": 2, "undecided": 1, "fails_at": .null, "result": .null])
    #expect(json["scan"]?["size"] == [224, 200, 140])
    #expect(json["scan"]?["spacing_mm"] == [0.5, 0.5, 0.5])
    #expect(json["scan"]?["material"] == 28081.5)
    #expect(json["limits"] == [["measure": "diameter", "text": "> 2 mm", "value_mm": 2.0]])
    #expect(json["use"] == "industrial")
  }

  @Test(arguments: [(1, "fail"), (2, "fail"), (3, "pass")])
  func `passes with fewer reported than the limit`(failsAt: Int, result: String) throws {
    var report = ReportSamples.report(ReportSamples.three)
    report.failsAt = failsAt
    let verdict = try #require(try read(report)["verdict"])
    #expect(verdict["fails_at"]?.integer == Int64(failsAt))
    #expect(verdict["result"]?.text == result)
  }

  @Test func `has no millimetres without a spacing`() throws {
    let text = ReportSamples.report(ReportSamples.three, spacing: nil).json
    let json = try JSONReader.read(Array(text.utf8))
    #expect(json["scan"]?["spacing_mm"] == .null)
    #expect(text.components(of: "_mm") == ["spacing"])
    let defect = try #require(json["defects"]?.items?.first)
    for key in [
      "centroid_voxel", "depth_voxel", "diameter_voxel", "diameter_u_voxel", "volume_voxel3",
      "volume_u_voxel3", "length_u_voxel", "feret_voxel", "enclosing_diameter_voxel", "surface_voxel2",
      "gap_voxel",
      "neighbour_gap_voxel",
    ] { #expect(defect[key] != nil, "\(key)") }
    #expect(keys(json["limits"]?.items?.first) == ["measure", "text", "value_voxel"])
  }

  @Test func `marks every measure of a scan that isn't exact`() throws {
    let lossy = try read(ReportSamples.report(ReportSamples.three, precision: .lossy("h264")))
    #expect(lossy["scan"]?["precision"] == "lossy (h264)")
    #expect(lossy["defects"]?.items?.allSatisfy { $0["precision"] == "lossy (h264)" } == true)
    let eight = try read(ReportSamples.report(ReportSamples.three, precision: .eightBit))
    #expect(eight["defects"]?.items?.first?["precision"] == "8 bit")
  }

  @Test func `keeps the digits of small voxels`() throws {
    var entry = ReportSamples.entry(1, diameter: 0.012_345)
    entry.defect.volume = 0.000_000_985
    let json = try read(
      ReportSamples.report([entry], spacing: .init(x: 0.002, y: 0.002, z: 0.002)))
    let defect = try #require(json["defects"]?.items?.first)
    #expect(defect["diameter_mm"]?.number == 0.012_35)
    #expect(defect["volume_mm3"]?.number == 0.000_000_985)
  }

  @Test func `of an empty part, of all, of a medical scan`() throws {
    var report = ReportSamples.report([])
    report.understood = nil
    report.limits = []
    report.layers = .init()
    report.isMedical = true
    report.air = nil
    let json = try read(report)
    #expect(json["defects"] == [])
    #expect(json["limits"] == [])
    #expect(json["instruction"]?["understood"] == .null)
    #expect(json["instruction"]?["constraint"] == .null)
    #expect(json["use"] == "research, not for clinical use")
    #expect(json["scan"]?["air"] == .null)
  }

  @Test func `holds names as they are`() throws {
    let name = "a \"b\", c\n</script>中文\u{1}\\"
    var report = ReportSamples.report([ReportSamples.entry(1, diameter: 3, name: name)])
    report.source = name
    let json = try read(report)
    #expect(json["scan"]?["source"]?.text == name)
    #expect(json["defects"]?.items?.first?["event"]?.text == name)
  }

  @Test func `comes in pieces`() {
    let report = ReportSamples.report((1...2000).map { ReportSamples.entry($0, diameter: 2.5) })
    for form in SweepReport.Form.allCases {
      var (longest, total) = (0, 0)
      report.write(as: form) {
        longest = max(longest, $0.count)
        total += $0.count
      }
      #expect(longest < 100_000 && total > 2000 * 100, "\(form)")
    }
  }
}

extension String {
  /// The word characters before each place where `end` stands.
  fileprivate func components(of end: String) -> [String] {
    var found: [String] = []
    var rest = self[...]
    while let place = rest.firstRange(of: end) {
      found.append(String(rest[..<place.lowerBound].suffix { $0.isLetter || $0 == "_" }))
      rest = rest[place.upperBound...]
    }
    return found
  }
}

extension Substring {
  fileprivate func suffix(_ fits: (Character) -> Bool) -> Substring {
    var start = endIndex
    while start > startIndex, fits(self[index(before: start)]) { start = index(before: start) }
    return self[start...]
  }
}
