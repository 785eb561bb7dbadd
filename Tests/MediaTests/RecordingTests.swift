import Base
import Foundation
import Media
import Testing

@Suite("recordings")
struct RecordingTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private static let x264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"

  @Test func `every frame of a clip with B-frames comes once, in order`() throws {
    let clip = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=25:d=2 \(Self.x264) -bf 3 -b_strategy 0", to: "b.mp4")
    let watched = watch(clip)
    #expect(watched.ending == .finished)
    #expect(watched.times == (0..<50).map { Double($0) / 25 })
    #expect(watched.frames.map(\.number) == Array(1...50))
    #expect(
      watched.counts.decoded == 50 && watched.counts.packets == 50 && watched.counts.corruptPackets == 0)
    #expect(watched.frames[0].isKey && !watched.frames[1].isKey)
    #expect(watched.frames.allSatisfy { $0.packetBytes > 0 && $0.segment == 1 })
    // A frame counts as arrived with its own packet, not with the one that let the decoder show it.
    #expect(Set(watched.frames.map(\.packetBytes)).count > 10)
  }

  @Test func `a variable rate keeps its times`() throws {
    let clip = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=30:d=2 -vf select='not(mod(n\\,7))+gt(n\\,40)' -vsync vfr \(Self.x264)",
      to: "vfr.mp4")
    let watched = watch(clip)
    let expected: [Double] = (0..<60).filter { (n: Int) in n % 7 == 0 || n > 40 }.map { (n: Int) in
      Double(n) / 30
    }
    #expect(watched.times.count == expected.count)
    for (time, due) in zip(watched.times, expected) { #expect(abs(time - due) < 0.001) }
  }

  @Test func `declared rates are not trusted`() throws {
    // The container says 25, the frames come 20 a second.
    let clip = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=20:d=2 \(Self.x264) -r 20", to: "r.mkv")
    let reader = FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks())
    _ = watch(reader)
    #expect(abs((reader.measuredRate ?? 0) - 20) < 0.5)
  }

  @Test func `a pause is kept, a jump is a new segment`() throws {
    let make = { (shift: String, name: String) in
      try folder.ffmpeg(
        "-f lavfi -i testsrc=s=160x120:r=25:d=1 -vf setpts='PTS+gt(N\\,12)*\(shift)/TB' -vsync passthrough \(Self.x264)",
        to: name)
    }
    let pause = watch(try make("5", "pause.mkv"))
    #expect(abs(pause.times[13] - pause.times[12] - 5.04) < 0.002)
    #expect(pause.reasons.isEmpty)
    let jump = watch(try make("5000", "jump.mkv"))
    #expect(jump.reasons == [.timeJumped])
    #expect(abs(jump.times[13] - jump.times[12] - 0.04) < 0.002)
    #expect(jump.frames.map(\.segment) == Array(repeating: 1, count: 13) + Array(repeating: 2, count: 12))
  }

  @Test func `times that start again are a new segment`() throws {
    let one = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=25:d=1 \(Self.x264) -output_ts_offset 100", to: "one.ts")
    let two = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=25:d=1 \(Self.x264) -output_ts_offset 3", to: "two.ts")
    let both = try folder.write(
      [UInt8](Data(contentsOf: URL(filePath: one)) + Data(contentsOf: URL(filePath: two))), to: "both.ts")
    let watched = watch(both)
    // 33 bits of MPEG-TS: FFmpeg takes the smaller times for ones that come after the largest.
    #expect(watched.reasons == [.timeJumped])
    #expect(watched.counts.discontinuities == 1)
    #expect(watched.times.count == 50)
    for (time, due) in zip(watched.times, (0..<50).map { Double($0) / 25 }) {
      #expect(abs(time - due) < 0.002)
    }
  }

  @Test func `frames without any time go by the rate`() throws {
    let clip = try folder.ffmpeg("-f lavfi -i testsrc=s=160x120:r=25:d=1 \(Self.x264)", to: "raw.h264")
    let watched = watch(clip)
    #expect(watched.times.count == 25)
    for (a, b) in zip(watched.times, watched.times.dropFirst()) { #expect(abs(b - a - 0.04) < 0.001) }
  }

  @Test func `a loop goes on with the clock and tells the pass`() throws {
    let clip = try folder.ffmpeg("-f lavfi -i testsrc=s=160x120:r=10:d=1 \(Self.x264)", to: "loop.mp4")
    var configuration = SourceConfiguration(url: clip)
    configuration.loop = true
    let watched = watch(FrameReader(configuration, clocks: SystemClocks())) { $0.frames.count == 35 }
    #expect(watched.ending == .stopped)
    #expect(watched.times == (0..<35).map { Double($0) / 10 })
    #expect(watched.frames[34].segment == 4)
    #expect(watched.reasons == [.looped, .looped, .looped])
  }

  @Test(arguments: [0, 90, 180, 270]) func `rotation comes from the container`(degrees: Int) throws {
    let plain = try folder.ffmpeg("-f lavfi -i testsrc=s=160x120:r=10:d=0.5 \(Self.x264)", to: "plain.mp4")
    // FFmpeg writes the turn anticlockwise.
    let clip = try folder.ffmpeg(
      "-i \(plain) -c copy -metadata:s:v:0 rotate=\((360 - degrees) % 360)", to: "turned.mp4")
    let rotation = watch(clip).frames[0].rotation
    let expected = try #require(Rotation(rawValue: degrees))
    #expect(rotation == expected || degrees == 0 && rotation == .none)
    let forced = watch(clip, configure: { $0.rotation = .half })
    #expect(forced.frames[0].rotation == .half)
  }

  @Test func `a change of size is a new segment and goes on`() throws {
    let one = try folder.ffmpeg("-f lavfi -i testsrc=s=160x120:r=25:d=1 \(Self.x264)", to: "one.ts")
    let two = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=320x240:r=25:d=1 \(Self.x264) -output_ts_offset 1", to: "two.ts")
    let both = try folder.write(
      [UInt8](Data(contentsOf: URL(filePath: one)) + Data(contentsOf: URL(filePath: two))), to: "both.ts")
    let filler = PeripheralFiller()
    let picture = PeripheralPicture()
    let watched = watch(both) { frame in
      #expect((try? frame.fill(picture, with: filler)) != nil)
      #expect(picture.width == frame.info.width / picture.scale)
    }
    #expect(
      watched.frames.map(\.width) == Array(repeating: 160, count: 25) + Array(repeating: 320, count: 25))
    #expect(watched.reasons == [.sizeChanged])
    #expect(watched.frames.last?.segment == 2)
  }

  @Test func `a change of codec is a new segment and goes on`() throws {
    let one = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=25:d=1 -c:v mpeg2video -mpegts_start_pid 0x200", to: "one.ts")
    let two = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=25:d=1 \(Self.x264) -output_ts_offset 1", to: "two.ts")
    let both = try folder.write(
      [UInt8](Data(contentsOf: URL(filePath: one)) + Data(contentsOf: URL(filePath: two))), to: "both.ts")
    let watched = watch(both)
    #expect(watched.ending == .finished)
    #expect(watched.frames.count >= 48)
    #expect(watched.frames.last?.segment == 2)
    #expect(watched.reasons == [.codecChanged])
  }

  @Test func `damaged packets are counted and the stream goes on`() throws {
    try folder.ffmpeg("-f lavfi -i testsrc=s=320x240:r=25:d=4 \(Self.x264) -g 25 -bf 0", to: "good.ts")
    var bytes = try folder.bytes("good.ts")
    // Noise over the payload of packets in the second second.
    var state: UInt32 = 7
    for index in (bytes.count * 5 / 16)..<(bytes.count * 7 / 16) where index % 188 > 20 {
      state = state &* 1_664_525 &+ 1_013_904_223
      bytes[index] = UInt8(state >> 24)
    }
    let watched = watch(try folder.write(bytes, to: "bad.ts"))
    #expect(watched.ending == .finished)
    #expect(watched.counts.corruptPackets + watched.counts.damagedFrames > 0)
    #expect(watched.frames.count > 60)
    #expect(watched.times.last! > 3.8)
  }

  @Test func `wall time is the container's, a given start, or the start of the run`() throws {
    let made = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=10:d=1 \(Self.x264) -metadata creation_time=2026-03-01T12:00:00Z",
      to: "made.mp4")
    let noon = WallTime(nanoseconds: .seconds(1_772_366_400))
    #expect(watch(made).frames[5].wall == noon + .milliseconds(500))
    let start = WallTime(nanoseconds: .seconds(1_000_000_000))
    let given = watch(FrameReader(SourceConfiguration(url: made), clocks: SystemClocks(), start: start))
    #expect(given.frames[5].wall == start + .milliseconds(500))
    let plain = try folder.ffmpeg("-f lavfi -i testsrc=s=160x120:r=10:d=1 \(Self.x264)", to: "plain.mkv")
    let now = SystemClocks().wall()
    let wall = watch(plain).frames[0].wall
    #expect(wall >= now && wall < now + .seconds(20))
  }

  @Test func `less effort leaves out frames that no other needs`() throws {
    let clip = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=160x120:r=25:d=4 \(Self.x264) -bf 2 -b_strategy 0 -x264opts b-pyramid=none",
      to: "b.mp4")
    let reader = FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks())
    reader.setEffort(.referencedFrames)
    let watched = watch(reader)
    #expect(watched.frames.count < 45)
    #expect(watched.frames.count > 25)
    #expect(UInt64(watched.frames.count) + watched.counts.leftOut == 100)
    #expect(watched.reasons.isEmpty && watched.counts.corruptPackets == 0)
  }

  @Test func `pictures are a recording, by number or by glob`() throws {
    try folder.ffmpeg("-f lavfi -i testsrc=s=64x48:r=10:d=1", to: "p%03d.png")
    #expect(watch(folder("p%03d.png")).frames.count == 10)
    #expect(watch(folder("p*.png")).frames.count == 10)
    #expect(watch(folder("p00?.png")).frames.count == 9)
    let slow = watch(folder("p%03d.png"), configure: { $0.options = ["framerate": "2"] })
    #expect(slow.times.last == 4.5)
  }

  @Test func `a path may hold a colon`() throws {
    try folder.ffmpeg("-f lavfi -i testsrc=s=64x48:r=10:d=1 \(Self.x264)", to: "a.mp4")
    try FileManager.default.moveItem(atPath: folder("a.mp4"), toPath: folder("cam:1.mp4"))
    #expect(watch(folder("cam:1.mp4")).frames.count == 10)
    #expect(watch("file:" + folder("cam:1.mp4")).frames.count == 10)
  }

  @Test(arguments: ["1x1", "3x5", "2x2"]) func `tiny video works`(size: String) throws {
    let clip = try folder.ffmpeg(
      "-f lavfi -i color=red:s=16x16:r=5:d=1 -vf format=yuv444p,scale=\(size):flags=area -c:v ffv1 -pix_fmt yuv444p",
      to: "tiny.mkv")
    let filler = PeripheralFiller()
    let picture = PeripheralPicture()
    var sizes: [String] = []
    let watched = watch(clip) { frame in
      #expect((try? frame.fill(picture, with: filler)) != nil)
      sizes.append("\(picture.width)x\(picture.height)")
    }
    #expect(sizes == Array(repeating: size, count: 5))
    #expect(watched.ending == .finished)
  }

  @Test func `8K video works`() throws {
    let clip = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=7680x4320:r=5:d=0.4 -c:v mjpeg -pix_fmt yuvj420p -threads 1", to: "big.mkv")
    let filler = PeripheralFiller()
    let picture = PeripheralPicture()
    let watched = watch(clip) { frame in #expect((try? frame.fill(picture, with: filler)) != nil) }
    #expect(watched.frames.count == 2)
    #expect(picture.width == 426 && picture.height == 240)
  }
}
