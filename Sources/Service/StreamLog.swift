import Base
import Conditions
import Events
import NIOCore

/// The newest records of one stream, held in memory for replay: bounded in time and bytes. Used by the
/// socket's thread only.
package final class StreamLog {
  package let name: String
  /// What conditions of subscribers may refer to.
  package let setting: Setting
  /// The size of the stream's pictures, upright.
  package var picture = Picture(width: 1280, height: 720)
  package let epoch: String
  package private(set) var nextSeq: UInt64
  private var entries = CircularBuffer<LogEntry>()
  private var arrivals = CircularBuffer<MonotonicTime>()
  private var bytes = 0
  private var frames: UInt64 = 0
  private var faded: FadedRecords
  private let keptFor: Nanoseconds
  private let keptBytes: Int
  // Read last, for the many that ask for the same one.
  private var decoded: (seq: UInt64, frame: FrameRecord)?
  // Open after the last entry, and open before the first one that is held.
  private var openNow: [String: LogEntry] = [:]
  private var openBefore: [String: LogEntry] = [:]

  package init(
    name: String, epoch: String, firstSeq: UInt64 = 1, keptFor: Nanoseconds, keptBytes: Int,
    setting: Setting = Setting()
  ) {
    self.name = name
    self.setting = setting
    self.epoch = epoch
    nextSeq = firstSeq
    faded = FadedRecords(firstSeq: firstSeq)
    self.keptFor = keptFor
    self.keptBytes = keptBytes
  }

  /// The oldest seq that is held; `nextSeq` where none is.
  package var oldestSeq: UInt64 { entries.first?.seq ?? nextSeq }

  /// Frame records before it.
  var oldestOrdinal: UInt64 { entries.first?.ordinal ?? frames }

  /// Takes a record in and lets the oldest ones go. Returns it as it is held.
  package func append(_ entry: LogEntry, at now: MonotonicTime) -> LogEntry {
    precondition(
      entry.seq == nextSeq && entry.lastSeq >= entry.seq,
      "stream \(name): seq \(entry.seq) where \(nextSeq) was due")
    var entry = entry
    entry.ordinal = frames
    frames += entry.frames
    nextSeq = entry.lastSeq + 1
    Self.follow(entry, in: &openNow)
    entries.append(entry)
    arrivals.append(now)
    bytes += entry.bytes
    while let oldest = entries.first, bytes > keptBytes || now - arrivals[arrivals.startIndex] > keptFor,
      entries.count > 1
    {
      entries.removeFirst()
      arrivals.removeFirst()
      bytes -= oldest.bytes
      faded.add(oldest)
      Self.follow(oldest, in: &openBefore)
    }
    return entry
  }

  /// The first entry that reaches `seq` or beyond.
  package func entry(from seq: UInt64) -> LogEntry? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].lastSeq < seq { low = middle + 1 } else { high = middle }
    }
    return low < entries.count ? self[low] : nil
  }

  /// Reads the line of a frame's entry; nil for one that is none.
  package func frame(of entry: LogEntry) -> FrameRecord? {
    if let decoded, decoded.seq == entry.seq { return decoded.frame }
    guard case .frame(let frame)? = try? RecordReader.read(entry.line.readableBytesView.dropLast()) else {
      return nil
    }
    decoded = (entry.seq, frame)
    return frame
  }

  /// Goes through the entries before `seq` of at most so long before it, and at least one frame.
  package func each(before seq: UInt64, lookingBack: Nanoseconds, _ body: (LogEntry) -> Void) {
    var end = 0
    var high = entries.count
    while end < high {
      let middle = (end + high) / 2
      if self[middle].seq < seq { end = middle + 1 } else { high = middle }
    }
    guard end > 0 else { return }
    let from = self[end - 1].time.milliseconds - lookingBack / 1_000_000
    var start = end
    var frames = 0
    while start > 0, self[start - 1].time.milliseconds >= from || frames == 0 {
      start -= 1
      if case .frame = self[start].content { frames += 1 }
    }
    for offset in start..<end { body(self[offset]) }
  }

  private subscript(offset: Int) -> LogEntry {
    entries[entries.index(entries.startIndex, offsetBy: offset)]
  }

  /// The seq of the first record of this time or later; for a time before all that is held, the nearest that
  /// is still known; `nextSeq` for a time to come.
  package func seq(at time: Timestamp) -> UInt64 {
    if let first = entries.first, first.time >= time {
      return faded.seq(at: time) ?? first.seq
    }
    return entries.first { $0.time >= time }?.seq ?? nextSeq
  }

  /// Whether the first record of this time or later is in memory.
  func holds(_ time: Timestamp) -> Bool { entries.first.map { $0.time < time } ?? false }

  /// How many records that are no longer held the filter would have taken.
  package func countGone(from: UInt64, to: UInt64, _ filter: Filter) -> UInt64? {
    faded.count(from: from, to: to, filter)
  }

  /// The events that are open just before `seq`, each as the record that told of it last, in their order.
  /// What ended before the oldest held record and began before it is not known where `seq` is older.
  package func open(before seq: UInt64, _ filter: Filter) -> [LogEntry] {
    var open = openNow
    if seq < nextSeq {
      open = openBefore
      for entry in entries {
        guard entry.seq < seq else { break }
        Self.follow(entry, in: &open)
      }
    }
    return open.values.filter(filter.takes).sorted { $0.seq < $1.seq }
  }

  static func follow(_ entry: LogEntry, in open: inout [String: LogEntry]) {
    guard case .event(let mark) = entry.content else { return }
    switch mark.phase {
    case .begin: open[mark.id] = entry
    // An update that comes after the end opens nothing.
    case .update: if open[mark.id] != nil { open[mark.id] = entry }
    case .end: open[mark.id] = nil
    case .point: break
    }
  }
}
