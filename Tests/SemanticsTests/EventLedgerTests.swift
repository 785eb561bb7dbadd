import Events
import Semantics
import TestKit
import Testing

@Suite("the ledger of events")
struct EventLedgerTests {
  private static func event(_ id: String) -> Event {
    Event(id: id, kind: "object", phase: .point, since: 1, lastSeen: 1, text: "made")
  }

  @Test("numbers events from one on, by stream and epoch")
  func ids() {
    var ledger = EventLedger(stream: "lobby", epoch: "k3f9")
    let first = ledger.begin(Self.event)
    ledger.point(Self.event)
    #expect(ledger.id(of: first) == "lobby-k3f9-000001")
    #expect(ledger.take().map(\.id) == ["lobby-k3f9-000001", "lobby-k3f9-000002"])
    for _ in 0..<1_000_000 {
      ledger.point { Event(id: $0, kind: "p", phase: .point, since: 0, lastSeen: 0, text: "") }
    }
    #expect(ledger.take().last?.id == "lobby-k3f9-1000002")
  }

  @Test("says each thing once")
  func taken() {
    var ledger = EventLedger(stream: "s", epoch: "e")
    _ = ledger.begin(Self.event)
    #expect(ledger.take().count == 1)
    #expect(ledger.take().isEmpty)
  }

  @Test("names what an update changed, and keeps quiet of one that names nothing")
  func updates() {
    var ledger = EventLedger(stream: "s", epoch: "e")
    let number = ledger.begin(Self.event)
    ledger.update(number, changed: []) { $0.lastSeen = 2 }
    ledger.update(number, changed: ["zones"]) { $0.zones = ["door"] }
    ledger.end(number, reason: .left) { $0.text = "left" }
    let told = ledger.take()
    #expect(told.map(\.phase) == [.begin, .update, .end])
    #expect(told.map(\.changed) == [[], ["zones"], []])
    #expect(told.map(\.lastSeen) == [1, 2, 2])
    #expect(told.map(\.zones) == [[], ["door"], ["door"]])
    #expect(told.map(\.reason) == [nil, nil, .left])
    #expect(told.last?.text == "left")
  }

  @Test("knows nothing of what has ended")
  func ended() {
    var ledger = EventLedger(stream: "s", epoch: "e")
    let number = ledger.begin(Self.event)
    ledger.end(number, reason: .left)
    _ = ledger.take()
    ledger.end(number, reason: .stopped)
    ledger.update(number, changed: ["zones"]) { $0.zones = ["door"] }
    ledger.endAll(reason: .complete)
    #expect(ledger.take().isEmpty && ledger.openCount == 0 && ledger.id(of: number) == nil)
  }

  @Test("ends all that is open, in order")
  func all() {
    var ledger = EventLedger(stream: "s", epoch: "e")
    let numbers = (0..<20).map { _ in ledger.begin(Self.event) }
    for n in numbers where n % 3 == 0 { ledger.end(n, reason: .left) }
    _ = ledger.take()
    ledger.endAll(reason: .complete)
    let told = ledger.take()
    #expect(told.count == 14 && told.allSatisfy { $0.phase == .end && $0.reason == .complete })
    #expect(told.map(\.id) == told.map(\.id).sorted())
    #expect(ledger.openCount == 0)
  }

  @Test("gives each begin one end, whatever is asked of it", arguments: 1...20 as ClosedRange<UInt64>)
  func random(seed: UInt64) {
    var random = SceneRandom(seed: seed)
    var ledger = EventLedger(stream: "s", epoch: "e")
    var known: [Int] = []
    var told: [Event] = []
    for _ in 0..<400 {
      switch random.whole(0, 4) {
      case 0: known.append(ledger.begin(Self.event))
      case 1: ledger.point(Self.event)
      case 2: ledger.update(random.whole(0, known.count + 2), changed: ["zones"]) { _ in }
      case 3: ledger.end(random.whole(0, known.count + 2), reason: .left)
      default:
        let tick = ledger.take()
        #expect(tick.map(\.id) == tick.map(\.id).sorted())
        told += tick
      }
    }
    ledger.endAll(reason: .complete)
    told += ledger.take()
    for event in Dictionary(grouping: told, by: \.id).values where event[0].phase != .point {
      let phases = event.map(\.phase)
      #expect(phases.first == .begin && phases.last == .end)
      #expect(phases.dropFirst().dropLast().allSatisfy { $0 == .update })
    }
  }
}
