import Base
import Events
import Foundation
import Journal
import Synchronization
import TestKit
import Testing

@Suite("A journal")
struct JournalTests {
  private let scratch = Scratch("journal")
  private let clocks = ManualClocks()
  private var path: String { scratch.file("journal.db") }

  private func open(_ options: JournalOptions = JournalOptions()) throws -> EventJournal {
    try EventJournal(path: path, options: options, clocks: clocks)
  }

  @Test("keeps every event as it was sent, and one frame record a second")
  func keeps() throws {
    let journal = try open()
    let diary = Diary(journal)
    diary.frames(45)
    let event = diary.begin(objects: [7])
    diary.frames(45, objects: [7])
    diary.end(event)
    #expect(journal.barrier())
    var lines: [JournalRow] = []
    try JournalReader(path: path).each(JournalQuery(types: [.frame, .event], order: .bySeq)) { row in
      lines.append(row)
      return true
    }
    #expect(lines.filter { $0.type == .frame }.map(\.mediaTime) == [1.0 / 30, 1, 2, 3])
    let kept = try events(path)
    #expect(kept.map(\.event.phase) == [.begin, .end])
    #expect(kept.map(\.seq) == [46, 92])
    #expect(kept[0].event == event)
    #expect(journal.status.written == 6)
  }

  @Test("keeps all frame records where that is asked for")
  func allFrames() throws {
    var options = JournalOptions()
    options.frames = .all
    let journal = try open(options)
    Diary(journal).frames(100)
    journal.close()
    #expect(try JournalReader(path: path).streams().map(\.records) == [100])
  }

  @Test("tells when a record is on disk, in the order of the records")
  func done() throws {
    let journal = try open()
    let diary = Diary(journal)
    let told = Mutex<[Int]>([])
    for number in 0..<200 {
      let path = path
      diary.point("crossing") { written in
        // Another connection sees it already.
        let isThere = number % 50 > 0 || (try? events(path).count) ?? 0 > number
        told.withLock { $0.append(written && isThere ? number : -1) }
      }
    }
    journal.close()
    #expect(told.withLock { $0 } == Array(0..<200))
  }

  @Test("goes on with all numbers after an orderly stop, without a gap")
  func orderly() throws {
    let first = try open()
    let diary = Diary(first)
    diary.frames(10, objects: [3])
    diary.end(diary.begin(objects: [4]))
    diary.stream.leave()
    first.close()
    let second = try open()
    let next = Diary(second, epoch: "zzzz").start
    #expect(next.epoch == "k3f9")
    #expect(next.next == JournalReach(seq: 13, event: 2, object: 5))
    #expect(next.gap == nil && next.aborted.isEmpty)
    #expect(next.last?.frame == 10)
  }

  @Test("ends what an unclean stop left open, with its true last_seen, behind one gap")
  func unclean() throws {
    let journal = try open()
    let diary = Diary(journal)
    diary.frames(30)
    let event = diary.begin(objects: [7])
    diary.frames(90, objects: [7])
    let other = diary.begin("crowding", objects: [8, 9])
    diary.frames(31, objects: [8])
    journal.barrier()
    let copy = scratch.file("killed.db")
    try killedCopy(of: path, to: copy)

    clocks.advance(by: .seconds(3))
    let again = try EventJournal(path: copy, clocks: clocks)
    let start = Diary(again).start
    let gap = try #require(start.gap)
    // At most a second was written less than was used.
    #expect((diary.nextSeq - 30...diary.nextSeq).contains(gap.lowerBound))
    #expect(gap.upperBound >= diary.nextSeq)
    #expect(start.aborted.map(\.event.id) == [event.id, other.id])
    #expect(start.aborted.map(\.seq) == [gap.upperBound + 1, gap.upperBound + 2])
    #expect(start.aborted.allSatisfy { $0.event.reason == .aborted && $0.event.phase == .end })
    #expect(start.aborted.map(\.event.lastSeen) == [4, 5])
    #expect(start.next.seq == gap.upperBound + 3)
    #expect(start.next.event > 2 && start.next.object > 9)
    #expect(try events(copy).suffix(2) == start.aborted[...])
    let holes = try JournalReader(path: copy).holes()
    #expect(holes.map(\.reason) == [.restart])
    #expect(holes.first.map { $0.fromSeq...$0.toSeq } == gap)
    #expect(try JournalReader(path: copy).streams().map(\.openEvents) == [0])
  }

  @Test("never gives a number twice, even where it could not reserve any")
  func surelyFree() throws {
    var options = JournalOptions()
    options.block = JournalReach(seq: 100, event: 10, object: 10)
    let journal = try open(options)
    Diary(journal).frames(10)
    journal.barrier()
    let copy = scratch.file("killed.db")
    try killedCopy(of: path, to: copy)
    // The disk failed for an hour, then the machine.
    clocks.advance(by: .seconds(3600))
    let start = Diary(try EventJournal(path: copy, clocks: clocks)).start
    #expect(start.next.seq >= 3600 * 30)
  }

  @Test("reserves ahead, so that a stop costs no more than a block")
  func blocks() throws {
    var options = JournalOptions()
    options.block = JournalReach(seq: 4096, event: 16, object: 16)
    let journal = try open(options)
    let diary = Diary(journal)
    for round in 1...20 as ClosedRange<UInt64> {
      diary.frames(1500)
      for _ in 0..<5 { diary.point("crossing") }
      journal.barrier()
      let copy = scratch.file("killed-\(round).db")
      try killedCopy(of: path, to: copy)
      let start = Diary(try EventJournal(path: copy, options: options, clocks: clocks)).start
      #expect(start.next.seq >= diary.nextSeq + 1024 && start.next.seq <= diary.nextSeq + 4096)
      #expect(start.next.event > diary.number && start.next.event <= diary.number + 16)
    }
  }

  @Test("belongs to one writer at a time, and to any number of readers")
  func lock() throws {
    let journal = try open()
    Diary(journal).point("crossing")
    journal.barrier()
    let refused = #expect(throws: Fault.self) { _ = try open() }
    #expect(refused?.code == .unavailable)
    #expect(try events(path).count == 1)
    journal.close()
    try open().close()
  }

  @Test("forgets what is too old")
  func age() throws {
    let journal = try open(JournalOptions(keptFor: .seconds(3600)))
    let diary = Diary(journal)
    diary.point("old")
    journal.barrier()
    clocks.advance(by: .seconds(3700))
    let late = Diary(journal, "yard")
    journal.barrier()
    #expect(try events(path).isEmpty)
    late.stream.leave()
    journal.barrier()
    #expect(journal.status.expired == 1)
  }

  @Test("forgets the oldest where there is too much, and gives the room back")
  func size() throws {
    let journal = try open(JournalOptions(keptBytes: 400_000, waitingBytes: 64 << 20))
    let diary = Diary(journal)
    for number in 0..<40 {
      for _ in 0..<100 { diary.point("k\(number)", text: String(repeating: "x", count: 400)) }
      clocks.advance(by: .seconds(11))
      journal.barrier()
    }
    journal.close()
    let kept = try events(path)
    #expect(kept.count > 100 && kept.count < 1000)
    #expect(kept.last?.event.kind == "k39")
    let first = try #require(kept.first)
    #expect(kept.map(\.seq) == Array(first.seq...4000))
    let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(bytes ?? .max < 1_000_000)
    #expect(try JournalReader(path: path).damage().isEmpty)
  }
}
