import Base
import Events
import Foundation
import GRDB
import Journal
import Synchronization
import TestKit
import Testing

@Suite("A journal that meets a fault")
struct JournalFaultTests {
  private let scratch = Scratch("fault")
  private let clocks = ManualClocks()
  private let notices = Notices()
  private var path: String { scratch.file("journal.db") }

  private func open(_ path: String, _ options: JournalOptions = JournalOptions()) throws -> EventJournal {
    try EventJournal(path: path, options: options, clocks: clocks) { [notices] in notices.take($0) }
  }

  private func change(_ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in try database.execute(sql: sql) }
    try queue.close()
  }

  @Test("refuses a newer version's file, and one that is no journal, and leaves them alone")
  func foreign() throws {
    try change("CREATE TABLE recipes (name TEXT)")
    let foreign = #expect(throws: Fault.self) { _ = try open(path) }
    #expect(foreign?.code == .data && foreign?.what.contains("no journal") == true)
    try FileManager.default.removeItem(atPath: path)
    try open(path).close()
    try change("PRAGMA user_version = 7")
    let newer = #expect(throws: Fault.self) { _ = try open(path) }
    #expect(newer?.code == .data && newer?.what.contains("format 7") == true)
    let reading = #expect(throws: Fault.self) { _ = try JournalReader(path: path) }
    #expect(reading?.what.contains("format 7") == true)
    #expect(notices.texts.isEmpty)
  }

  @Test("moves a damaged file aside, says where to, and begins a new one")
  func damaged() throws {
    let first = try open(path)
    Diary(first).point("crossing")
    first.close()
    try Data(repeating: 0x5A, count: 20_000).write(to: URL(fileURLWithPath: path))
    let second = try open(path)
    let diary = Diary(second, epoch: "new1")
    #expect(diary.start.epoch == "new1")
    diary.point("crossing")
    #expect(second.barrier())
    #expect(try events(path).count == 1)
    let text = try #require(notices.texts.first)
    let aside = path + ".damaged-\(clocks.wall().nanoseconds / 1_000_000_000)"
    #expect(text == "aside: the journal is damaged, to \(aside)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: aside)).count == 20_000)
  }

  @Test("whose folder isn't there goes on, tells it, and writes all as soon as it can")
  func folder() throws {
    try scratch.write("not a folder", to: "state")
    let inside = scratch.file("state") + "/journal.db"
    let journal = try open(inside)
    let diary = Diary(journal, epoch: "new1")
    let answers = Mutex<[Bool]>([])
    diary.point("crossing") { written in answers.withLock { $0.append(written) } }
    #expect(!journal.barrier())
    #expect(answers.withLock { $0 } == [false])
    #expect(journal.status.trouble != nil)
    let open = diary.begin()
    try FileManager.default.removeItem(atPath: scratch.file("state"))
    #expect(journal.barrier())
    #expect(journal.status.trouble == nil && journal.status.lost == 0)
    #expect(try events(inside).map(\.event.kind) == ["crossing", "loitering"])
    #expect(try JournalReader(path: inside).streams().map(\.openEvents) == [1])
    diary.end(open)
    #expect(journal.barrier())
    #expect(notices.texts == ["failing: the journal can't be opened", "resumed, 0 lost"])
  }

  @Test("tries again by itself, at most once a second")
  func retry() throws {
    try scratch.write("not a folder", to: "state")
    let journal = try open(scratch.file("state") + "/journal.db")
    let diary = Diary(journal)
    journal.barrier()
    try FileManager.default.removeItem(atPath: scratch.file("state"))
    diary.point("crossing")
    clocks.advance(by: .seconds(1.1))
    let answer = Monitor<Bool?>(nil)
    diary.point("crossing") { written in
      answer.withLock { value, held in
        value = written
        held.wakeAll()
      }
    }
    let written = answer.withLock { value, held in
      while value == nil { held.wait(&value) }
      return value
    }
    #expect(written == true)
  }

  @Test("keeps within its bounds, counts what it loses, and says in the file where that was")
  func bounds() throws {
    try scratch.write("not a folder", to: "state")
    let inside = scratch.file("state") + "/journal.db"
    let journal = try open(inside, JournalOptions(waitingBytes: 40_000))
    let diary = Diary(journal)
    for number in 0..<100 {
      diary.point("k\(number)")
      journal.barrier()
    }
    let lost = journal.status.lost
    #expect(lost > 50 && lost < 100)
    try FileManager.default.removeItem(atPath: scratch.file("state"))
    #expect(journal.barrier())
    #expect(try events(inside).count == 100 - Int(lost))
    let hole = try #require(try JournalReader(path: inside).holes().first)
    #expect(hole.reason == .journalFailed && hole.events == lost)
    #expect(hole.fromSeq == 1 && hole.toSeq == lost)
    #expect(notices.texts.last == "resumed, \(lost) lost")
  }

  @Test("refuses what finds no room, and says so to whoever waits")
  func noRoom() throws {
    let journal = try open(path, JournalOptions(waitingBytes: 100))
    let diary = Diary(journal)
    let answers = Mutex<[Bool]>([])
    for _ in 0..<5 { diary.point("crossing") { written in answers.withLock { $0.append(written) } } }
    journal.barrier()
    #expect(answers.withLock { $0 } == Array(repeating: false, count: 5))
    #expect(journal.status.lost == 5)
  }

  @Test(
    "goes on over a full disk, and writes again when there is room",
    .enabled(if: TinyDisk.isPossible, "mounting a small disk needs root"))
  func fullDisk() throws {
    let disk = try TinyDisk(kilobytes: 600)
    let inside = disk.path + "/journal.db"
    let journal = try open(inside, JournalOptions(waitingBytes: 200_000))
    let diary = Diary(journal)
    diary.point("first")
    #expect(journal.barrier())
    let ballast = disk.path + "/ballast"
    disk.fill(ballast)
    var rounds = 0
    while journal.barrier(), rounds < 1000 {
      rounds += 1
      diary.point("more", text: String(repeating: "x", count: 3000))
    }
    #expect(journal.status.trouble != nil)
    for _ in 0..<300 {
      diary.point("lost")
      journal.barrier()
    }
    let lost = journal.status.lost
    #expect(lost > 0)
    try FileManager.default.removeItem(atPath: ballast)
    #expect(journal.barrier())
    diary.point("last")
    #expect(journal.barrier())
    let kept = try events(inside)
    #expect(kept.first?.event.kind == "first" && kept.last?.event.kind == "last")
    #expect(kept.count + Int(journal.status.lost) == Int(diary.number) - 1)
    #expect(notices.texts.contains { $0.contains("the disk is full") }, "\(notices.texts)")
    journal.close()
  }
}

/// A file system of a test's own, in memory.
private final class TinyDisk {
  private let scratch = Scratch("disk")
  var path: String { scratch.path }

  static var isPossible: Bool { getuid() == 0 && (try? TinyDisk(kilobytes: 64)) != nil }

  init(kilobytes: Int) throws {
    guard mount("tmpfs", scratch.path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM)
    }
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }

  /// Writes a file until there is no room left.
  func fill(_ file: String) {
    let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
    let page = [UInt8](repeating: 0, count: 4096)
    while write(descriptor, page, page.count) > 0 {}
    close(descriptor)
  }
}
