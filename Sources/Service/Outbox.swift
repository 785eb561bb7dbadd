import Events
import NIOCore

/// What one client is to get, in what order, and what it misses: the pure part of a subscriber. It knows
/// neither clocks nor sockets. Used by the socket's thread only.
///
/// The law: each seq that the subscription takes is given out once, or covered by one gap of its type, and
/// that gap comes before the first record beyond its `from_seq`.
package struct Outbox {
  package enum Piece {
    /// To be sent as it is.
    case line(ByteBuffer)
    /// A record that is to be marked as replayed.
    case replay(ByteBuffer)
    case gap(Gap)
  }

  package enum Taking {
    /// Not for this client, or read from the log later.
    case ignored
    /// Nothing waits: this line is to be sent at once.
    case send(ByteBuffer)
    case held
    /// Too much waits for a client that asked to be disconnected then.
    case overflow
  }

  /// Where a subscription starts in a stream.
  package struct Place {
    package var slot: Int
    package var log: StreamLog
    package var from: UInt64
    package var sieve: Sieve?
    /// Frame records between `from` and what the log holds, as far as is known.
    package var framesBefore: UInt64 = 0

    package init(slot: Int, log: StreamLog, from: UInt64, sieve: Sieve? = nil, framesBefore: UInt64 = 0) {
      self.slot = slot
      self.log = log
      self.from = from
      self.sieve = sieve
      self.framesBefore = framesBefore
    }
  }

  private struct Waiting {
    var arrival: UInt64
    var lane: Lane
    var entry: LogEntry
  }

  private let limit: Int
  /// What the logs no longer hold can be asked for.
  private let hasArchive: Bool
  private var lastToken: UInt64 = 0
  private var filter = Filter(Subscription())
  private var subscription = Subscription()
  private var names: Set<String>?
  private var onLag = Subscription.OnLag.dropOldest
  /// By the slot of the stream.
  private var lanes: [Lane?] = []
  /// Read from their logs in turn; a lane stays until it has read to the end, also of a removed stream.
  private var catchingUp: [Lane] = []
  private var replayIsNext = false
  /// From before the newest subscription, and the answer that ends it: goes before all else.
  private var settled = CircularBuffer<Piece>()
  private var frames = CircularBuffer<Waiting>()
  private var events = CircularBuffer<Waiting>()
  /// Where only the newest frame record of a stream waits.
  private var coalescing: [Lane] = []
  /// Lanes with a gap to tell.
  private var missing: [Lane] = []
  private var answers = CircularBuffer<(arrival: UInt64, line: ByteBuffer)>()
  private var finale: ByteBuffer?
  private var arrivals: UInt64 = 0
  /// Bytes of the records that wait here.
  package private(set) var held = 0
  /// Bytes of the answers that wait here, which are never dropped.
  package private(set) var answerBytes = 0
  /// Records lost to slow reading, and those that newer ones replaced.
  package private(set) var dropped: UInt64 = 0
  package private(set) var coalesced: UInt64 = 0
  /// Records that the log no longer held when their turn came.
  package private(set) var notKept: UInt64 = 0

  package init(limit: Int, hasArchive: Bool = false) {
    self.limit = limit
    self.hasArchive = hasArchive
  }

  /// True when `next` has nothing to give, now or after a page of the archive.
  package var isIdle: Bool {
    frames.isEmpty && events.isEmpty && answers.isEmpty && missing.isEmpty && catchingUp.isEmpty
      && settled.isEmpty && coalescing.isEmpty && finale == nil
  }

  /// True when `next` has nothing to give until a page of the archive has come.
  package var awaitsArchive: Bool {
    frames.isEmpty && events.isEmpty && answers.isEmpty && missing.isEmpty && settled.isEmpty
      && coalescing.isEmpty && !catchingUp.isEmpty && catchingUp.allSatisfy(\.isWaiting)
  }

  /// What the newest subscription asks of a client that reads too slowly.
  package var disconnectsOnLag: Bool { onLag == .disconnect }
}

// What comes in.
extension Outbox {
  /// Replaces the subscription. What waits of the old one still goes out, then `answer`, then what the new one
  /// asks for; an unfinished replay of the old one ends here.
  package mutating func subscribe(
    _ subscription: Subscription, places: [Place], answer: [ByteBuffer]
  ) {
    while let piece = nextWaiting() { settle(piece) }
    for line in answer { settle(.line(line)) }
    lanes.removeAll()
    catchingUp.removeAll()
    filter = Filter(subscription)
    names = subscription.streams.map(Set.init)
    onLag = subscription.onLag
    self.subscription = subscription
    for place in places { add(place) }
  }

  private mutating func settle(_ piece: Piece) {
    held += Self.bytes(of: piece)
    settled.append(piece)
  }

  private static func bytes(of piece: Piece) -> Int {
    switch piece {
    case .line(let line), .replay(let line): line.readableBytes
    case .gap: 256
    }
  }

  /// A stream that the server has gained; taken where the subscription asks for it.
  package mutating func add(_ log: StreamLog, slot: Int) {
    guard names?.contains(log.name) ?? true else { return }
    do throws(Refusal) {
      add(Place(slot: slot, log: log, from: log.nextSeq, sieve: try Sieve.make(subscription, log)))
    } catch {
      // What the subscription asks for makes no sense for this stream: nothing of it is sent, and the client is told.
      answer(ByteBuffer(bytes: AnswerWriter.error(error)))
    }
  }

  private mutating func add(_ place: Place) {
    while lanes.count <= place.slot { lanes.append(nil) }
    let lane = Lane(
      log: place.log, from: place.from, liveSeq: place.log.nextSeq, sieve: place.sieve,
      hasArchive: hasArchive,
      framesBefore: place.framesBefore, every: filter.every)
    lanes[place.slot] = lane
    if lane.isCatchingUp { catchingUp.append(lane) }
  }

  /// A stream that the server has lost; what waits of it still goes out.
  package mutating func remove(slot: Int) {
    if slot < lanes.count { lanes[slot] = nil }
  }

  /// True where the subscription covers the stream.
  package func covers(_ name: String) -> Bool { names?.contains(name) ?? true }

  /// A line of the server's own. Waits its turn among the records but not behind a replay.
  package mutating func answer(_ line: ByteBuffer) {
    answers.append((nextArrival(), line))
    answerBytes += line.readableBytes
  }

  /// The last line of all, after everything that waits.
  package mutating func end(with line: ByteBuffer) { finale = line }

  /// The newest record of a stream, which its log holds already.
  @inline(__always)
  package mutating func take(_ entry: borrowing LogEntry, slot: Int, canSend: Bool) -> Taking {
    guard slot < lanes.count, let lane = lanes[slot], !lane.isCatchingUp, entry.seq >= lane.cursor else {
      return .ignored
    }
    guard let sieve = lane.sieve else {
      return filter.takes(entry) ? take(entry, lane, canSend: canSend) : .ignored
    }
    guard let sifted = sieve.sift(copy entry), filter.takes(sifted) else { return .ignored }
    return take(sifted, lane, canSend: canSend)
  }

  @inline(__always)
  private mutating func take(_ entry: borrowing LogEntry, _ lane: Lane, canSend: Bool) -> Taking {
    if canSend, isIdle {
      if case .late = entry.content {} else { return .send(entry.line) }
    }
    return hold(copy entry, lane)
  }

  private mutating func nextArrival() -> UInt64 {
    arrivals += 1
    return arrivals
  }

  private mutating func hold(_ entry: LogEntry, _ lane: Lane) -> Taking {
    switch (entry.content, onLag) {
    case (.event, _):
      events.append(Waiting(arrival: nextArrival(), lane: lane, entry: entry))
      held += entry.bytes
    case (.frame, .coalesce):
      dropNewestFrame(of: lane, .coalesced)
      lane.newestFrame = (nextArrival(), entry)
      coalescing.append(lane)
      held += entry.bytes
    case (.late, .coalesce):
      dropNewestFrame(of: lane, .coalesced)
      miss(entry, lane, .late)
    case (.frame, _), (.late, _):
      frames.append(Waiting(arrival: nextArrival(), lane: lane, entry: entry))
      held += entry.bytes
    }
    if held > limit {
      if onLag == .disconnect { return .overflow }
      makeRoom()
    }
    return .held
  }

  private mutating func makeRoom() {
    while held > limit {
      if let oldest = frames.popFirst() {
        held -= oldest.entry.bytes
        miss(oldest.entry, oldest.lane, .slowReader)
      } else if let lane = coalescing.first {
        dropNewestFrame(of: lane, .slowReader)
      } else if let oldest = events.popFirst() {
        held -= oldest.entry.bytes
        miss(oldest.entry, oldest.lane, .slowReader)
      } else {
        return
      }
    }
  }

  private mutating func dropNewestFrame(of lane: Lane, _ reason: Gap.Reason) {
    guard let waiting = lane.newestFrame else { return }
    lane.newestFrame = nil
    coalescing.removeAll { $0 === lane }
    held -= waiting.entry.bytes
    miss(waiting.entry, lane, reason)
  }

  private mutating func miss(_ entry: LogEntry, _ lane: Lane, _ reason: Gap.Reason) {
    var count: UInt64 = 1
    if case .late = entry.content {
      count = filter.framesTaken(from: entry.ordinal, count: entry.frames)
    } else if reason == .coalesced {
      coalesced += 1
    } else {
      dropped += 1
    }
    if !lane.hasMissed { missing.append(lane) }
    lane.miss(entry, reason, count: count)
  }
}

// What goes out.
extension Outbox {
  /// The next piece to send; nil when there is none.
  package mutating func next() -> Piece? {
    if let piece = settled.popFirst() {
      held -= Self.bytes(of: piece)
      return piece
    }
    if let piece = nextRecord() { return piece }
    guard catchingUp.isEmpty else { return nil }
    defer { finale = nil }
    return finale.map { .line($0) }
  }

  private mutating func nextRecord() -> Piece? {
    guard !catchingUp.isEmpty else { return nextWaiting() }
    if let answer = answers.popFirst() {
      answerBytes -= answer.line.readableBytes
      return .line(answer.line)
    }
    // Live records of other streams don't wait for the end of a replay.
    if replayIsNext, let piece = nextFromLog() {
      replayIsNext = false
      return piece
    }
    if let piece = nextWaiting() {
      replayIsNext = true
      return piece
    }
    return nextFromLog()
  }

  private mutating func nextFromLog() -> Piece? {
    var blocked = 0
    while blocked < catchingUp.count {
      let lane = catchingUp.removeFirst()
      switch lane.read(filter) {
      case .live: break
      case .waiting:
        catchingUp.append(lane)
        blocked += 1
      case .piece(let piece):
        if case .gap(let gap) = piece, gap.reason != .late { notKept += gap.count ?? 0 }
        // Streams take turns.
        catchingUp.append(lane)
        return piece
      }
    }
    return nil
  }

  /// What is to be asked of the archive, each thing once, with the token to fill it in by.
  package mutating func takeWishes() -> [(token: UInt64, request: ArchivePageRequest)] {
    guard hasArchive, !catchingUp.isEmpty else { return [] }
    var wishes: [(token: UInt64, request: ArchivePageRequest)] = []
    for lane in catchingUp {
      guard let request = lane.takeWish(token: lastToken + 1) else { continue }
      lastToken += 1
      wishes.append((lastToken, request))
    }
    return wishes
  }

  /// A page has come, or none could be read. What an earlier subscription asked for is passed over.
  package mutating func fill(_ page: ArchivePage?, token: UInt64) {
    for lane in catchingUp where lane.fill(page, token: token) { return }
  }

  private enum Source {
    case frame, event, answer
    case newest(Int)
  }

  /// The piece that arrived first among those that wait here; after them, gaps.
  private mutating func nextWaiting() -> Piece? {
    var source: Source?
    var arrival = UInt64.max
    if let first = frames.first, first.arrival < arrival { (source, arrival) = (.frame, first.arrival) }
    if let first = events.first, first.arrival < arrival { (source, arrival) = (.event, first.arrival) }
    if let first = answers.first, first.arrival < arrival { (source, arrival) = (.answer, first.arrival) }
    for (index, lane) in coalescing.enumerated() {
      if let newest = lane.newestFrame, newest.arrival < arrival {
        (source, arrival) = (.newest(index), newest.arrival)
      }
    }
    switch source {
    case nil:
      return missing.first.flatMap { gap(of: $0, before: .max) }
    case .answer:
      let line = answers.removeFirst().line
      answerBytes -= line.readableBytes
      return .line(line)
    case .frame:
      if let gap = gap(of: frames[frames.startIndex].lane, before: frames[frames.startIndex].entry.seq) {
        return gap
      }
      let first = frames.removeFirst()
      return give(first.entry, first.lane)
    case .event:
      if let gap = gap(of: events[events.startIndex].lane, before: events[events.startIndex].entry.seq) {
        return gap
      }
      let first = events.removeFirst()
      return give(first.entry, first.lane)
    case .newest(let index):
      let lane = coalescing[index]
      guard let newest = lane.newestFrame else { preconditionFailure("\(lane.log.name): nothing waits") }
      if let gap = gap(of: lane, before: newest.entry.seq) { return gap }
      lane.newestFrame = nil
      coalescing.remove(at: index)
      return give(newest.entry, lane)
    }
  }

  private mutating func gap(of lane: Lane, before seq: UInt64) -> Piece? {
    guard lane.hasMissed, let gap = lane.takeGap(before: seq) else { return nil }
    if !lane.hasMissed { missing.removeAll { $0 === lane } }
    return .gap(gap)
  }

  private mutating func give(_ entry: LogEntry, _ lane: Lane) -> Piece {
    held -= entry.bytes
    if case .late = entry.content { return .gap(lane.late(entry, filter)) }
    return .line(entry.line)
  }
}
