import Base
import Foundation
import Media
import Testing

@Suite("inputs that can't be read")
struct BadInputTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func fault(_ path: String) throws -> Fault {
    let watched = watch(path)
    #expect(watched.frames.isEmpty)
    let fault = try #require(watched.fault)
    #expect(fault.place == path)
    #expect(fault.advice != nil)
    // The probe says the same.
    #expect(throws: Fault.self) { try Probe(SourceConfiguration(url: path), clocks: SystemClocks()).run() }
    return fault
  }

  @Test func `a missing file`() throws {
    let fault = try fault(folder("none.mp4"))
    #expect(fault.code == .noInput)
    #expect(fault.description.contains("there is no such file"))
  }

  @Test func `a folder`() throws {
    let fault = try fault(folder.path)
    #expect(fault.code == .noInput)
    #expect(fault.description.contains("this is a folder"))
  }

  @Test(arguments: ["notes.txt", "notes.mp4", "notes"]) func `a text file`(name: String) throws {
    let path = try folder.write(Array(String(repeating: "Dear diary, \n", count: 3000).utf8), to: name)
    #expect(try fault(path).code == .data)
  }

  @Test func `an empty file`() throws {
    #expect(try fault(try folder.write([], to: "empty.mp4")).code == .data)
  }

  @Test func `an MP4 cut before its index`() throws {
    try folder.ffmpeg("-f lavfi -i testsrc=s=160x120:r=25:d=2 -c:v libx264 -pix_fmt yuv420p", to: "whole.mp4")
    let whole = try folder.bytes("whole.mp4")
    let fault = try fault(try folder.write(Array(whole.prefix(whole.count / 2)), to: "cut.mp4"))
    #expect(fault.code == .data)
    #expect(fault.description.contains("moov"))
  }

  @Test func `an MP4 cut behind its index gives what there is, and says so`() throws {
    try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=25:d=4 -c:v libx264 -g 10 -pix_fmt yuv420p -movflags +faststart",
      to: "whole.mp4")
    let whole = try folder.bytes("whole.mp4")
    let watched = watch(try folder.write(Array(whole.prefix(whole.count * 2 / 3)), to: "cut.mp4"))
    #expect(watched.ending == .finished)
    #expect(watched.frames.count > 20 && watched.frames.count < 100)
  }

  @Test(arguments: ["sound.wav", "sound.mp3"]) func `sound without video`(name: String) throws {
    let path = try folder.ffmpeg("-f lavfi -i sine=d=1", to: name)
    let fault = try fault(path)
    #expect(fault.code == .data)
    #expect(fault.description.contains("no video"))
  }

  @Test func `random bytes`() throws {
    var state: UInt32 = 11
    let bytes = (0..<100_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    #expect(try fault(try folder.write(bytes, to: "noise.bin")).code == .data)
  }

  @Test func `an unknown format or option is the configuration's fault`() throws {
    let clip = try folder.ffmpeg("-f lavfi -i testsrc=s=64x48:r=5:d=1 -c:v mpeg4", to: "ok.mp4")
    let wrong = watch(clip, configure: { $0.format = "nonsense" })
    #expect(wrong.fault?.code == .configuration)
    let odd = watch(clip, configure: { $0.options = ["no_such_option": "1"] })
    #expect(odd.frames.count == 5)
    #expect(odd.warnings == ["option `no_such_option` is unknown to this source"])
  }

  @Test func `a camera that isn't there`() throws {
    let watched = watch(
      FrameReader(SourceConfiguration(url: "/dev/video97"), clocks: SystemClocks())
    ) { $0.losses.count == 1 }
    #expect(watched.losses.first?.code == .noInput)
    #expect(watched.losses.first?.description.contains("no such camera") == true)
  }

  @Test func `hardware that isn't there is a warning, and the CPU decodes`() throws {
    let clip = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=64x48:r=5:d=1 -c:v libx264 -pix_fmt yuv420p", to: "hw.mp4")
    for hardware in [SourceConfiguration.Hardware.vaapi, .cuda, .auto] {
      let watched = watch(clip, configure: { $0.hardware = hardware })
      #expect(watched.frames.count == 5)
      #expect(watched.warnings == ["no \(hardware.rawValue) hardware decodes h264 here, the CPU does"])
    }
  }
}
