import Base

/// What a journal keeps, and for how long.
package struct JournalOptions: Sendable {
  package enum Frames: Sendable {
    /// One a second: what the scene was like.
    case eachSecond
    case all
  }

  package var frames = Frames.eachSecond
  /// Records older than this go.
  package var keptFor: Nanoseconds
  /// The oldest records go when the file holds more.
  package var keptBytes: Int64
  /// How much may wait for the writer, and how much of what can't be written is kept for when it can.
  package var waitingBytes: Int
  /// How many numbers are reserved ahead.
  package var block = JournalReach(seq: 1 << 16, event: 1 << 12, object: 1 << 12)

  /// - Parameters:
  ///   - keptFor: A month: as long as most places may keep what their cameras saw.
  ///   - keptBytes: About a month of 16 cameras with an event in ten seconds each.
  package init(
    keptFor: Nanoseconds = .seconds(30 * 86_400), keptBytes: Int64 = 4 << 30, waitingBytes: Int = 8 << 20
  ) {
    self.keptFor = keptFor
    self.keptBytes = keptBytes
    self.waitingBytes = waitingBytes
  }
}

/// What whoever runs a journal should know.
package enum JournalNotice: Sendable {
  /// Records can't be written any more.
  case failing(Fault)
  /// Writing goes on; so many records were lost for good since it failed.
  case resumed(lost: UInt64)
  /// The file was damaged and lies at this path now; a new one is begun.
  case setAside(Fault, to: String)
}

/// A journal as `status` shows it.
package struct JournalStatus: Hashable, Sendable {
  /// Why records can't be written; nil while they are.
  package var trouble: String?
  /// Records on disk, since the start.
  package var written: UInt64 = 0
  /// Records that are lost for good.
  package var lost: UInt64 = 0
  /// Records that retention has taken.
  package var expired: UInt64 = 0
  /// Records that wait to be written.
  package var waiting = 0
}
