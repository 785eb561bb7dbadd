import Base
import Conditions
import Events
import Glibc

/// Records as lines into a file, a pipe or a terminal.
///
/// Lines are gathered into blocks, but wait no longer than a quarter of a second. Writing blocks.
package final class FileSink: RecordSink, @unchecked Sendable {
  // Safety: called by one thread at a time, as `RecordSink` asks.
  private let descriptor: Int32
  private let name: String
  private let closes: Bool
  private let clocks: any Clocks
  private let output: Instruction.Output
  private let table = EventTable()
  /// What goes out where records aren't written as JSON.
  private var text: [UInt8] = []
  private var writer = RecordWriter()
  private var flushed: MonotonicTime
  package private(set) var isClosed = false
  package private(set) var bytes: UInt64 = 0

  private static let block = 65_536
  private static let patience: Nanoseconds = .milliseconds(250)

  /// `name` is what errors call it. The descriptor is closed in the end only if `closes`.
  package init(
    descriptor: Int32, name: String, closes: Bool = false, output: Instruction.Output = .json,
    clocks: any Clocks
  ) {
    self.descriptor = descriptor
    self.name = name
    self.closes = closes
    self.clocks = clocks
    self.output = output
    if output == .csv { text += EventTable.header.utf8 }
    flushed = clocks.monotonic()
  }

  /// Makes the file, or empties it.
  package convenience init(path: String, output: Instruction.Output = .json, clocks: any Clocks) throws(Fault)
  {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Fault(.cannotCreate, "can't write the records", at: path, cause: Self.reason(errno))
    }
    self.init(descriptor: descriptor, name: path, closes: true, output: output, clocks: clocks)
  }

  deinit { if closes { close(descriptor) } }

  package func write(_ frame: FrameRecord?, _ events: [EventRecord]) throws(Fault) {
    switch output {
    case .json:
      if let frame { writer.write(frame) }
      for event in events { writer.write(event) }
    case .csv: for event in events { text += table.row(event).utf8 }
    case .text: for event in events { text += table.sentence(event).utf8 }
    }
    if writer.count + text.count >= Self.block || clocks.monotonic() - flushed >= Self.patience {
      try flush()
    }
  }

  /// Files hold no gaps: whoever reads them sees the missing seqs.
  package func late(from first: UInt64, count: UInt64) {}

  package func flush() throws(Fault) {
    flushed = clocks.monotonic()
    var failure = writer.lines.withBytes { bytes in isClosed ? 0 : put(bytes) }
    if failure == 0, !isClosed, !text.isEmpty { failure = text.withUnsafeBytes { put($0) } }
    bytes += UInt64(writer.count + text.count)
    writer.removeAll()
    text.removeAll(keepingCapacity: true)
    // A reader that has seen enough (`| head`) is no failure.
    if failure == EPIPE {
      isClosed = true
    } else if failure != 0 {
      throw Fault(.io, "can't write the records", at: name, cause: Self.reason(failure))
    }
  }

  /// Writes all, or returns the errno.
  private func put(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&ready, 1, -1)
          continue
        }
        return errno
      }
      rest = rest.dropFirst(written)
    }
    return 0
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
