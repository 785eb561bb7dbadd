import Foundation
import TestKit
import Testing

/// What `make install` puts where, and whether systemd likes it.
@Suite("make install", .serialized)
struct InstallTests {
  private static let analyzer = "/usr/bin/systemd-analyze"
  private static let hasAnalyzer = FileManager.default.isExecutableFile(atPath: analyzer)
  private static let isMade = ["saccade", "libSaccadeSlices.so"].allSatisfy {
    FileManager.default.fileExists(atPath: Command.root + "/.build/release/" + $0)
  }

  private func make(_ arguments: String) async throws {
    let made = try await Command.shell("make -s -C '\(Command.root)' \(arguments)")
    try #require(made.code == 0, "\(made.error)")
  }

  private func files(_ folder: String) throws -> Set<String> {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
    return Set(
      paths.filter {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: folder + "/" + $0, isDirectory: &isFolder)
          && !isFolder.boolValue
      })
  }

  @Test("fills DESTDIR as a package would be, and uninstall empties it", .enabled(if: isMade))
  func destination() async throws {
    let folder = try Folder()
    try await make("install DESTDIR=\(folder.path) PREFIX=/usr")
    let installed = try files(folder.path)
    #expect(
      installed.isSuperset(of: [
        "usr/bin/saccade", "usr/lib/saccade/libSaccadeSlices.so", "usr/lib/systemd/system/saccade.service",
        "usr/lib/systemd/system/saccade@.service", "usr/lib/systemd/system/saccade.socket",
        "usr/lib/sysusers.d/saccade.conf", "usr/lib/tmpfiles.d/saccade.conf",
        "usr/share/saccade/pipelines/camera.yaml",
      ]))
    // Nothing lands in places that belong to the operator.
    #expect(installed.allSatisfy { $0.hasPrefix("usr/") })
    let unit = try folder.text("usr/lib/systemd/system/saccade.service")
    #expect(unit.contains("ExecStart=/usr/bin/saccade run"))
    try await make("uninstall DESTDIR=\(folder.path) PREFIX=/usr")
    #expect(try files(folder.path).isEmpty)
  }

  @Test(
    "gives units that start the program of the prefix, without a word from systemd-analyze verify",
    .enabled(if: isMade && hasAnalyzer))
  func verified() async throws {
    let folder = try Folder()
    try await make("install PREFIX=\(folder.path)")
    let units = ["saccade.service", "saccade@.service", "saccade.socket"].map {
      folder.file("lib/systemd/system/" + $0)
    }
    let unit = try folder.text("lib/systemd/system/saccade.service")
    #expect(unit.contains("ExecStart=\(folder.path)/bin/saccade run"))
    let verified = try await Command.shell("\(Self.analyzer) verify --man=no \(units.joined(separator: " "))")
    #expect(verified.code == 0)
    #expect(verified.output + verified.error == "")
  }

  @Test(
    "gives services whose exposure is at most 2.0", .enabled(if: hasAnalyzer),
    arguments: ["saccade.service", "saccade@.service"])
  func exposure(unit: String) async throws {
    let judged = try await Command.shell(
      "\(Self.analyzer) security --offline=true --threshold=20 '\(Command.root)/systemd/\(unit)'")
    #expect(judged.code == 0, "\(judged.output)\(judged.error)")
    #expect(judged.output.contains("Overall exposure level"))
  }

  @Test("leaves to services what cameras need", arguments: ["saccade.service", "saccade@.service"])
  func needs(unit: String) throws {
    let text = try String(contentsOfFile: Command.root + "/systemd/" + unit, encoding: .utf8)
    let lines = text.split(separator: "\n")
    for line in [
      "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "DeviceAllow=char-video4linux rw",
      "DeviceAllow=char-drm rw", "SupplementaryGroups=video render", "StateDirectory=saccade",
      "RestartPreventExitStatus=64 78", "Type=notify", "WatchdogSec=30",
    ] { #expect(lines.contains { $0 == line }, "\(line)") }
    for line in ["PrivateDevices=", "PrivateNetwork=", "IPAddressDeny="] {
      #expect(!lines.contains { $0.hasPrefix(line) }, "\(line)")
    }
  }
}
