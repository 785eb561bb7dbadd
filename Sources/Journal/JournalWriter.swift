import Base
import Events
import GRDB

/// The writing end of a journal. All but its making belongs to the journal's thread.
final class JournalWriter: @unchecked Sendable {
  // Safety: made by the thread that opens the journal, then handed over to the journal's thread alone.
  private enum Mode {
    case writing(JournalFile)
    case failing(retry: MonotonicTime, lostBefore: UInt64)
  }

  private let path: String
  private let options: JournalOptions
  private let clocks: any Clocks
  private let inlet: JournalInlet
  private let tell: @Sendable (JournalNotice) -> Void
  private var mode: Mode
  private var ledgers: [Int: JournalLedger] = [:]
  private var pending: [JournalBatch] = []
  private var encoder = RecordWriter()
  private var expiry: JournalExpiry
  private var lost: UInt64 = 0

  // As often as a stream alone would try, with its record a second.
  private static let retryAfter: Nanoseconds = .seconds(1)

  init(
    path: String, options: JournalOptions, clocks: any Clocks, inlet: JournalInlet,
    tell: @escaping @Sendable (JournalNotice) -> Void
  ) throws(Fault) {
    self.path = path
    self.options = options
    self.clocks = clocks
    self.inlet = inlet
    self.tell = tell
    expiry = JournalExpiry(options)
    mode = .failing(retry: clocks.monotonic(), lostBefore: 0)
    do throws(JournalTrouble) {
      mode = .writing(try open())
    } catch {
      guard case .failing(let fault) = error else { throw error.fault }
      fail(fault)
    }
  }

  func run() {
    while let errands = inlet.take() {
      for errand in errands { take(errand) }
      flush(insists: false)
      expire()
    }
    flush(insists: true)
    for batch in pending { lose(batch) }
    if case .writing(let file) = mode { file.close() }
  }

  private func take(_ errand: JournalErrand) {
    switch errand {
    case .batch(let batch): pending.append(batch)
    case .lose(let loss):
      flush(insists: false)
      note(loss)
      loss.done?(false)
    case .enter(let stream, let name, let makeEpoch, let reply):
      flush(insists: true)
      reply(enter(stream, name, makeEpoch))
    case .leave(let stream):
      flush(insists: true)
      leave(stream)
    case .barrier(let done):
      flush(insists: true)
      done(isWriting && pending.isEmpty)
    }
  }

  private var isWriting: Bool {
    if case .writing = mode { true } else { false }
  }

  private var now: Timestamp { Timestamp(milliseconds: clocks.wall().nanoseconds / 1_000_000) }
}

// Streams that come and go.
extension JournalWriter {
  private func enter(
    _ stream: Int, _ name: String, _ makeEpoch: @Sendable () -> String
  ) -> JournalStart {
    var ledger = JournalLedger(name: name, epoch: makeEpoch())
    let start = write { [options, now] database in
      // A failed attempt leaves nothing behind in it.
      var entering = ledger
      let start = try entering.enter(database, isNew: true, block: options.block, now: now)
      return (entering, start)
    }
    if let (entered, _) = start { ledger = entered }
    ledgers[stream] = ledger
    noteOldest()
    return start?.1 ?? JournalStart(epoch: ledger.epoch)
  }

  private func leave(_ stream: Int) {
    // Where this fails, the next start takes the stop for an unclean one, which costs a gap.
    _ = write { [self] database in try ledgers[stream]?.save(database, isOpen: false, now: now) }
    pending.removeAll { batch in
      guard batch.stream == stream else { return false }
      lose(batch)
      return true
    }
    ledgers[stream] = nil
  }
}

// Writing.
extension JournalWriter {
  /// Writes what is pending, if the journal works or it is time to try again.
  private func flush(insists: Bool) {
    if case .failing(let retry, _) = mode {
      guard insists || clocks.monotonic() >= retry else { return tellPending(false) }
      guard reopen() else { return tellPending(false) }
    }
    guard !pending.isEmpty else { return }
    let written = write { [self] database in
      var changed = ledgers
      let now = now
      for batch in pending {
        try changed[batch.stream]?.take(batch, block: options.block, now: now, &encoder, database)
      }
      return changed
    }
    guard let written else { return tellPending(false) }
    let hadAll = ledgers.values.allSatisfy { $0.oldest != nil }
    ledgers = written
    if !hadAll { noteOldest() }
    let count = pending.reduce(0) { $0 + $1.records.count }
    inlet.note { $0.written += UInt64(count) }
    tellPending(true)
    pending.removeAll(keepingCapacity: true)
  }

  /// Tells whoever waits how it went, once; and keeps what isn't written within bounds.
  private func tellPending(_ isWritten: Bool) {
    for index in pending.indices {
      pending[index].done?(isWritten)
      pending[index].done = nil
    }
    guard !isWritten else { return }
    var bytes = pending.reduce(0) { $0 + $1.bytes }
    let kept = pending.firstIndex { batch in
      if bytes <= options.waitingBytes { return true }
      bytes -= batch.bytes
      return false
    }
    let gone = pending[..<(kept ?? pending.endIndex)]
    for batch in gone { lose(batch) }
    pending.removeFirst(gone.count)
  }

  private func lose(_ batch: JournalBatch) {
    if let loss = JournalLoss(batch) { note(loss) }
  }

  private func note(_ loss: JournalLoss) {
    lost += loss.records
    inlet.lose(loss.records, of: loss.stream)
    guard var ledger = ledgers[loss.stream] else { return }
    ledger.used = ledger.used.joined(loss.reach)
    ledger.lost?.extend(by: loss)
    ledger.lost = ledger.lost ?? loss
    ledgers[loss.stream] = ledger
  }

  /// Runs a transaction; nil where it fails, which is told of.
  private func write<R>(_ body: (Database) throws -> R) -> R? {
    guard case .writing(let file) = mode else { return nil }
    do throws(JournalTrouble) {
      return try file.transaction(body)
    } catch {
      file.close()
      guard case .corrupt(let fault) = error else {
        fail(error.fault)
        return nil
      }
      fail(fault)
      // A new file is begun at once: what is in use goes on in it.
      return reopen() ? write(body) : nil
    }
  }

  private func fail(_ fault: Fault) {
    let before = if case .failing(_, let known) = mode { known } else { lost }
    let isNews = isWriting || inlet.status.trouble == nil
    mode = .failing(retry: clocks.monotonic() + Self.retryAfter, lostBefore: before)
    inlet.note { $0.trouble = fault.cause.map { "\(fault.what): \($0)" } ?? fault.what }
    if isNews { tell(.failing(fault)) }
  }

  /// Opens the file again, and tells it of the streams that are in use.
  private func reopen() -> Bool {
    guard case .failing(_, let before) = mode else { return true }
    do throws(JournalTrouble) {
      let file = try open()
      let known = try file.transaction { [options, now, ledgers] database in
        var known = ledgers
        for stream in known.keys.sorted() {
          _ = try known[stream]?.enter(database, isNew: false, block: options.block, now: now)
        }
        return known
      }
      ledgers = known
      mode = .writing(file)
      noteOldest()
    } catch {
      fail(error.fault)
      return false
    }
    inlet.note { $0.trouble = nil }
    tell(.resumed(lost: lost - before))
    return true
  }

  private func noteOldest() {
    // Streams that have left can still be read.
    var oldest = inlet.oldest
    for ledger in ledgers.values {
      if let seq = ledger.oldest { oldest[ledger.name] = JournalOldest(epoch: ledger.epoch, seq: seq) }
    }
    inlet.setOldest(oldest)
  }

  /// A damaged file is moved aside, once.
  private func open() throws(JournalTrouble) -> JournalFile {
    do throws(JournalTrouble) {
      return try JournalFile(path: path)
    } catch {
      guard case .corrupt(let fault) = error else { throw error }
      let target = try JournalFile.setAside(path, at: clocks.wall())
      tell(.setAside(fault, to: target))
      return try JournalFile(path: path)
    }
  }

  private func expire() {
    guard case .writing(let file) = mode else { return }
    do throws(JournalTrouble) {
      let gone = try expiry.run(file, monotonic: clocks.monotonic(), now: now)
      guard gone > 0 else { return }
      inlet.note { $0.expired += UInt64(gone) }
      ledgers = try file.transaction { [ledgers] database in
        try ledgers.mapValues { ledger in
          var ledger = ledger
          try ledger.findOldest(database)
          return ledger
        }
      }
      noteOldest()
    } catch {
      file.close()
      fail(error.fault)
    }
  }
}
