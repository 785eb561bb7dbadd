import Base
import Events
import Glibc
import SaccadeClient
import TestKit
import Testing

@Suite struct SubscriberTests {
  private static func subscriber(
    _ scratch: Scratch, _ subscription: Subscription = Subscription(), reconnects: Bool = true
  ) -> EventSubscriber {
    var options = EventSubscriber.Options()
    options.reconnects = reconnects
    options.pauseMilliseconds = 1
    options.longestPauseMilliseconds = 20
    return EventSubscriber(subscription, paths: [scratch.file("a.sock")], options: options)
  }

  private static func words(_ subscriber: EventSubscriber, _ count: Int) throws -> [String] {
    try (0..<count).map { _ in word(try subscriber.next()) }
  }

  @Test func `a subscription is answered before its first record`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    daemon.publish(ticks: 3)
    let subscriber = Self.subscriber(scratch, Subscription(from: .oldest))
    #expect(
      try Self.words(subscriber, 5) == [
        "connected lobby:k3f9", "subscribed lobby:1", "frame 1", "frame 2", "frame 3",
      ])
    daemon.publish(events: true)
    #expect(try Self.words(subscriber, 2) == ["frame 4", "event 5"])
  }

  /// The server puts a sleeping client out again and again; every record comes once all the same.
  @Test(arguments: [Subscription(from: .oldest), Subscription(types: [.event], from: .oldest)])
  func `after a disconnection it goes on at the record after the last one`(subscription: Subscription) throws
  {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    let subscriber = Self.subscriber(scratch, subscription)
    var got: [UInt64] = []
    var cuts = 0
    func read(until last: UInt64) throws {
      while got.last ?? 0 < last {
        let update = try subscriber.next()
        switch update {
        case .disconnected: cuts += 1
        case .received(let received):
          switch received.message {
          case .frame(let record): got.append(record.seq)
          case .event(let record): got.append(record.seq)
          case .gap(let gap):
            Issue.record("\(gap)")
            return
          default: break
          }
        default: break
        }
      }
    }
    for round in 0..<5 {
      daemon.publish(ticks: 100, events: true, padding: 800)
      try read(until: daemon.nextSeq - 1)
      // More than the kernel and the queue hold, so that the queue would drop: but the client is cut off.
      daemon.publish(ticks: 500 + round * 300, events: true, padding: 800)
      try daemon.cutOffSleepers()
    }
    try read(until: daemon.nextSeq - 1)
    let due = (1..<daemon.nextSeq).filter { subscription.types == nil || $0 % 2 == 0 }
    #expect(got == due)
    #expect(cuts == 5)
  }

  @Test func `a daemon that starts again is found again, and its new epoch taken from the beginning`() throws
  {
    let scratch = Scratch("client")
    let first = try Daemon(scratch.file("a.sock"), epoch: "aaaa")
    let subscriber = Self.subscriber(scratch)
    #expect(try Self.words(subscriber, 2) == ["connected lobby:aaaa", "subscribed lobby:1"])
    first.publish(ticks: 2)
    #expect(try Self.words(subscriber, 2) == ["frame 1", "frame 2"])
    first.stop()
    #expect(try Self.words(subscriber, 2) == ["bye told to stop", "disconnected"])
    // It may look in vain once or more before the next one is up.
    #expect(try Self.words(subscriber, 1) == ["disconnected"])
    let second = try Daemon(scratch.file("a.sock"), epoch: "bbbb")
    defer { second.stop() }
    second.publish(ticks: 2)
    var words: [String] = []
    while words.last != "frame 2" {
      let word = word(try subscriber.next())
      if word != "disconnected" { words.append(word) }
    }
    #expect(words == ["connected lobby:bbbb", "subscribed lobby:1", "frame 1", "frame 2"])
  }

  @Test func `what the daemon no longer holds is a gap`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"), keptBytes: 300_000)
    defer { daemon.stop() }
    let subscriber = Self.subscriber(scratch, Subscription(from: .oldest))
    daemon.publish(ticks: 5)
    var seen = ""
    while seen != "frame 5" { seen = word(try subscriber.next()) }
    daemon.publish(ticks: 3000, padding: 800)
    try daemon.cutOffSleepers()
    var last: UInt64 = 5
    var gaps = 0
    while last < 3005 {
      guard case .received(let received) = try subscriber.next() else { continue }
      switch received.message {
      case .frame(let record):
        #expect(record.seq == last + 1)
        last = record.seq
      case .gap(let gap):
        gaps += 1
        #expect(gap.fromSeq == last + 1 && gap.count == gap.toSeq - gap.fromSeq + 1, "\(gap) after \(last)")
        #expect(gap.reason == .notKept)
        last = gap.toSeq
      default: break
      }
    }
    #expect(gaps == 1)
  }

  @Test func `without a daemon the error names the places that were tried`() {
    let scratch = Scratch("client")
    let subscriber = EventSubscriber(paths: [scratch.file("a.sock"), scratch.file("b.sock")])
    let error = #expect(throws: ClientError.self) { try subscriber.next() }
    #expect(error?.kind == .notFound)
    #expect(error?.message.contains(scratch.file("a.sock")) == true)
    #expect(error?.message.contains(scratch.file("b.sock")) == true)
  }

  @Test func `a refused subscription is an error with its place`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    let subscriber = Self.subscriber(scratch, Subscription(streams: ["hall"]))
    _ = try subscriber.next()
    let error = #expect(throws: ClientError.self) { try subscriber.next() }
    guard case .refused(let refusal) = error?.kind else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refusal.code == .unknownStream && refusal.place == "subscribe.streams[0]")
    #expect(error?.message.contains("there is lobby") == true)
  }

  @Test func `without reconnecting the first disconnection ends it`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    let subscriber = Self.subscriber(scratch, reconnects: false)
    _ = try Self.words(subscriber, 2)
    daemon.stop()
    #expect(try Self.words(subscriber, 1) == ["bye told to stop"])
    let error = #expect(throws: ClientError.self) { try subscriber.next() }
    #expect(error?.kind == .disconnected)
  }

  @Test func `a waiting call is ended from another thread`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    let subscriber = Self.subscriber(scratch)
    _ = try Self.words(subscriber, 2)
    let thread = WorkerThread(name: "cancel") { subscriber.cancel() }
    let error = #expect(throws: ClientError.self) { try subscriber.next() }
    thread.join()
    #expect(error?.kind == .cancelled)
  }

  @Test func `updates come as an asynchronous sequence, and the loop may be left`() async throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    daemon.publish(ticks: 100)
    let subscriber = Self.subscriber(scratch, Subscription(from: .oldest))
    var words: [String] = []
    for try await update in subscriber.updates {
      words.append(word(update))
      if words.last == "frame 100" { break }
    }
    #expect(words == ["connected lobby:k3f9", "subscribed lobby:1"] + (1...100).map { "frame \($0)" })
  }

  @Test func `cancelling the task ends the asynchronous sequence`() async throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    let subscriber = Self.subscriber(scratch)
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      var count = 0
      for try await _ in subscriber.updates {
        count += 1
        if count == 2 { start.yield() }
      }
      return count
    }
    for await _ in started { break }
    task.cancel()
    #expect(try await task.value == 2)
  }
}
