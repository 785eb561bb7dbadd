import Base
import Foundation
import Media
import Testing

/// What a reader gave.
struct Watched {
  var frames: [FrameInfo] = []
  var events: [SourceEvent] = []
  var ending: FrameReader.Ending?
  var fault: Fault?
  var counts = ReaderCounts()
  var warnings: [String] = []

  var times: [Double] { frames.map { ($0.time.seconds * 1e6).rounded() / 1e6 } }
  var reasons: [Discontinuity] {
    events.compactMap { if case .discontinuity(_, let why) = $0 { why } else { nil } }
  }
  var losses: [Fault] { events.compactMap { if case .lost(let fault, _) = $0 { fault } else { nil } } }
}

/// Reads a source to its end, or until `enough` says so.
func watch(
  _ reader: FrameReader, enough: (Watched) -> Bool = { _ in false },
  each: (borrowing VideoFrame) -> Void = { _ in }
) -> Watched {
  var watched = Watched()
  do {
    watched.ending = try reader.run(
      deliver: { frame in
        watched.frames.append(frame.info)
        each(frame)
        return !enough(watched)
      },
      changed: { event in
        watched.events.append(event)
        if enough(watched) { reader.stop() }
      })
  } catch {
    watched.fault = error
  }
  watched.counts = reader.counts
  watched.warnings = reader.warnings
  return watched
}

func watch(
  _ url: String, each: (borrowing VideoFrame) -> Void = { _ in },
  configure: (inout SourceConfiguration) -> Void = { _ in }
) -> Watched {
  var configuration = SourceConfiguration(url: url)
  configure(&configuration)
  return watch(FrameReader(configuration, clocks: SystemClocks()), each: each)
}

/// A folder that is gone when the test is.
final class Folder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "saccade-media-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: self(name)))
    return self(name)
  }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: self(name)))) }

  /// Makes a clip with the ffmpeg program, which only tests use. `arguments` are split at blanks.
  @discardableResult
  func ffmpeg(_ arguments: String, to name: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments.split(separator: " ").map(String.init) + [
        self(name)
      ]
    process.currentDirectoryURL = URL(filePath: path)
    let log = self("ffmpeg.log")
    #expect(FileManager.default.createFile(atPath: log, contents: nil))
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    process.waitUntilExit()
    let said = try String(contentsOfFile: log, encoding: .utf8)
    try #require(process.terminationStatus == 0, "ffmpeg \(arguments): \(said)")
    return self(name)
  }
}
