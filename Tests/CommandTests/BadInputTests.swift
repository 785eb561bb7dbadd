import Foundation
import TestKit
import Testing

/// An input that is no video, and what its user is told.
struct BadInput: CustomTestStringConvertible, Sendable {
  enum Make: Sendable {
    case nothing, folder
    case text(String)
    case bytes(Int)
    case ffmpeg([String])
    /// The first so many bytes of a recording whose index is at its end.
    case truncated(Int)
  }

  let name: String
  let make: Make
  let code: Int32
  /// One of them stands in the message.
  let words: [String]

  var testDescription: String { name }
}

// One after the other: each starts processes that keep a core busy.
@Suite("An input that is no video", .serialized)
struct BadInputTests {
  static let inputs: [BadInput] = [
    BadInput(name: "missing.mp4", make: .nothing, code: 66, words: ["No such file"]),
    BadInput(name: "folder", make: .folder, code: 66, words: ["folder"]),
    BadInput(
      name: "notes.txt", make: .text("Dear diary,\nnothing moved.\n"), code: 65,
      words: ["text", "Invalid data"]),
    BadInput(
      name: "notes.mp4", make: .text("Dear diary,\nnothing moved.\n"), code: 65,
      words: ["Invalid data", "moov"]),
    BadInput(name: "empty.mp4", make: .text(""), code: 65, words: ["empty", "ended", "Invalid data"]),
    BadInput(name: "zeroes.bin", make: .bytes(65536), code: 65, words: ["Invalid data", "no video"]),
    BadInput(
      name: "sound.m4a", make: .ffmpeg(["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac"]), code: 65,
      words: ["no video"]),
    BadInput(name: "truncated.mp4", make: .truncated(20_000), code: 65, words: ["moov", "Invalid data"]),
  ]

  private func make(_ input: BadInput, in folder: Folder) async throws -> String {
    let path = folder.file(input.name)
    switch input.make {
    case .nothing: break
    case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    case .text(let text): try text.write(toFile: path, atomically: true, encoding: .utf8)
    case .bytes(let count): try Data(count: count).write(to: URL(fileURLWithPath: path))
    case .ffmpeg(let arguments): try await Clip.make(path, arguments)
    case .truncated(let bytes):
      let whole = folder.file("whole.mp4")
      try await Clip.walk(whole, seconds: 2)
      let data = try Data(contentsOf: URL(fileURLWithPath: whole))
      try #require(data.count > bytes)
      try data.prefix(bytes).write(to: URL(fileURLWithPath: path))
    }
    return path
  }

  @Test("is refused by analyze with its own message and exit code, without a record", arguments: inputs)
  func analyze(_ input: BadInput) async throws {
    let folder = try Folder()
    let path = try await make(input, in: folder)
    let ended = try await Command.run(["analyze", path])
    #expect(ended.code == input.code, "\(ended.error)")
    #expect(ended.output.isEmpty)
    #expect(input.words.contains { ended.error.contains($0) }, "\(ended.error)")
    #expect(ended.error.contains(input.name))
  }

  @Test("is refused by probe in the same way", arguments: inputs)
  func probe(_ input: BadInput) async throws {
    let folder = try Folder()
    let path = try await make(input, in: folder)
    let ended = try await Command.run(["probe", path])
    #expect(ended.code == input.code, "\(ended.error)")
    #expect(input.words.contains { ended.error.contains($0) }, "\(ended.error)")
  }

  @Test("leaves the file for the records alone")
  func keepsResults() async throws {
    let folder = try Folder(["old.ndjson": "precious\n"])
    let ended = try await Command.run(
      ["analyze", folder.file("missing.mp4"), "--out", folder.file("old.ndjson")])
    #expect(ended.code == 66)
    #expect(try folder.text("old.ndjson") == "precious\n")
  }

  @Test("is never the output, too")
  func overwriting() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("a.mp4"), seconds: 1)
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.mp4")))
    for option in ["--out", "--overlay"] {
      let ended = try await Command.run(["analyze", "a.mp4", option, "./a.mp4"], in: folder.path)
      #expect(ended.code == 64)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("a.mp4"))) == before)
  }

  @Test("without a camera behind it, ends probe with 69 within its time")
  func noCamera() async throws {
    // Port 9 of this machine: nobody listens there.
    let ended = try await Command.run(["probe", "rtsp://admin:hunter2@127.0.0.1:9/stream"])
    #expect(ended.code == 69, "\(ended.error)")
    #expect(!ended.error.contains("hunter2"))
    #expect(!ended.output.contains("hunter2"))
  }
}

@Suite("An unusual video")
struct OddInputTests {
  @Test("of one pixel is analysed like any other")
  func onePixel() async throws {
    let folder = try Folder()
    try await Clip.make(
      folder.file("dot.mkv"),
      [
        "-f", "rawvideo", "-pixel_format", "gray", "-video_size", "1x1", "-framerate", "30", "-i",
        "/dev/zero",
        "-frames:v", "30", "-c:v", "ffv1",
      ])
    let ended = try await Command.run(["analyze", folder.file("dot.mkv")])
    #expect(ended.code == 0, "\(ended.error)")
    #expect(ended.lines.filter { $0.hasPrefix("{\"type\":\"frame\"") }.count == 30)
  }

  @Test("that ends in the middle of a frame gives the records up to there")
  func cutOff() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("whole.ts"), seconds: 3)
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("whole.ts")))
    try data.prefix(data.count * 2 / 3).write(to: URL(fileURLWithPath: folder.file("cut.ts")))
    let ended = try await Command.run(["analyze", folder.file("cut.ts")])
    #expect(ended.code == 0, "\(ended.error)")
    #expect((40...80).contains(ended.lines.filter { $0.hasPrefix("{\"type\":\"frame\"") }.count))
  }
}
