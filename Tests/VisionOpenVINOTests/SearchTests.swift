import Base
import Foundation
import TestKit
import Testing
import VisionOpenVINO

@Suite("Looking for OpenVINO")
struct SearchTests {
  private let root = Scratch("openvino")

  @discardableResult
  private func library(_ path: String) throws -> String {
    let file = root.file(path)
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: file))
    return file
  }

  private func find(_ environment: [String: String], path: String? = nil) throws(Fault)
    -> OpenVINOSearch.Found
  {
    try OpenVINOSearch(path: path, environment: environment, root: root.path).find()
  }

  @Test(
    "finds the library below a folder",
    arguments: [
      "libopenvino_c.so.2641", "openvino/libs/libopenvino_c.so.2641", "libs/libopenvino_c.so",
      "runtime/lib/intel64/libopenvino_c.so.2025.4.0", "runtime/lib/aarch64/libopenvino_c.so",
      "lib/python3.12/site-packages/openvino/libs/libopenvino_c.so.2641",
    ])
  func below(_ path: String) throws {
    let file = try library("given/" + path)
    let folder = root.file("given")
    #expect(try find([:], path: folder) == .init(library: file, origin: "the path given"))
    #expect(try find([:], path: file).library == file)
    #expect(try find(["SACCADE_OPENVINO": folder]) == .init(library: file, origin: "SACCADE_OPENVINO"))
    #expect(try find(["VIRTUAL_ENV": folder]) == .init(library: file, origin: "VIRTUAL_ENV"))
  }

  @Test func `goes by the order of the places`() throws {
    let (home, data, environment) = (root.file("home"), root.file("data"), root.file("venv"))
    let variables = ["HOME": home, "XDG_DATA_HOME": data, "VIRTUAL_ENV": environment]
    let lib = "openvino/libs/libopenvino_c.so.2641"
    var expected = try library("usr/lib/x86_64-linux-gnu/libopenvino_c.so.2025.0.0")
    #expect(try find(variables) == .init(library: expected, origin: "the system"))
    expected = try library("venv/lib/python3.11/site-packages/\(lib)")
    #expect(try find(variables) == .init(library: expected, origin: "VIRTUAL_ENV"))
    expected = try library("var/lib/saccade/openvino/\(lib)")
    #expect(try find(variables) == .init(library: expected, origin: "saccade setup openvino"))
    expected = try library("home/.local/share/saccade/openvino/\(lib)")
    #expect(try find(["HOME": home]).library == expected)
    expected = try library("data/saccade/openvino/\(lib)")
    #expect(try find(variables).library == expected)
    expected = try library("mine/libopenvino_c.so.9")
    #expect(try find(variables.merging(["SACCADE_OPENVINO": root.file("mine")]) { $1 }).library == expected)
  }

  @Test func `takes the newest version of several`() throws {
    try library("given/libopenvino_c.so.2500")
    let newest = try library("given/libopenvino_c.so.2641")
    #expect(try find([:], path: root.file("given")).library == newest)
  }

  @Test func `ends at a path that the user gave, and says all places otherwise`() throws {
    try library("usr/lib/libopenvino_c.so")
    var fault = #expect(throws: Fault.self) { try find(["SACCADE_OPENVINO": root.file("nowhere")]) }
    #expect(fault?.code == .unavailable)
    #expect(fault?.cause?.contains(root.file("nowhere") + " (SACCADE_OPENVINO)") == true)
    try FileManager.default.removeItem(atPath: root.file("usr"))
    fault = #expect(throws: Fault.self) { try find(["HOME": "/home/u", "VIRTUAL_ENV": "/v"]) }
    for place in [
      "/home/u/.local/share/saccade/openvino (saccade setup openvino)", "/var/lib/saccade/openvino",
      "/v (VIRTUAL_ENV)",
      "/usr/lib/*-linux-gnu (the system)",
    ] {
      #expect(fault?.cause?.contains(place) == true)
    }
    #expect(fault?.advice?.contains("saccade setup openvino") == true)
  }

  @Test func `passes over paths that aren't absolute`() {
    let places = OpenVINOSearch(
      environment: ["HOME": "home", "XDG_DATA_HOME": "data", "VIRTUAL_ENV": "venv"]
    ).places
    #expect(places.allSatisfy { $0.path.hasPrefix("/") })
  }

  @Test func `refuses what is no library of OpenVINO's`() throws {
    let file = try library("libopenvino_c.so.1")
    var fault = #expect(throws: Fault.self) {
      try OpenVINORuntime(OpenVINOSearch.Found(library: file, origin: "test"))
    }
    #expect(fault?.code == .unavailable)
    #expect(fault?.place == file)
    fault = #expect(throws: Fault.self) {
      try OpenVINORuntime(OpenVINOSearch.Found(library: "libc.so.6", origin: "test"))
    }
    #expect(fault?.cause?.contains("ov_") == true)
  }
}
