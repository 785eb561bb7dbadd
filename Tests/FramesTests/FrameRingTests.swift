import Base
import Frames
import Testing

@Suite("a ring of frames")
struct FrameRingTests {
  private let clocks = SystemClocks()
  private var soon: MonotonicTime { clocks.monotonic() + .milliseconds(20) }

  private func taken(_ reader: RingReader<Page>, newest: Bool = false) -> String {
    let look = { (page: borrowing Page, lapped: UInt64) in "\(page.number) after \(lapped)" }
    let reading = newest ? reader.newest(until: soon, look) : reader.next(until: soon, look)
    return switch reading {
    case .frame(let text): text
    case .timedOut: "timed out"
    case .woken: "woken"
    case .ended: "ended"
    case .closed: "closed"
    }
  }

  @Test func `live, the newest frames win and a reader learns how many it lost`() {
    let ring = FrameRing<Page>(slots: 4, policy: .newestWins)
    let reader = ring.makeReader()
    for number in 1...3 { ring.publish(Page(number)) }
    #expect(taken(reader) == "1 after 0")
    for number in 4...10 { ring.publish(Page(number)) }
    #expect(taken(reader) == "7 after 5")
    #expect(taken(reader) == "8 after 0")
    #expect(taken(reader, newest: true) == "10 after 1")
    #expect(taken(reader) == "timed out")
    #expect(ring.published == 10)
    #expect(ring.dropped == 0)
  }

  @Test func `a live reader that comes later starts at the newest frame`() {
    let ring = FrameRing<Page>(slots: 4, policy: .newestWins)
    for number in 1...7 { ring.publish(Page(number)) }
    #expect(taken(ring.makeReader()) == "7 after 0")
  }

  @Test func `the writer skips a frame that is being looked at`() {
    let ring = FrameRing<Page>(slots: 2, policy: .newestWins)
    let reader = ring.makeReader()
    ring.publish(Page(1))
    _ = reader.next { (page: borrowing Page, _: UInt64) in
      for number in 2...9 { ring.publish(Page(number)) }
      let (number, isWhole) = (page.number, page.isWhole)
      #expect(number == 1 && isWhole)
    }
    #expect(taken(reader) == "9 after 7")
  }

  @Test func `when every slot is looked at the new frame is dropped and counted`() {
    let ring = FrameRing<Page>(slots: 2, policy: .newestWins)
    let (one, other) = (ring.makeReader(), ring.makeReader())
    ring.publish(Page(1))
    _ = one.next { (_: borrowing Page, _: UInt64) in
      ring.publish(Page(2))
      _ = other.newest { (_: borrowing Page, _: UInt64) in
        let wasTaken = ring.publish(Page(3))
        #expect(wasTaken)
        #expect(ring.dropped == 1)
      }
    }
    #expect(ring.published == 2)
    #expect(taken(one) == "2 after 0")
  }

  @Test(arguments: [1, 2, 3]) func `a recording's writer waits, and every reader gets every frame`(
    readers: Int
  ) {
    let ring = FrameRing<Page>(slots: 3, policy: .writerWaits)
    let seen = Monitor([[Int]](repeating: [], count: readers))
    let threads = (0..<readers).map { index in
      let reader = ring.makeReader()
      return WorkerThread(name: "reader") {
        while case .frame = reader.next({ (page: borrowing Page, lapped: UInt64) in
          let (number, isWhole) = (page.number, page.isWhole)
          #expect(lapped == 0 && isWhole)
          seen.withLock { (lists: inout [[Int]], _) in lists[index].append(number) }
        }) {}
      }
    }
    for number in 1...500 { ring.publish(Page(number)) }
    ring.end()
    for thread in threads { thread.join() }
    seen.withLock { (lists: inout [[Int]], _) in
      for list in lists { #expect(list == Array(1...500)) }
    }
  }

  @Test func `frames of a recording wait for its first reader`() {
    let ring = FrameRing<Page>(slots: 2, policy: .writerWaits)
    let writer = WorkerThread(name: "writer") {
      for number in 1...4 { ring.publish(Page(number)) }
      ring.end()
    }
    // The writer may have come as far as two frames, never further.
    let reader = ring.makeReader()
    var got: [Int] = []
    while case .frame(let number) = reader.next({ (page: borrowing Page, _: UInt64) in page.number }) {
      got.append(number)
    }
    writer.join()
    #expect(got == [1, 2, 3, 4])
  }

  @Test func `a reader that leaves doesn't hold up a recording`() {
    let ring = FrameRing<Page>(slots: 2, policy: .writerWaits)
    let stays = ring.makeReader()
    var leaves: RingReader<Page>? = ring.makeReader()
    ring.publish(Page(1))
    ring.publish(Page(2))
    #expect(taken(stays) == "1 after 0")
    #expect(leaves != nil)
    leaves = nil
    let wasTaken = ring.publish(Page(3))
    #expect(wasTaken)
    #expect(taken(stays) == "2 after 0")
  }

  @Test func `closing lets go of a waiting writer and of waiting readers`() {
    let ring = FrameRing<Page>(slots: 2, policy: .writerWaits)
    let reader = ring.makeReader()
    let writer = WorkerThread(name: "writer") {
      var number = 0
      repeat { number += 1 } while ring.publish(Page(number))
      #expect(number == 3)
    }
    while ring.published < 2 { #expect(taken(ring.makeReader()) != "closed") }
    ring.close()
    writer.join()
    #expect(taken(reader) == "closed")
    let wasTaken = ring.publish(Page(9))
    #expect(!wasTaken)
  }

  @Test func `after the end readers get what is left`() {
    let ring = FrameRing<Page>(slots: 4, policy: .newestWins)
    let reader = ring.makeReader()
    ring.publish(Page(1))
    ring.publish(Page(2))
    ring.end()
    #expect(taken(reader) == "1 after 0")
    #expect(taken(reader) == "2 after 0")
    #expect(taken(reader) == "ended")
    let wasTaken = ring.publish(Page(3))
    #expect(!wasTaken)
  }

  @Test func `a wake reaches a reader that waits, and one that will`() {
    let ring = FrameRing<Page>(slots: 2, policy: .newestWins)
    let reader = ring.makeReader()
    ring.wake()
    #expect(taken(reader) == "woken")
    #expect(taken(reader) == "timed out")
    let waker = WorkerThread(name: "waker") { ring.wake() }
    let reading = reader.next { (_: borrowing Page, _: UInt64) in }
    waker.join()
    guard case .woken = reading else {
      Issue.record("not woken")
      return
    }
  }

  @Test func `every frame dies, whoever had it last`() {
    let tally = Tally()
    do {
      let ring = FrameRing<Page>(slots: 3, policy: .newestWins)
      let reader = ring.makeReader()
      for number in 1...20 { ring.publish(Page(number, tally)) }
      #expect(tally.alive == 3)
      #expect(taken(reader) == "18 after 17")
    }
    #expect(tally.alive == 0)
    #expect(tally.born == 20)
  }
}
