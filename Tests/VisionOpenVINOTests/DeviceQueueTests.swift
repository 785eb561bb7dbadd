import Base
import Synchronization
import TestKit
import Testing
import VisionOpenVINO

/// Lets pieces say that they ran, and holds the queue's thread until it is let go.
private final class Record: Sendable {
  private let state = Monitor((ran: [String](), isOpen: false))

  func note(_ name: String) {
    state.withLock { state, held in
      state.ran.append(name)
      held.wakeAll()
    }
  }

  func hold() {
    note("held")
    state.withLock { state, held in while !state.isOpen { held.wait(&state) } }
  }

  func open() {
    state.withLock { state, held in
      state.isOpen = true
      held.wakeAll()
    }
  }

  /// What ran, as soon as it is so much.
  func wait(for count: Int) async -> [String] {
    await onThread { [state] in
      state.withLock { state, held in
        while state.ran.count < count { held.wait(&state) }
        return state.ran
      }
    }
  }
}

/// What runs: by itself, or with up to so many others of its kind.
private final class Piece: DeviceWork {
  let kind: String
  let room: Int
  private let body: @Sendable (Int) -> Void

  /// - Parameter body: Gets how many others' pieces run with it.
  init(kind: String = "", room: Int = 0, joined body: @escaping @Sendable (Int) -> Void) {
    self.kind = kind
    self.room = room
    self.body = body
  }

  convenience init(_ body: @escaping @Sendable () -> Void) { self.init { _ in body() } }

  func admits(_ other: Piece, beside joined: [Piece]) -> Bool {
    kind == other.kind && joined.count < room
  }

  func run(with joined: [Piece]) { body(joined.count) }
}

private typealias Queue = DeviceQueue<Piece>

extension DeviceQueue where Work == Piece {
  fileprivate func submit(_ lane: Lane, _ body: @escaping @Sendable () -> Void) { submit(lane, Piece(body)) }
}

/// Pieces that count how many run, each handing in the next.
private func chain(
  _ lane: Queue.Lane, _ left: Int, _ queue: Queue, _ count: Count, _ record: Record
) {
  queue.submit(lane) {
    let now = count.inside.add(1, ordering: .relaxed).newValue
    count.most.max(now, ordering: .relaxed)
    if left > 1 { chain(lane, left - 1, queue, count, record) } else { record.note(lane.stream) }
    count.inside.subtract(1, ordering: .relaxed)
  }
}

private final class Count: Sendable {
  let inside = Atomic(0)
  let most = Atomic(0)
}

@Suite("The queue of a device")
struct DeviceQueueTests {
  @Test(.timeLimit(.minutes(10))) func `gives each stream its turn, whatever another hands in`() async {
    let queue = Queue(name: "test")
    let record = Record()
    let lanes = ["a", "b", "c"].map { queue.join($0) }
    queue.submit(lanes[0]) { record.hold() }
    _ = await record.wait(for: 1)
    for lane in lanes { submitTwice(lane, queue, record) }
    record.open()
    let ran = await record.wait(for: 7)
    #expect(ran == ["held", "b1", "c1", "a1", "b2", "c2", "a2"])
    #expect(await onThread { queue.close() })
    #expect(lanes.map(\.done.value) == [3, 2, 2])
    #expect(lanes.allSatisfy { $0.dropped.value == 0 })
  }

  /// The second as soon as the first runs: a stream that always has more.
  private func submitTwice(_ lane: Queue.Lane, _ queue: Queue, _ record: Record) {
    queue.submit(lane) {
      record.note(lane.stream + "1")
      queue.submit(lane) { record.note(lane.stream + "2") }
    }
  }

  @Test(.timeLimit(.minutes(10))) func `keeps a stream's newest piece and counts the others`() async {
    let queue = Queue(name: "test")
    let record = Record()
    let (busy, other) = (queue.join("busy"), queue.join("other"))
    queue.submit(other) { record.hold() }
    _ = await record.wait(for: 1)
    for number in 1...100 { queue.submit(busy) { record.note("\(number)") } }
    record.open()
    #expect(await record.wait(for: 2) == ["held", "100"])
    #expect(await onThread { queue.close() })
    #expect(busy.dropped.value == 99)
    #expect(busy.done.value == 1)
  }

  @Test(.timeLimit(.minutes(10))) func `never runs two at once, whoever hands them in`() async {
    let queue = Queue(name: "test")
    let count = Count()
    let record = Record()
    let lanes = (0..<8).map { queue.join("\($0)") }
    await withTaskGroup { group in
      for lane in lanes { group.addTask { await onThread { chain(lane, 50, queue, count, record) } } }
    }
    _ = await record.wait(for: 8)
    #expect(await onThread { queue.close() })
    #expect(count.most.load(ordering: .relaxed) == 1)
    for lane in lanes {
      #expect(lane.done.value == 50)
      #expect(lane.dropped.value == 0)
    }
  }

  @Test(.timeLimit(.minutes(10))) func `runs what waits and goes together in one`() async {
    let queue = Queue(name: "test")
    let record = Record()
    let lanes = ["a", "b", "c", "d", "e"].map { queue.join($0) }
    queue.submit(lanes[0]) { record.hold() }
    _ = await record.wait(for: 1)
    for (lane, kind) in zip(lanes, ["tile", "tile", "whole", "tile", "tile"]) {
      queue.submit(lane, Piece(kind: kind, room: 2) { record.note("\(lane.stream) \($0)") })
    }
    record.open()
    // b leads, as its turn is next; d and e are all that it has room for; whole goes alone, and so does a.
    #expect(await record.wait(for: 4) == ["held", "b 2", "c 0", "a 0"])
    #expect(await onThread { queue.close() })
    #expect(lanes.map(\.done.value) == [2, 1, 1, 1, 1])
    #expect(lanes.map(\.joined.value) == [0, 0, 0, 1, 1])
    #expect(lanes.allSatisfy { $0.dropped.value == 0 })
  }

  @Test func `lets a device rest for what isn't its share, and saves half a second up`() {
    var rest = DeviceRest(share: 0.25)
    func time(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: .seconds(seconds)) }
    var (now, worked) = (100.0, 0.0)
    while now < 160 {
      if let end = rest.end(at: time(now)) {
        #expect(end > time(now))
        now = Double(end.nanoseconds) / 1e9
        continue
      }
      rest.note(from: time(now), to: time(now + 0.05))
      (now, worked) = (now + 0.05, worked + 0.05)
    }
    // A quarter of a minute, and of what was saved up before.
    #expect(worked >= 15 && worked <= 15.2)
    // What is long over isn't owed, and what one piece takes is, however long it takes.
    rest.note(from: time(1000), to: time(1003))
    #expect(rest.end(at: time(1003)) == time(1011.5))
  }

  @Test func `never lets a device rest that is all theirs`() {
    var rest = DeviceRest(share: 1)
    rest.note(from: MonotonicTime(nanoseconds: 0), to: MonotonicTime(nanoseconds: .seconds(1000)))
    #expect(rest.end(at: MonotonicTime(nanoseconds: .seconds(1000))) == nil)
  }

  @Test(.timeLimit(.minutes(10))) func `drops what waits when a stream leaves or the queue closes`() async {
    let queue = Queue(name: "test")
    let record = Record()
    let (left, stays) = (queue.join("left"), queue.join("stays"))
    let held = queue.join("held")
    queue.submit(held) { record.hold() }
    _ = await record.wait(for: 1)
    queue.submit(left) { record.note("left") }
    queue.leave(left)
    queue.submit(left) { record.note("late") }
    queue.submit(stays) { record.note("stays") }
    let closing = Task { await onThread { queue.close() } }
    record.open()
    #expect(await closing.value)
    queue.submit(stays) { record.note("after") }
    #expect(left.dropped.value == 2)
    #expect(left.done.value == 0)
    // It may have had its turn before the queue was told to close.
    #expect(stays.dropped.value + stays.done.value == 2)
    #expect(stays.dropped.value >= 1)
    #expect(await record.wait(for: 1).allSatisfy { $0 == "held" || $0 == "stays" })
  }

  @Test(.timeLimit(.minutes(10))) func `is left behind at the deadline where its device hangs`() async {
    let queue = Queue(name: "test")
    let record = Record()
    let lane = queue.join("a")
    queue.submit(lane) { record.hold() }
    _ = await record.wait(for: 1)
    let deadline = SystemClocks().monotonic() + .milliseconds(50)
    #expect(await onThread { queue.close(until: deadline) } == false)
    record.open()
  }
}
