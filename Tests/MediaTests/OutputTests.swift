import Base
import Foundation
import Media
import Testing

@Suite("looking back, stills, overlays, probes")
struct OutputTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// A clip whose frames have a grey of their own: frame n is 20 + 2n.
  private func counting(_ seconds: Int, _ options: String, to name: String) throws -> String {
    try folder.ffmpeg(
      "-f lavfi -i color=gray:s=64x64:r=10:d=\(seconds) -vf geq=lum='20+2*N':cb=128:cr=128 -c:v libx264 -crf 1 -pix_fmt yuv420p \(options)",
      to: name)
  }

  private func grey(_ frame: borrowing VideoFrame) -> Int {
    let picture = PeripheralPicture()
    try? frame.fill(picture, with: PeripheralFiller())
    return Int(picture.luma[picture.width * picture.height / 2])
  }

  @Test(arguments: [
    "-g 10 -bf 0", "-g 10 -bf 3 -b_strategy 0", "-g 7 -bf 2 -flags -cgop -x264opts open_gop=1",
  ])
  func `a still is the frame of its time, decoded again`(options: String) throws {
    let clip = try counting(8, options, to: "count.mp4")
    let reader = FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks())
    let watched = watch(reader)
    #expect(watched.frames.count == 80)
    for (time, number) in [(3.0, 30), (3.04, 30), (7.9, 79), (5.55, 55), (99.0, 79)] {
      let still = try reader.history.still(at: MediaTime(seconds: time))
      #expect(still.info == watched.frames[number])
      #expect(abs(grey(still) - 20 - 2 * number) <= 1)
    }
    var greys: [Int] = []
    var infos: [FrameInfo] = []
    try reader.history.frames(from: MediaTime(seconds: 2.05), to: MediaTime(seconds: 4)) { frame in
      greys.append(grey(frame))
      infos.append(frame.info)
      return true
    }
    #expect(infos == Array(watched.frames[21...40]))
    #expect(zip(greys, 21...40).allSatisfy { abs($0 - 20 - 2 * $1) <= 1 })
  }

  @Test func `at least ten seconds are kept, whole groups only, and not much more`() throws {
    let clip = try counting(40, "-g 20 -bf 0", to: "long.mp4")
    let reader = FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks())
    _ = watch(reader)
    let range = try #require(reader.history.range)
    #expect(range.upperBound == MediaTime(seconds: 39.9))
    #expect(range.lowerBound <= MediaTime(seconds: 29.9) && range.lowerBound >= MediaTime(seconds: 25.8))
    #expect(reader.history.dropped == 0)
  }

  @Test func `bytes are bounded and what doesn't fit is counted`() throws {
    let clip = try folder.ffmpeg(
      "-f lavfi -i testsrc2=s=320x240:r=10:d=10 -c:v libx264 -g 10 -preset ultrafast -pix_fmt yuv420p",
      to: "big.mp4")
    let reader = FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks(), historyBytes: 60_000)
    var most = 0
    _ = watch(reader, each: { _ in most = max(most, reader.history.bytes) })
    #expect(most <= 60_000 && most > 10_000)
    #expect(reader.history.dropped > 0)
    #expect(throws: Never.self) { _ = try reader.history.still(at: MediaTime(seconds: 9.9)).info }
    let none = FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks(), historyBytes: 0)
    _ = watch(none)
    #expect(throws: Fault.self) { _ = try none.history.still(at: .zero).info }
  }

  @Test func `frames that were left out can be looked at later`() throws {
    let clip = try counting(4, "-g 20 -bf 2 -b_strategy 0 -x264opts b-pyramid=none", to: "b.mp4")
    let reader = FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks())
    reader.setEffort(.referencedFrames)
    #expect(watch(reader).frames.count < 38)
    var times: [Double] = []
    try reader.history.frames(from: MediaTime(seconds: 1), to: MediaTime(seconds: 2)) { frame in
      times.append((frame.info.time.seconds * 10).rounded() / 10)
      return true
    }
    #expect(times == (10...20).map { Double($0) / 10 })
  }

  /// Decodes a picture file's one frame.
  private func decode(_ path: String) throws -> (info: FrameInfo, picture: PeripheralPicture) {
    let picture = PeripheralPicture()
    let watched = watch(path, each: { frame in try? frame.fill(picture, with: PeripheralFiller()) })
    return (try #require(watched.frames.first), picture)
  }

  /// 64 x 32, the left half bright.
  private func halves(_ extra: String = "") throws -> String {
    try folder.ffmpeg(
      "-f lavfi -i color=gray:s=64x32:r=10:d=0.5 -vf geq=lum='if(lt(X\\,32)\\,200\\,40)':cb=128:cr=128 -c:v libx264 -crf 1 -pix_fmt yuv420p \(extra)",
      to: "halves.mp4")
  }

  @Test(arguments: StillWriter.Format.allCases) func `a still can be a part, upright and masked`(
    format: StillWriter.Format
  ) throws {
    let clip = try halves()
    let path = folder("still.\(format.rawValue)")
    let mask = Polygon([Point(x: 0, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 0.25), Point(x: 0, y: 0.25)])
    let writer = StillWriter(masks: [mask])
    // Turned clockwise the bright half is on top: 32 x 64.
    _ = watch(
      clip,
      each: { frame in
        try? writer.write(frame, crop: Rect(x: 0, y: 0.125, width: 0.5, height: 0.5), as: format, to: path)
      }, configure: { $0.rotation = .quarter })
    let still = try decode(path)
    #expect(still.info.width == 16 && still.info.height == 32)
    // From the top: 8 rows masked, 16 bright, 8 dark. PNG is RGB and comes back as limited range.
    let rows = [4, 16, 28].map { Int(still.picture.luma[$0 * 16 + 8]) }
    #expect(rows[0] < 24 && rows[1] > 170 && rows[2] < 60 && rows[2] > 24)
  }

  @Test func `a still can be made smaller`() throws {
    let path = folder("small.png")
    _ = watch(
      try halves(), each: { frame in try? StillWriter().write(frame, longestSide: 20, as: .png, to: path) })
    let still = try decode(path)
    #expect(still.info.width == 20 && still.info.height == 10)
  }

  @Test func `a still that can't be written says why`() throws {
    var fault: Fault?
    _ = watch(
      try halves(),
      each: { frame in
        do { try StillWriter().write(frame, to: "/nowhere/at/all.jpg") } catch { fault = error as? Fault }
      })
    #expect(fault?.code == .cannotCreate)
    #expect(fault?.place == "/nowhere/at/all.jpg")
  }

  @Test(arguments: [Rotation.none, .quarter]) func `an overlay has every frame, upright, with what was drawn`(
    rotation: Rotation
  ) throws {
    let clip = try counting(3, "-g 10", to: "count.mp4")
    let path = folder("overlay.mp4")
    let mask = Polygon([Point(x: 0, y: 0.75), Point(x: 1, y: 0.75), Point(x: 1, y: 1), Point(x: 0, y: 1)])
    let overlay = OverlayWriter(path: path, masks: [mask])
    let first = watch(
      clip,
      each: { frame in
        try? overlay.write(frame) { canvas in
          canvas.fill(Rect(x: 0, y: 0, width: 0.5, height: 0.25), .white)
          canvas.rectangle(Rect(x: 0.5, y: 0.3, width: 0.4, height: 0.4), .red)
          canvas.line(from: Point(x: -1, y: -1), to: Point(x: 2, y: 2), .blue)
          canvas.text("nr \(frame.info.number)", x: -50, y: 900, .green)
        }
      }, configure: { $0.rotation = rotation })
    try overlay.finish()
    var greys: [Int] = []
    var corners: [Int] = []
    let again = watch(
      path,
      each: { frame in
        let picture = PeripheralPicture()
        try? frame.fill(picture, with: PeripheralFiller())
        greys.append(Int(picture.luma[40 * 64 + 4]))
        corners.append(Int(picture.luma[8 * 64 + 24]))
        corners.append(Int(255 - picture.luma[60 * 64 + 46]))
      })
    #expect(again.times == first.times)
    #expect(corners.allSatisfy { $0 > 220 })
    #expect(greys.enumerated().allSatisfy { abs($1 - 20 - 2 * $0) <= 6 })
  }

  @Test func `an overlay that can't be written says why`() throws {
    let overlay = OverlayWriter(path: "/nowhere/at/all.mp4")
    var fault: Fault?
    _ = watch(
      try counting(1, "", to: "c.mp4"),
      each: { frame in
        do { try overlay.write(frame) { _ in } } catch { fault = error as? Fault }
      })
    #expect(fault?.code == .cannotCreate)
  }

  @Test func `a probe tells what a source is and what it costs`() throws {
    let clip = try folder.ffmpeg(
      "-f lavfi -i testsrc=s=320x240:r=20:d=6 -c:v libx264 -preset ultrafast -g 40 -keyint_min 40 -bf 2 -b_strategy 0 -pix_fmt yuv420p",
      to: "probe.mkv")
    let report = try Probe(SourceConfiguration(url: clip), clocks: SystemClocks()).run()
    #expect(report.source.container.contains("matroska"))
    #expect(report.source.codec == "h264" && report.source.width == 320 && report.source.height == 240)
    #expect(report.source.declaredRate == 20 && !report.source.isLive)
    #expect(abs((report.source.duration ?? 0).inSeconds - 6) < 0.2)
    #expect(report.groupLength == 40)
    let decoding = try #require(report.decoding)
    #expect(decoding.hasBFrames && !decoding.isVariableRate && decoding.pixelFormat == "yuv420p")
    #expect(abs((decoding.measuredRate ?? 0) - 20) < 0.1)
    #expect(decoding.decodeMilliseconds > 0 && decoding.fillMilliseconds > 0)
    #expect(report.trouble == nil && report.corruptPackets == 0)
  }

  @Test func `a graph of filters is a source for tests`() throws {
    let watched = watch("lavfi:testsrc=s=64x48:r=10:d=2")
    #expect(watched.ending == .finished)
    #expect(watched.times == (0..<20).map { Double($0) / 10 })
  }
}
