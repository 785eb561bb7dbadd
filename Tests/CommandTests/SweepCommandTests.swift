import Foundation
import TestKit
import Testing

@Suite("saccade analyze of a sweep", .serialized)
struct SweepCommandTests {
  private static let sample = Command.root + "/samples/casting.tif"
  private static let pipeline = Command.root + "/pipelines/ct-industrial.yaml"

  @Test("writes records while it runs and reports in the end, in each form that it is asked for")
  func reports() async throws {
    let folder = try Folder()
    let ended = try await Command.run([
      "analyze", "--pipeline", Self.pipeline, "--report", folder.path + "/r.html", "--report",
      folder.path + "/r.json", "--report", folder.path + "/r.csv",
    ])
    #expect(ended.code == 0, "\(ended.error)")
    let records = try Record.all(in: ended)
    #expect(records.count { $0.type == "frame" } == 64)
    let slice = try #require(records.first?["slice"] as? [String: Any])
    #expect(slice["source"] as? String == "casting.tif#1")
    let ends = records.filter { $0.kind == "defect" && $0.phase == "end" }
    #expect(ends.count == 5)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder.path + "/r.json")))
        as? [String: Any])
    let defects = try #require(report["defects"] as? [[String: Any]])
    #expect(defects.count { $0["reported"] as? Bool == true } == 5)
    let csv = try String(contentsOfFile: folder.path + "/r.csv", encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == defects.count + 1)
    let page = try String(contentsOfFile: folder.path + "/r.html", encoding: .utf8)
    #expect(page.contains("only report defects with diameter &gt; 2 mm"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
  }

  @Test("ends with 1 where more is reported than may be", arguments: [(5, Int32(1)), (6, 0)])
  func limit(count: Int, code: Int32) async throws {
    let ended = try await Command.run(["analyze", "--pipeline", Self.pipeline, "--limit-fail", "\(count)"])
    #expect(ended.code == code, "\(ended.error)")
    #expect(ended.lines.count > 64)
  }

  @Test("is probed as what it is, and isn't run")
  func probe() async throws {
    let probed = try await Command.run(["probe", Self.pipeline, "--json"])
    #expect(probed.code == 0 && probed.output.contains("\"slices\":64"))
    let run = try await Command.run(["run", Self.pipeline])
    #expect(run.code == 78 && run.error.contains("saccade analyze"))
    let explained = try await Command.run(["explain", Self.pipeline])
    #expect(explained.output.contains("diameter above 2 mm"))
    let checked = try await Command.run(["check", Self.pipeline])
    #expect(checked.code == 0 && checked.output.contains("a CT sweep"))
  }

  @Test("knows a sweep by its bytes, and takes its spacing and constraint from the command line")
  func options() async throws {
    let ended = try await Command.run([
      "analyze", Self.sample, "--spacing", "0.5", "--constraint", "仅报告直径大于3mm的缺陷", "--output", "text",
    ])
    #expect(ended.code == 0, "\(ended.error)")
    #expect(ended.lines.count { $0.contains("end  defect") } == 3)
    let without = try await Command.run(["analyze", Self.sample, "--constraint", "diameter > 3 mm"])
    #expect(without.code == 78)
    #expect(without.error.contains("--spacing x,y,z"))
  }

  @Test(
    "refuses what it can't do, with what and where",
    arguments: [
      (["--spacing", "1,2"], Int32(64), "--spacing takes"), (["--report", "r.pdf"], 64, "--report takes"),
      (["--limit-fail", "0"], 64, "--limit-fail takes"),
      (["--overlay", "o.mp4"], 64, "--overlay is for recordings"),
      (["--report", "/nowhere/r.html"], 73, "can't write the report"), (["--out", sample], 64, "overwrite"),
      (["--constraint", "diameter > 2 s"], 64, "diameter"),
    ])
  func wrong(options: [String], code: Int32, told: String) async throws {
    let ended = try await Command.run(["analyze", Self.sample] + options)
    #expect(ended.code == code)
    #expect(ended.error.contains(told), "\(ended.error)")
  }

  @Test("names the file and the fault where there is no sweep")
  func nothing() async throws {
    let folder = try Folder()
    let empty = try await Command.run(["analyze", folder.path])
    #expect(empty.code != 0 && empty.error.contains(folder.path))
    let file = folder.path + "/a.mhd"
    try Data("NDims = 3\nDimSize = 5 5 5\n".utf8).write(to: URL(fileURLWithPath: file))
    let broken = try await Command.run(["analyze", file])
    #expect(broken.code != 0 && broken.error.contains("a.mhd"))
  }
}
