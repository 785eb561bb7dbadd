import Base
import Events
import NIOCore
import Service
import TestKit

/// A small deterministic generator (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var mix: SplitMix

  init(_ seed: UInt64) { mix = SplitMix(state: seed &* 0x2545_F491_4F6C_DD1D) }

  mutating func next() -> UInt64 { mix.next() }

  mutating func below(_ n: Int) -> Int { Int.random(in: 0..<n, using: &self) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// What a client got, in its order.
enum Got {
  case record(stream: String, seq: UInt64, replay: Bool)
  case gap(Gap)
}

/// Streams, one subscriber, and everything that ever was: for checking the outbox against what it should
/// have done, without knowing how it does it.
struct OutboxWorld {
  /// What became of one seq.
  struct Truth {
    var type: RecordType
    var kind: String?
    /// Frame records before it.
    var ordinal: UInt64
    /// A tick that was missed: there is no record.
    var isLate: Bool
    /// The archive holds it.
    var isKept = false
  }

  struct Stream {
    var log: StreamLog
    /// By seq - 1.
    var truth: [Truth] = []
    var frames: UInt64 = 0
  }

  var streams: [Stream]
  var outbox: Outbox
  var subscription = Subscription()
  /// Where the subscription starts in each stream, and where its live part starts.
  var from: [UInt64]
  var live: [UInt64]
  /// Since the last subscription.
  var got: [Got] = []
  var isOut = false
  private let hasArchive: Bool
  // Small, so that replays cross many pages.
  private static let rowsAtOnce = 7

  init(streams count: Int, limit: Int, keptBytes: Int, hasArchive: Bool = false) {
    self.hasArchive = hasArchive
    streams = (0..<count).map {
      Stream(log: StreamLog(name: "s\($0)", epoch: "e", keptFor: .seconds(1e6), keptBytes: keptBytes))
    }
    outbox = Outbox(limit: limit, hasArchive: hasArchive)
    for (slot, stream) in streams.enumerated() { outbox.add(stream.log, slot: slot) }
    from = streams.map { _ in 1 }
    live = from
  }

  mutating func publish(_ index: Int, _ type: RecordType, kind: String = "", bytes: Int, canSend: Bool) {
    let seq = UInt64(streams[index].truth.count + 1)
    var content = LogEntry.Content.frame
    if type == .event { content = .event(EventMark(id: "\(seq)", kind: kind, phase: .point)) }
    streams[index].truth.append(
      Truth(
        type: type, kind: type == .event ? kind : nil, ordinal: streams[index].frames, isLate: false,
        isKept: type == .event || seq % 5 == 0))
    if type == .frame { streams[index].frames += 1 }
    var line = ByteBuffer(string: "s\(index) \(seq) ")
    line.writeRepeatingByte(46, count: bytes)
    put(LogEntry(seq: seq, lastSeq: seq, content: content, time: time(seq), line: line), index, canSend)
  }

  mutating func late(_ index: Int, count: Int, canSend: Bool) {
    let seq = UInt64(streams[index].truth.count + 1)
    for _ in 0..<count {
      streams[index].truth.append(
        Truth(type: .frame, kind: nil, ordinal: streams[index].frames, isLate: true))
      streams[index].frames += 1
    }
    put(
      LogEntry(
        seq: seq, lastSeq: seq + UInt64(count) - 1, content: .late, time: time(seq), line: ByteBuffer()),
      index, canSend)
  }

  private func time(_ seq: UInt64) -> Timestamp { Timestamp(milliseconds: Int64(seq) * 33) }

  private mutating func put(_ entry: LogEntry, _ index: Int, _ canSend: Bool) {
    let held = streams[index].log.append(entry, at: MonotonicTime(nanoseconds: 0))
    switch outbox.take(held, slot: index, canSend: canSend) {
    case .ignored, .held: break
    case .send: note(held.line, replay: false)
    case .overflow: isOut = true
    }
  }

  mutating func pull(_ most: Int) {
    for _ in 0..<most {
      switch outbox.next() {
      case nil:
        guard answerWishes() else { return }
      case .line(let line): note(line, replay: false)
      case .replay(let line): note(line, replay: true)
      case .gap(let gap): got.append(.gap(gap))
      }
    }
  }

  /// As an archive would, from what was published. False where nothing was asked.
  mutating func answerWishes() -> Bool {
    let wishes = outbox.takeWishes()
    for (token, request) in wishes {
      guard let stream = streams.first(where: { $0.log.name == request.stream }) else { continue }
      var page = ArchivePage(items: [], end: request.seqs.upperBound)
      for seq in request.seqs where stream.truth[Int(seq) - 1].isKept {
        let truth = stream.truth[Int(seq) - 1]
        let content =
          truth.kind.map { LogEntry.Content.event(EventMark(id: "\(seq)", kind: $0, phase: .point)) }
          ?? .frame
        page.items.append(
          .record(
            LogEntry(
              seq: seq, lastSeq: seq, content: content, time: time(seq),
              line: ByteBuffer(string: "\(request.stream) \(seq) "))))
        if page.items.count == Self.rowsAtOnce {
          page.end = seq
          break
        }
      }
      outbox.fill(page, token: token)
    }
    return !wishes.isEmpty
  }

  /// The answer to a subscription is the line `answer`: what was noted before belongs to the old one.
  private mutating func note(_ line: ByteBuffer, replay: Bool) {
    let words = String(buffer: line).split(separator: " ")
    if words[0] == "answer" {
      got.removeAll()
    } else if let seq = UInt64(words[1]) {
      got.append(.record(stream: String(words[0]), seq: seq, replay: replay))
    }
  }

  mutating func subscribe(_ subscription: Subscription, from start: [UInt64]) {
    self.subscription = subscription
    from = start
    live = streams.map(\.log.nextSeq)
    outbox.subscribe(
      subscription,
      places: start.enumerated().map { slot, from in
        let stream = streams[slot]
        let before = stream.truth.dropLast(Int(stream.log.nextSeq - stream.log.oldestSeq))
        return Outbox.Place(
          slot: slot, log: stream.log, from: from,
          framesBefore: UInt64(before.dropFirst(Int(from) - 1).count { $0.type == .frame }))
      },
      answer: [ByteBuffer(string: "answer ")])
  }

  /// Whether the subscription takes a seq, by the words of the protocol.
  func wants(_ truth: Truth) -> Bool {
    if let types = subscription.types, !types.contains(truth.type) { return false }
    if truth.type == .event { return subscription.kinds?.contains(truth.kind ?? "") ?? true }
    return truth.ordinal % UInt64(subscription.every) == 0
  }
}

extension OutboxWorld {
  /// Everything that breaks the law, in words. All must have been pulled.
  func faults() -> [String] {
    var faults: [String] = []
    for (index, stream) in streams.enumerated() {
      let name = "s\(index)"
      var delivered: [UInt64: Int] = [:]
      var covered: [UInt64: Int] = [:]
      var last: UInt64 = 0
      for item in got {
        switch item {
        case .record(name, let seq, let replay):
          if seq <= last { faults.append("\(name) \(seq) after \(last)") }
          last = seq
          delivered[seq, default: 0] += 1
          if replay != (seq < live[index]) { faults.append("\(name) \(seq): replay is \(replay)") }
        case .gap(let gap) where gap.stream == name:
          if last > gap.fromSeq { faults.append("\(name): a gap from \(gap.fromSeq) after \(last)") }
          if hasArchive, gap.reason == .notKept, gap.types != [.frame] {
            faults.append("\(name): \(gap), although every event is kept")
          }
          if gap.fromSeq < from[index] { faults.append("\(name): a gap before \(from[index])") }
          var count: UInt64 = 0
          for seq in gap.fromSeq...gap.toSeq {
            let truth = stream.truth[Int(seq) - 1]
            guard gap.types.contains(truth.type), wants(truth) else { continue }
            covered[seq, default: 0] += 1
            count += 1
          }
          if gap.count != count { faults.append("\(name): gap \(gap) counts \(count)") }
        default: break
        }
      }
      for (offset, truth) in stream.truth.enumerated() {
        let seq = UInt64(offset + 1)
        let times = delivered[seq, default: 0] + covered[seq, default: 0]
        let due = seq >= from[index] && wants(truth) ? 1 : 0
        if times != due {
          faults.append(
            "\(name) \(seq) (\(truth.type)): delivered \(delivered[seq, default: 0])×, covered \(covered[seq, default: 0])×"
          )
        }
      }
    }
    return faults
  }
}
