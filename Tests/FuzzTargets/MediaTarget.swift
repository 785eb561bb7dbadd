import Base
import Glibc
import Media

/// A file that says it is a video. It may be refused; its frames keep the promises of a media clock.
enum MediaTarget {
  /// Enough to get past damage, and soon over.
  private static let mostFrames = 60

  static func take(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    let path = "/tmp/saccade-fuzz-\(getpid())-video"
    let file = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0o600)
    promise(file >= 0, "no file: errno \(errno)")
    unlink(path)
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let count = write(file, bytes.baseAddress! + written, bytes.count - written)
      promise(count > 0, "errno \(errno)")
      written += count
    }
    read("/proc/self/fd/\(file)")
  }

  private static func read(_ path: String) {
    let reader = FrameReader(SourceConfiguration(url: path), clocks: SystemClocks(), kind: .recording)
    let filler = PeripheralFiller(masks: [])
    let picture = PeripheralPicture()
    var last: FrameInfo?
    do throws(Fault) {
      _ = try reader.run(
        deliver: { frame in
          let info = frame.info
          promise(
            info.number == (last?.number ?? 0) + 1, "frame \(info.number) after \(last?.number ?? 0)")
          promise(info.width > 0 && info.height > 0, "\(info.width)x\(info.height)")
          if let last {
            promise(info.time > last.time, "\(info.time) after \(last.time)")
            promise(
              info.segment == last.segment || info.segment == last.segment + 1,
              "segment \(info.segment) after \(last.segment)")
          } else {
            promise(info.time == .zero && info.segment == 1, "begins at \(info.time)")
          }
          last = info
          try? frame.fill(picture, with: filler)
          return info.number < mostFrames
        }, changed: { _ in })
    } catch {
      promise(!error.what.isEmpty, "a fault without words")
    }
  }
}
