import CLinux
import Glibc

/// What this process takes of the machine's memory.
package enum ProcessMemory {
  /// Proportional set size in bytes: shared pages count by their share. Nil where the kernel doesn't tell.
  /// Costs about a millisecond.
  package static func proportional() -> Int64? {
    let descriptor = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let text = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { buffer -> String in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
    for line in text.split(separator: "\n") where line.hasPrefix("Pss:") {
      // Pss:    12345 kB
      guard let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int64($0) }) else { break }
      return kilobytes * 1024
    }
    return nil
  }

  /// Keeps the C allocator small. Call once, before threads start.
  ///
  /// By default glibc gives every thread an arena of its own, up to 8 a core, and what FFmpeg frees there
  /// stays there: with 16 streams half of the memory held was free. Two arenas contend little, as frames
  /// and packets come from pools. A fixed threshold makes large blocks return to the kernel when freed;
  /// without it the threshold grows with the first freed picture.
  package static func keepSmall() {
    saccade_allocator(2, 256 * 1024, 512 * 1024)
  }

  /// Gives back to the kernel what bursts left free amid the heap: after some minutes of faults that was a seventh of the heap. And the
  /// code that only the start needed, of this program and of the libraries that FFmpeg brings along: a third of all memory of one stream.
  /// Takes some milliseconds, in which other threads may wait for memory; once a minute is plenty.
  package static func giveBack() {
    saccade_give_back()
    saccade_unmap_code()
  }
}
