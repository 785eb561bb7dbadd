import Base
import Frames
import Testing

/// Meant for `swift test --sanitize=thread` as well: readers read every byte of what they borrowed while the
/// writer goes on as fast as it can.
@Suite("a ring under load")
struct RingRaceTests {
  private static let frames = 20_000

  @Test(arguments: [2, 3, 5]) func `live readers see whole frames, in order, and account for every lost one`(
    slots: Int
  ) {
    let ring = FrameRing<Page>(slots: slots, policy: .newestWins)
    let accounts = Monitor([UInt64]())
    let threads = (0..<3).map { index in
      let reader = ring.makeReader()
      return WorkerThread(name: "reader") {
        var (last, account) = (0, UInt64(0))
        let look = { (page: borrowing Page, lapped: UInt64) in
          let (number, isWhole) = (page.number, page.isWhole)
          // A frame that found every slot pinned was never published, so pages may run ahead of the count.
          if !isWhole || number < last + 1 + Int(lapped) {
            Issue.record("page \(number) after \(last), \(lapped) lost, whole: \(isWhole)")
          }
          last = number
          account += lapped + 1
        }
        reading: while true {
          switch index == 0 ? reader.newest(look) : reader.next(look) {
          case .frame: continue
          case .woken: continue
          case .timedOut, .ended, .closed: break reading
          }
        }
        accounts.withLock { (list: inout [UInt64], _) in list.append(account) }
      }
    }
    for number in 1...Self.frames {
      ring.publish(Page(number))
      if number % 1000 == 0 { ring.wake() }
    }
    ring.end()
    for thread in threads { thread.join() }
    let published = ring.published
    #expect(published + ring.dropped == UInt64(Self.frames))
    accounts.withLock { (list: inout [UInt64], _) in #expect(list == [published, published, published]) }
  }

  @Test func `readers come and go while a recording is written`() {
    let ring = FrameRing<Page>(slots: 3, policy: .writerWaits)
    let steady = ring.makeReader()
    let steadyThread = WorkerThread(name: "steady") {
      var expected = 1
      while case .frame = steady.next({ (page: borrowing Page, lapped: UInt64) in
        let (number, isWhole) = (page.number, page.isWhole)
        if number != expected || !isWhole || lapped > 0 {
          Issue.record("page \(number) for \(expected), \(lapped) lost, whole: \(isWhole)")
        }
        expected += 1
      }) {}
      #expect(expected == Self.frames + 1)
    }
    let visitors = WorkerThread(name: "visitors") {
      var isOver = false
      while !isOver {
        let visitor = ring.makeReader()
        for _ in 0..<5 {
          guard case .frame(let isWhole) = visitor.next({ (page: borrowing Page, _: UInt64) in page.isWhole })
          else {
            isOver = true
            break
          }
          if !isWhole { Issue.record("a torn page") }
        }
      }
    }
    for number in 1...Self.frames { ring.publish(Page(number)) }
    ring.end()
    steadyThread.join()
    visitors.join()
  }
}
