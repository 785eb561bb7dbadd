import Sweeps
import Testing

@Suite("a report as CSV")
struct ReportCSVTests {
  /// Rows of cells by RFC 4180; nil where it is broken.
  private func read(_ text: String) -> [[String]]? {
    var (rows, row, cell): ([[String]], [String], [UInt8]) = ([], [], [])
    var rest = Array(text.utf8)[...]
    func ended(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""):
        guard cell.isEmpty else { return nil }
        while true {
          guard let inner = rest.popFirst() else { return nil }
          if inner != UInt8(ascii: "\"") {
            cell.append(inner)
          } else if rest.first == inner {
            cell.append(rest.removeFirst())
          } else {
            break
          }
        }
        guard rest.first == UInt8(ascii: ",") || rest.first == 13 else { return nil }
      case UInt8(ascii: ","):
        row.append(ended(cell))
        cell = []
      case 13:
        guard rest.popFirst() == 10 else { return nil }
        rows.append(row + [ended(cell)])
        (row, cell) = ([], [])
      case 10: return nil
      default: cell.append(byte)
      }
    }
    return row.isEmpty && cell.isEmpty ? rows : nil
  }

  private func columns(_ report: SweepReport) throws -> [[String: String]] {
    let rows = try #require(read(report.csv))
    let names = rows[0]
    #expect(Set(names).count == names.count)
    return rows.dropFirst().map { row in
      #expect(row.count == names.count)
      return Dictionary(uniqueKeysWithValues: zip(names, row))
    }
  }

  @Test func `has a row for each defect in order of ids, with units in the names`() throws {
    let rows = try columns(ReportSamples.report(ReportSamples.three))
    #expect(rows.map { $0["id"] } == ["1", "2", "3"])
    #expect(rows.map { $0["reported"] } == ["true", "true", "false"])
    #expect(rows.map { $0["verdict"] } == ["above", "undecided", "below"])
    #expect(rows[0]["diameter_mm"] == "3.2")
    #expect(rows[0]["diameter_u_mm"] == "0.12")
    #expect(rows[0]["box_height_voxel"] == "7")
    #expect(rows[0]["neighbour_gap_mm"] == "")
    #expect(rows[1]["gap_mm"] == "")
    #expect(rows[0]["precision"] == "exact")
    #expect(rows[0]["floor"] == "estimated")
  }

  @Test func `names voxels where there is no spacing`() throws {
    let rows = try columns(ReportSamples.report(ReportSamples.three, spacing: nil))
    #expect(rows[0]["volume_voxel3"] != nil && rows[0]["surface_voxel2"] != nil)
    #expect(rows[0].keys.allSatisfy { !$0.contains("_mm") })
  }

  @Test(arguments: ["a,b", "a \"b\"", "\"", "two\nlines", "two\r\nlines", "é\"\u{301},", "直径", ""])
  func `quotes what would break a cell`(name: String) throws {
    let rows = try columns(ReportSamples.report([ReportSamples.entry(7, diameter: 3, name: name)]))
    #expect(rows.map { $0["event"] } == [name])
  }

  @Test func `has a verdict for each limit`() throws {
    var report = ReportSamples.report(ReportSamples.three)
    report.limits.append(.init(fact: .sphericity, text: "< 0.5", value: 0.5))
    for index in report.entries.indices { report.entries[index].verdicts.append(index == 0 ? nil : .above) }
    let rows = try columns(report)
    #expect(rows.map { $0["verdict_2"] } == ["above", "above", ""])
  }

  @Test func `of an empty part is a line of names`() throws {
    #expect(read(ReportSamples.report([]).csv)?.count == 1)
  }
}
