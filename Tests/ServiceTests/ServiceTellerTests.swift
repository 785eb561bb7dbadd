import Base
import Events
import Service
import Testing

/// Seconds after an arbitrary start.
private func at(_ seconds: Double) -> MonotonicTime {
  MonotonicTime(nanoseconds: 1_000_000_000_000) + .seconds(seconds)
}

private func stream(
  _ name: String, _ state: StreamEntry.State = .running, retryAt: Double? = nil, behindSince: Double? = nil
) -> StreamHealth {
  StreamHealth(name: name, state: state, retryAt: retryAt.map(at), behindSince: behindSince.map(at))
}

private func lines(_ step: ServiceTeller.Step) -> [String] {
  step.message?.split(separator: "\n").map(String.init) ?? []
}

@Suite struct ServiceTellerTests {
  @Test(arguments: [
    ([], "0 streams"),
    ([stream("a")], "1 stream: 1 running"),
    (
      [stream("a"), stream("b"), stream("garage", .lost, retryAt: 12)],
      "3 streams: 2 running, 1 lost (garage, retry in 12 s)"
    ),
    (
      [stream("a", .lost), stream("b", .starting), stream("c", .failed), stream("d", .ended)],
      "4 streams: 1 starting, 1 lost (a, being tried), 1 failed (c), 1 ended"
    ),
    ([stream("a"), stream("yard", behindSince: -7)], "2 streams: 1 running, 1 hanging (yard, for 7 s)"),
    (
      (1...7).map { stream("c\($0)", .failed) }, "7 streams: 7 failed (c1; c2; c3; c4; c5; 2 more)"
    ),
  ])
  func `health is told in words`(streams: [StreamHealth], words: String) {
    var teller = ServiceTeller(watchdog: nil, now: at(0))
    #expect(
      lines(teller.look(ServiceHealth(streams: streams), isFirst: true, at: at(0)))
        == ["READY=1", "STATUS=\(words)"])
  }

  @Test func `a socket whose thread owes a sign of life hangs`() {
    var teller = ServiceTeller(watchdog: .seconds(10), now: at(0))
    let step = teller.look(ServiceHealth(streams: [stream("a")], socketBehindSince: at(-6)), at: at(0))
    #expect(step.began == ["the event socket"])
    #expect(lines(step) == ["STATUS=1 stream: 1 running; the event socket hangs"])
  }

  @Test func `the state is told when it changes, at most once a second`() {
    var teller = ServiceTeller(watchdog: nil, now: at(0))
    func words(_ streams: [StreamHealth], _ time: Double) -> [String] {
      lines(teller.look(ServiceHealth(streams: streams), at: at(time)))
    }
    #expect(words([stream("a", .starting)], 0) == ["STATUS=1 stream: 1 starting"])
    #expect(words([stream("a")], 0.5) == [])
    #expect(words([stream("a")], 1) == ["STATUS=1 stream: 1 running"])
    #expect(words([stream("a")], 2) == [])
    #expect(words([stream("a")], 60) == [])
  }

  @Test func `the watchdog is fed at half of its patience`() {
    var teller = ServiceTeller(watchdog: .seconds(10), now: at(0))
    let health = ServiceHealth(streams: [stream("a")])
    #expect(teller.interval == .seconds(1))
    let fed = (0..<31).filter {
      lines(teller.look(health, isFirst: $0 == 0, at: at(Double($0)))).contains("WATCHDOG=1")
    }
    #expect(fed == [0, 5, 10, 15, 20, 25, 30])
  }

  @Test func `a short patience is looked at often enough`() {
    let teller = ServiceTeller(watchdog: .milliseconds(200), now: at(0))
    #expect(teller.interval == .milliseconds(100))
  }

  @Test func `it is not fed without a watchdog, nor while a stream hangs, and at once when that is over`() {
    var without = ServiceTeller(watchdog: nil, now: at(0))
    #expect(lines(without.look(ServiceHealth(streams: []), at: at(0))) == ["STATUS=0 streams"])

    var teller = ServiceTeller(watchdog: .seconds(4), now: at(0))
    let health = ServiceHealth(streams: [stream("a"), stream("b", behindSince: 1)])
    var fed: [Int] = []
    for second in 0...20 {
      let step = teller.look(health, at: at(Double(second)))
      if lines(step).contains("WATCHDOG=1") { fed.append(second) }
      #expect(step.began == (second == 7 ? ["b"] : []))
    }
    #expect(fed == [0, 2, 4, 6])
    let step = teller.look(ServiceHealth(streams: [stream("a"), stream("b")]), at: at(21))
    #expect(step.ended == ["b"])
    #expect(lines(step) == ["WATCHDOG=1", "STATUS=2 streams: 2 running"])
  }

  @Test func `a reload is told with its time, and what came of it stays in the words`() {
    var teller = ServiceTeller(watchdog: nil, now: at(0))
    let health = ServiceHealth(streams: [stream("a")])
    _ = teller.look(health, isFirst: true, at: at(0))
    #expect(teller.reload(at: at(2)) == "RELOADING=1\nMONOTONIC_USEC=1002000000")
    teller.reloaded("the new ones are wrong")
    #expect(
      lines(teller.look(health, isFirst: true, at: at(3)))
        == ["READY=1", "STATUS=1 stream: 1 running; the new ones are wrong"])
    teller.reloaded(nil)
    #expect(
      lines(teller.look(health, isFirst: true, at: at(4))) == ["READY=1", "STATUS=1 stream: 1 running"])
    _ = teller.stop("over")
    #expect(teller.reload(at: at(5)) == nil)
  }

  @Test func `the end is told once, and nothing after it`() {
    var teller = ServiceTeller(watchdog: .seconds(4), now: at(0))
    #expect(teller.stop("told to stop") == "STOPPING=1\nSTATUS=told to stop")
    #expect(teller.stop("again") == nil)
    #expect(teller.look(ServiceHealth(streams: []), at: at(60)).message == nil)
  }
}
