import Foundation
import TestKit
import Testing

@Suite("saccade engines, with OpenVINO", .enabled(if: Engine.isAsked, Engine.comment))
struct EngineCommandTests {
  /// It lies beside the bundle of the tests.
  static let saccade: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("saccade").path
  }()

  private func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws
    -> RunningCommand.Output
  {
    try await RunningCommand(Self.saccade, arguments, environment: environment).end(within: 300)
  }

  @Test func `shows version, place and devices`() async throws {
    let folder = try #require(Engine.folder) + "/openvino"
    let shown = try await run(["engines"], ["SACCADE_OPENVINO": folder])
    #expect(shown.code == 0, "\(shown.error)")
    #expect(shown.output.contains("OpenVINO 20"))
    #expect(shown.output.contains("(SACCADE_OPENVINO)"))
    #expect(shown.output.contains("\n  CPU: "))
    let told = try await run(["engines", "--json"], ["SACCADE_OPENVINO": folder])
    let object = try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: [String: Any]]
    #expect(object?["openvino"]?["works"] as? Bool == true)
    let devices = object?["openvino"]?["devices"] as? [[String: Any]]
    #expect(devices?.contains { $0["name"] as? String == "CPU" && $0["works"] as? Bool == true } == true)
  }

  @Test func `has nothing to set up where it works`() async throws {
    let folder = try #require(Engine.folder) + "/openvino"
    // Without a PATH there is no python3 to install with.
    let ended = try await run(["setup", "openvino", "--folder", folder], ["PATH": "/nowhere"])
    #expect(ended.code == 0, "\(ended.error)")
    #expect(ended.output.contains("already in \(folder)"))
  }
}
