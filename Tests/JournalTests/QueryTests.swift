import Base
import Events
import Journal
import TestKit
import Testing

@Suite("A journal is asked")
struct QueryTests {
  private let scratch = Scratch("query")
  private var path: String { scratch.file("journal.db") }

  private func fill() throws {
    let journal = try EventJournal(path: path, clocks: ManualClocks())
    let (lobby, yard) = (Diary(journal), Diary(journal, "yard"))
    for _ in 0..<10 {
      lobby.frames(30)
      yard.frames(30)
      lobby.point("crossing")
      yard.end(yard.begin("loitering"))
    }
    journal.close()
  }

  @Test("by stream, kind, time, seq and number, in either order")
  func questions() throws {
    try fill()
    func count(_ query: JournalQuery) throws -> Int { try events(path, query).count }
    #expect(try count(JournalQuery()) == 30)
    #expect(try count(JournalQuery(streams: ["yard"])) == 20)
    #expect(try count(JournalQuery(streams: ["yard"], kinds: ["crossing"])) == 0)
    #expect(try count(JournalQuery(kinds: ["crossing", "loitering"])) == 30)
    #expect(try count(JournalQuery(limit: 7)) == 7)
    #expect(try count(JournalQuery(streams: ["lobby"], epoch: "k3f9", seqs: 32...93, order: .bySeq)) == 2)
    let from = Timestamp(milliseconds: 1_795_441_520_000 + 3000)
    let all = try events(path)
    #expect(try count(JournalQuery(since: from)) == all.count { $0.time >= from })
    #expect(try count(JournalQuery(until: from)) == all.count { $0.time < from })
    #expect(all.map(\.time) == all.map(\.time).sorted())
    #expect(try events(path, JournalQuery(order: .newestFirst)) == all.reversed())
    let streams = try JournalReader(path: path).streams()
    #expect(streams.map(\.name) == ["lobby", "yard"])
    #expect(streams.map(\.events) == [10, 20])
  }

  @Test("and gives one record at a time, as long as they are wanted")
  func streaming() throws {
    try fill()
    var seen = 0
    try JournalReader(path: path).each(JournalQuery()) { _ in
      seen += 1
      return seen < 3
    }
    #expect(seen == 3)
  }

  @Test("where there is none, or nothing in it, or something else")
  func none() throws {
    let none = #expect(throws: Fault.self) { _ = try JournalReader(path: path) }
    #expect(none?.code == .noInput)
    try scratch.write("", to: "journal.db")
    let empty = #expect(throws: Fault.self) { _ = try JournalReader(path: path) }
    #expect(empty?.code == .data)
  }

  @Test("to give back the room of what is gone")
  func vacuum() throws {
    try fill()
    let sizes = try JournalUpkeep.vacuum(path: path)
    #expect(sizes.after <= sizes.before && sizes.after > 0)
    #expect(try events(path).count == 30)
    #expect(throws: Fault.self) { try JournalUpkeep.vacuum(path: scratch.file("none.db")) }
  }
}
