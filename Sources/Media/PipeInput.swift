import CFFmpeg
import Glibc

/// Reads a pipe for FFmpeg. FFmpeg's own reader blocks where nothing can interrupt it.
final class PipeInput {
  private let descriptor: Int32
  private let owned: Bool
  private let interrupt: Interrupt
  private(set) var context: UnsafeMutablePointer<AVIOContext>?
  private static let bufferBytes = 64 << 10
  /// How soon a stop is seen while nothing arrives, in milliseconds.
  private static let slice: Int32 = 20

  /// - Parameter path: A named pipe; nil for standard input.
  init(path: String?, interrupt: Interrupt) throws(AVFault) {
    self.interrupt = interrupt
    if let path {
      // Non-blocking, as opening would otherwise wait for a writer.
      descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      if descriptor < 0 { throw AVFault(code: saccade_averror(errno), logged: "") }
      owned = true
    } else {
      descriptor = STDIN_FILENO
      owned = false
    }
    context = avio_alloc_context(
      av_malloc(Self.bufferBytes)?.assumingMemoryBound(to: UInt8.self), Int32(Self.bufferBytes), 0,
      Unmanaged.passUnretained(self).toOpaque(),
      { raw, bytes, count in
        // Safety: the context dies with this object, and FFmpeg passes back what it was given.
        Unmanaged<PipeInput>.fromOpaque(raw!).takeUnretainedValue().read(bytes!, count)
      }, nil, nil)
  }

  deinit {
    if context != nil {
      // FFmpeg may have replaced the buffer by its own.
      withUnsafeMutablePointer(to: &context!.pointee.buffer) { av_freep($0) }
      avio_context_free(&context)
    }
    if owned { close(descriptor) }
  }

  private var hadWriter = false

  private func read(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int32) -> Int32 {
    while true {
      if interrupt.shouldEnd { return SACCADE_AVERROR_EXIT }
      var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = Glibc.poll(&poll, 1, Self.slice)
      if ready < 0 && errno != EINTR { return saccade_averror(errno) }
      if ready <= 0 { continue }
      let got = Glibc.read(descriptor, bytes, Int(count))
      if got > 0 {
        hadWriter = true
        return Int32(got)
      }
      if got == 0 {
        // A named pipe without a writer yet reads as ended.
        if owned && !hadWriter {
          _ = Glibc.poll(nil, 0, Self.slice)
          continue
        }
        return SACCADE_AVERROR_EOF
      }
      if errno != EINTR && errno != EAGAIN { return saccade_averror(errno) }
    }
  }
}
