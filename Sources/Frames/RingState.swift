/// Who holds which slot: the ring's bookkeeping, without threads. Frames are numbered from 1.
struct RingState {
  struct Slot {
    /// Number of the frame in it; 0 for none, or while the writer fills it.
    var number: UInt64 = 0
    var pins = 0
  }

  struct Cursor {
    let reader: Int
    /// The last frame that the reader took or was told it missed.
    var taken: UInt64
  }

  /// Where the next frame goes.
  enum Place {
    case slot(Int)
    /// The writer has to wait.
    case full
    /// Nobody will get this frame: every slot is pinned.
    case dropped
    case closed
  }

  var policy: RingPolicy
  var slots: [Slot]
  var cursors: [Cursor] = []
  var newest: UInt64 = 0
  var dropped: UInt64 = 0
  var wakes: UInt64 = 0
  var isEnded = false
  var isClosed = false
  private var nextReader = 0

  init(slots count: Int, policy: RingPolicy) {
    self.policy = policy
    slots = Array(repeating: Slot(), count: count)
  }

  /// Takes the oldest slot that isn't pinned out of the readers' sight.
  mutating func placeForNext() -> Place {
    if isClosed || isEnded { return .closed }
    var oldest: Int?
    for index in slots.indices where slots[index].pins == 0 {
      if oldest == nil || slots[index].number < slots[oldest!].number { oldest = index }
    }
    guard let oldest else {
      if policy == .writerWaits { return .full }
      dropped += 1
      return .dropped
    }
    if policy == .writerWaits, slots[oldest].number > 0 {
      guard let slowest = cursors.lazy.map(\.taken).min(), slowest >= slots[oldest].number else {
        return .full
      }
    }
    slots[oldest].number = 0
    return .slot(oldest)
  }

  mutating func published(_ index: Int) {
    newest += 1
    slots[index].number = newest
  }

  mutating func addReader() -> Int {
    nextReader += 1
    let held = slots.map(\.number).filter { $0 > 0 }
    let first = policy == .newestWins ? held.max() : held.min()
    cursors.append(Cursor(reader: nextReader, taken: (first ?? newest + 1) - 1))
    return nextReader
  }

  mutating func removeReader(_ reader: Int) { cursors.removeAll { $0.reader == reader } }

  /// Pins the next frame for a reader: the newest, or the oldest that it hasn't had and that is still held.
  mutating func pinNext(for reader: Int, newestOnly: Bool) -> (slot: Int, lapped: UInt64)? {
    guard let at = cursors.firstIndex(where: { $0.reader == reader }) else { return nil }
    let taken = cursors[at].taken
    var chosen: Int?
    for index in slots.indices where slots[index].number > taken {
      guard let best = chosen else {
        chosen = index
        continue
      }
      if (slots[index].number < slots[best].number) != newestOnly { chosen = index }
    }
    guard let chosen else { return nil }
    let number = slots[chosen].number
    slots[chosen].pins += 1
    cursors[at].taken = number
    return (chosen, number - taken - 1)
  }

  mutating func unpin(_ slot: Int) { slots[slot].pins -= 1 }
}
