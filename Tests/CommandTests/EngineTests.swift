import Foundation
import TestKit
import Testing

@Suite("saccade engines and setup")
struct EngineTests {
  @Test func `say where OpenVINO was looked for when it isn't there`() async throws {
    let folder = try Folder()
    let ended = try await Command.run(["engines"], environment: ["SACCADE_OPENVINO": folder.path])
    #expect(ended.code == 69)
    #expect(ended.output.isEmpty)
    #expect(ended.error.contains(folder.path + " (SACCADE_OPENVINO)"))
    #expect(ended.error.contains("saccade setup openvino"))
  }

  @Test func `say so to programs too`() async throws {
    let folder = try Folder()
    let ended = try await Command.run(["engines", "--json"], environment: ["SACCADE_OPENVINO": folder.path])
    #expect(ended.code == 69)
    let object = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: [String: Any]]
    #expect(object?["openvino"]?["works"] as? Bool == false)
    #expect((object?["openvino"]?["error"] as? String)?.contains(folder.path) == true)
  }

  @Test(arguments: ["half", "0 %", "120 %", "0.4", "-3 %", "%"])
  func `refuse a share that detectors can't have`(_ share: String) async throws {
    let folder = try Folder(["a.yaml": "source: a.mp4\n"])
    let run = ["run", folder.file("a.yaml"), "--socket", folder.file("s")]
    let option = try await Command.run(run + ["--detector-share=" + share])
    #expect(option.code == 64 && option.error.contains("detector-share"), "\(option.error)")
    let variable = try await Command.run(run, environment: ["SACCADE_DETECTOR_SHARE": share])
    #expect(variable.code == 64, "\(variable.error)")
    #expect(variable.error.contains("SACCADE_DETECTOR_SHARE") || variable.error.contains("detector-share"))
  }

  @Test func `say that a library isn't OpenVINO's`() async throws {
    let folder = try Folder(["libopenvino_c.so.1": "no library"])
    let ended = try await Command.run(["engines"], environment: ["SACCADE_OPENVINO": folder.path])
    #expect(ended.code == 69)
    #expect(ended.error.contains("can't be loaded"))
    #expect(ended.error.contains(folder.file("libopenvino_c.so.1")))
  }

  @Test func `need python3 and its pip to install it`() async throws {
    let folder = try Folder(["python3": "#!/bin/sh\nexit 1\n"])
    var ended = try await Command.run(
      ["setup", "openvino", "--folder", folder.file("ov")], environment: ["PATH": folder.path])
    #expect(ended.code == 69)
    #expect(ended.error.contains("python3 isn't there"))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file("python3"))
    ended = try await Command.run(
      ["setup", "openvino", "--folder", folder.file("ov")], environment: ["PATH": folder.path])
    #expect(ended.code == 69)
    #expect(ended.error.contains("no pip"))
    #expect(ended.error.contains("python3-pip"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("ov")))
  }

  @Test func `say what to do without network, and leave nothing behind`() async throws {
    // Has pip, and gets nothing by it.
    let folder = try Folder(["python3": "#!/bin/sh\n[ \"$1\" = -c ]\n", "ov": "in the way"])
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file("python3"))
    var ended = try await Command.run(
      ["setup", "openvino", "--folder", folder.file("new/ov")], environment: ["PATH": folder.path])
    #expect(ended.code == 69)
    #expect(ended.error.contains("pip could not install openvino=="))
    #expect(ended.error.contains("--wheel"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("new/ov.part")))
    ended = try await Command.run(
      ["setup", "openvino", "--folder", folder.file("ov/below")], environment: ["PATH": folder.path])
    #expect(ended.code == 73)
    #expect(ended.error.contains("--folder"))
  }
}
