import Base
import Synchronization

/// A frame for tests: numbers that are all the same as long as nobody writes while another reads.
struct Page: ~Copyable, @unchecked Sendable {
  // Safety: written in `init` and `deinit` only; the ring under test has to see to the rest.
  private let words: UnsafeMutableBufferPointer<Int>
  private let tally: Tally?

  init(_ number: Int, _ tally: Tally? = nil) {
    words = .allocate(capacity: 256)
    words.initialize(repeating: number)
    self.tally = tally
    tally?.add(1)
  }

  deinit {
    words.update(repeating: -1)
    words.deallocate()
    tally?.add(-1)
  }

  var number: Int { words[0] }
  var isWhole: Bool { words.allSatisfy { $0 == words[0] && $0 > 0 } }
}

/// Counts frames that live.
final class Tally: Sendable {
  private let now = Atomic<Int>(0)
  private let ever = Atomic<Int>(0)

  func add(_ change: Int) {
    now.add(change, ordering: .relaxed)
    if change > 0 { ever.add(change, ordering: .relaxed) }
  }

  var alive: Int { now.load(ordering: .relaxed) }
  var born: Int { ever.load(ordering: .relaxed) }
}
