import Base
import Conditions
import Events
import Journal
import Semantics

/// A stream's place on the board behind a journal: an event goes on when it is on disk, and what comes after
/// it waits its turn. No call but `flush` waits for the disk.
///
/// Records come by the stream's threads and are let go by the journal's too; both happen inside the lock,
/// so that they keep their order.
final class JournalledOutlet: StreamOutlet {
  private enum Content: Sendable {
    case records(FrameRecord?, [EventRecord])
    case late(first: UInt64, count: UInt64)
  }

  private struct Waiting: Sendable {
    var number: UInt64
    var since: MonotonicTime
    var isSettled: Bool
    var content: Content
  }

  private struct State {
    var waiting: [Waiting] = []
    var next: UInt64 = 0
    /// What went on before it was on disk, and isn't yet.
    var overdue: UInt64?
  }

  private let outlet: any StreamOutlet
  private let stream: JournalStream
  private let journal: EventJournal
  private let clocks: any Clocks
  private let setting: Setting
  private let state = Monitor(State())

  // A disk that takes longer is failing, and records go on without it.
  private static let patience: Nanoseconds = .seconds(2)
  // Long enough for a busy disk, and within what systemd waits for a service that ends.
  private static let longestFlush: Nanoseconds = .seconds(5)

  init(
    _ outlet: any StreamOutlet, _ stream: JournalStream, _ journal: EventJournal, _ clocks: any Clocks,
    setting: Setting
  ) {
    self.setting = setting
    self.outlet = outlet
    self.stream = stream
    self.journal = journal
    self.clocks = clocks
  }

  func write(_ frame: FrameRecord?, _ events: [EventRecord]) throws(Fault) {
    try state.withLock { state, _ throws(Fault) in
      let number = state.next
      state.next += 1
      if events.isEmpty {
        stream.write(frame, [])
      } else {
        stream.write(frame, events) { [self] _ in settle(number) }
      }
      try pass(.records(frame, events), number, isSettled: events.isEmpty, &state)
    }
  }

  func late(from first: UInt64, count: UInt64) throws(Fault) {
    try state.withLock { state, _ throws(Fault) in
      stream.late(to: first + count)
      try pass(.late(first: first, count: count), state.next, isSettled: true, &state)
      state.next += 1
    }
  }

  func see(_ picture: Picture) {
    if let text = StoredSetting(setting: setting, picture: picture).text {
      state.withLock { _, _ in stream.describe(text) }
    }
    outlet.see(picture)
  }

  func update(state: StreamEntry.State, reason: String) { outlet.update(state: state, reason: reason) }
  func remove(reason: String) { outlet.remove(reason: reason) }
  var isClosed: Bool { outlet.isClosed }
  var keeping: Keeping {
    let (trouble, lost) = stream.status
    let isOverdue = state.withLock { state, _ in state.overdue != nil }
    return Keeping(trouble: trouble ?? (isOverdue ? "the disk takes too long" : nil), lost: lost)
  }

  /// Lets go of all that waits, and leaves the journal in order, as far as its disk answers.
  func flush() throws(Fault) {
    stream.leave()
    journal.barrier(until: clocks.monotonic() + Self.longestFlush)
    try state.withLock { state, _ throws(Fault) in
      for index in state.waiting.indices { state.waiting[index].isSettled = true }
      try release(&state)
    }
    try outlet.flush()
  }

  private func pass(
    _ content: Content, _ number: UInt64, isSettled: Bool, _ state: inout State
  ) throws(Fault) {
    if state.waiting.isEmpty, isSettled { return try send(content) }
    let now = clocks.monotonic()
    state.waiting.append(Waiting(number: number, since: now, isSettled: isSettled, content: content))
    for index in state.waiting.indices {
      guard now - state.waiting[index].since > Self.patience else { break }
      if !state.waiting[index].isSettled { state.overdue = state.waiting[index].number }
      state.waiting[index].isSettled = true
    }
    try release(&state)
  }

  private func settle(_ number: UInt64) {
    state.withLock { state, _ in
      if let overdue = state.overdue, overdue <= number { state.overdue = nil }
      guard let index = state.waiting.firstIndex(where: { $0.number == number }) else { return }
      state.waiting[index].isSettled = true
      // What an outlet refuses here it refuses the stream's next record too, which is told of there.
      try? release(&state)
    }
  }

  private func release(_ state: inout State) throws(Fault) {
    let held = state.waiting.firstIndex { !$0.isSettled } ?? state.waiting.endIndex
    let free = state.waiting[..<held]
    state.waiting.removeFirst(free.count)
    for waiting in free { try send(waiting.content) }
  }

  private func send(_ content: Content) throws(Fault) {
    switch content {
    case .records(let frame, let events): try outlet.write(frame, events)
    case .late(let first, let count): try outlet.late(from: first, count: count)
    }
  }
}

extension StreamOrigin {
  /// Behind what the journal knows of. The media clock goes on by the time that passed; a recording's by a frame.
  init(_ start: JournalStart, isLive: Bool, rate: Int, now: WallTime) {
    self.init(seq: start.next.seq, event: Int(start.next.event), object: start.next.object)
    guard let last = start.last else { return }
    let passed = isLive ? (now.timestamp.milliseconds - last.time.milliseconds) * Int64(rate) / 1000 : 1
    tick = Int64((last.mediaTime * Double(rate)).rounded()) + max(1, passed)
    segment = last.segment
    frame = last.frame
  }
}
