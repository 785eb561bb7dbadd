import Base
import Foundation
import Glibc

/// How a clip is encoded: H.264 as a camera sends it.
package struct ClipEncoding: Sendable {
  /// x264's constant rate factor; 23 is its default, more is smaller.
  package var quality = 23
  package var preset = "veryfast"
  /// Seconds between key frames.
  package var keyInterval = 2.0
  package var bFrames = 0
  package var threads = 2

  package init() {}
}

/// Renders a scene to an MP4 through the ffmpeg program, with its truth beside it.
package enum ClipWriter {
  /// Writes `video` and, unless nil, `truth`. Blocks until both are complete.
  package static func write(
    _ scene: Scene, video: String, truth: String?, encoding: ClipEncoding = ClipEncoding(),
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s",
      "\(scene.width)x\(scene.height)", "-r", "\(scene.rate)", "-color_range", "tv", "-i", "pipe:0", "-c:v",
      "libx264",
      "-preset", encoding.preset, "-crf", "\(encoding.quality)", "-bf", "\(encoding.bFrames)", "-g",
      "\(Int((encoding.keyInterval * scene.rate).rounded()))", "-sc_threshold", "0", "-threads",
      "\(encoding.threads)",
      "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", video,
    ]
    let pipe = Pipe()
    process.standardInput = pipe
    do { try process.run() } catch {
      throw Fault(.unavailable, "ffmpeg does not start", cause: "\(error)", advice: "apt-get install ffmpeg")
    }
    try? pipe.fileHandleForReading.close()
    let picture = Picture(width: scene.width, height: scene.height)
    let renderer = SceneRenderer(scene)
    var lines = TruthFile.line(scene.clip) + "\n"
    while let frame = renderer.render(into: picture) {
      do { try send(picture, to: pipe.fileHandleForWriting.fileDescriptor) } catch {
        process.waitUntilExit()
        throw error
      }
      lines += TruthFile.line(frame) + "\n"
      progress(frame.number, scene.frames)
    }
    try pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Fault(.cannotCreate, "ffmpeg ended with \(process.terminationStatus)", at: video)
    }
    if let truth { try lines.write(toFile: truth, atomically: true, encoding: .utf8) }
  }

  private static func send(_ picture: Picture, to descriptor: Int32) throws {
    var sent = 0
    while sent < picture.bytes.count {
      let n = Glibc.write(descriptor, picture.luma + sent, picture.bytes.count - sent)
      guard n > 0 else { throw Fault(.io, "ffmpeg stopped reading", cause: String(cString: strerror(errno))) }
      sent += n
    }
  }
}
