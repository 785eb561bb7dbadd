import Base
import Events
import Journal
import Logging
import Service

/// A journal as subscribers replay it. One thread reads; what is asked for waits its turn there, at most one
/// thing of each subscriber and stream.
package final class JournalArchive: RecordArchive {
  private enum Question: Sendable {
    case place(ArchivePlaceRequest, @Sendable (ArchivePlace?) -> Void)
    case page(ArchivePageRequest, @Sendable (ArchivePage?) -> Void)
  }

  private struct State {
    var questions: [Question] = []
    var isOver = false
    /// The thread has returned.
    var isDone = false
  }

  private let journal: EventJournal
  private let state = Monitor(State())

  // About 200 KiB: what a client's socket takes at once, more or less.
  private static let rowsAtOnce = 400

  package init(_ journal: EventJournal, logger: Logger) {
    self.journal = journal
    let shelf = Shelf(path: journal.path, logger: logger)
    _ = WorkerThread(name: "replay") { [self] in
      while let question = next() { answer(question, from: shelf) }
      state.withLock { state, held in
        state.isDone = true
        held.wakeAll()
      }
    }
  }

  /// Reads no more: whoever asks from now on, and who waits, gets nothing. Any thread; waits for the answer that is due
  /// until the deadline, after which the reading thread is left alone with its disk.
  package func stop(until deadline: MonotonicTime) {
    let waiting = state.withLock { state, held in
      state.isOver = true
      held.wakeAll()
      defer { state.questions = [] }
      return state.questions
    }
    for question in waiting {
      switch question {
      case .place(_, let reply): reply(nil)
      case .page(_, let reply): reply(nil)
      }
    }
    state.withLock { state, held in
      while !state.isDone, held.wait(&state, until: deadline) {}
    }
  }

  package func oldest(of stream: String, epoch: String) -> UInt64? {
    journal.oldest(of: stream, epoch: epoch)
  }

  package func find(_ request: ArchivePlaceRequest, reply: @escaping @Sendable (ArchivePlace?) -> Void) {
    if !ask(.place(request, reply)) { reply(nil) }
  }

  package func read(_ request: ArchivePageRequest, reply: @escaping @Sendable (ArchivePage?) -> Void) {
    if !ask(.page(request, reply)) { reply(nil) }
  }

  /// False at the end.
  private func ask(_ question: Question) -> Bool {
    state.withLock { state, held in
      guard !state.isOver else { return false }
      state.questions.append(question)
      held.wakeAll()
      return true
    }
  }

  private func next() -> Question? {
    state.withLock { state, held in
      while state.questions.isEmpty, !state.isOver { held.wait(&state) }
      return state.questions.isEmpty ? nil : state.questions.removeFirst()
    }
  }

  private func answer(_ question: Question, from shelf: Shelf) {
    switch question {
    case .place(let request, let reply):
      let place = shelf.read { reader in
        switch request.start {
        case .seq(let seq):
          try reader.place(request.stream, epoch: request.epoch, seq: seq, before: request.end)
        case .time(let time):
          try reader.place(request.stream, epoch: request.epoch, time: time, before: request.end)
        }
      }
      reply(place.map(ArchivePlace.init))
    case .page(let request, let reply):
      let page = shelf.read { reader in
        try reader.page(
          request.stream, epoch: request.epoch, seqs: request.seqs, most: Self.rowsAtOnce,
          withEarlierHoles: request.isFirst)
      }
      reply(page.map { ArchivePage($0, from: request.seqs.lowerBound) })
    }
  }
}

/// The file, opened when it is needed, and anew after it has failed. Belongs to the reading thread.
private final class Shelf: @unchecked Sendable {
  // Safety: made by the thread that makes the archive, then handed over to the reading thread alone.
  private let path: String
  private let logger: Logger
  private var reader: JournalReader?
  private var isFailing = false

  init(path: String, logger: Logger) {
    self.path = path
    self.logger = logger
  }

  /// Nil where it can't be read, which is logged once until it can.
  func read<R>(_ body: (JournalReader) throws -> R?) -> R? {
    do {
      let known = try reader ?? JournalReader(path: path)
      reader = known
      let answer = try body(known)
      isFailing = false
      return answer
    } catch {
      reader = nil
      if !isFailing {
        logger.error("the journal can't be read: replays have gaps", metadata: ["fault": "\(error)"])
      }
      isFailing = true
      return nil
    }
  }
}

extension ArchivePlace {
  fileprivate init(_ place: JournalPlace) {
    self.init(from: place.from, frames: place.frames, open: place.open.compactMap(LogEntry.init))
  }
}

extension ArchivePage {
  fileprivate init(_ page: JournalPage, from first: UInt64) {
    var items: [Item] = page.rows.compactMap { row in LogEntry(row).map { .record($0) } }
    items += page.holes.map {
      .hole(ArchiveHole(fromSeq: $0.fromSeq, toSeq: $0.toSeq, events: $0.events, reason: $0.reason))
    }
    if page.knownFrom > first {
      items.append(
        .hole(ArchiveHole(fromSeq: first, toSeq: page.knownFrom - 1, events: nil, reason: .notKept)))
    }
    items.sort { a, b in a.seq != b.seq ? a.seq < b.seq : a.isHole && !b.isHole }
    self.init(items: items, end: page.end)
  }
}
