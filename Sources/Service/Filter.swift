import Events

/// A subscription's choice among the records of a stream, made ready for asking often.
package struct Filter: Sendable {
  package var frames: Bool
  package var events: Bool
  package var kinds: Set<String>?
  package var every: UInt64

  package init(_ subscription: Subscription) {
    frames = subscription.types?.contains(.frame) ?? true
    events = subscription.types?.contains(.event) ?? true
    kinds = subscription.kinds.map(Set.init)
    every = UInt64(subscription.every)
  }

  @inline(__always)
  package func takes(_ entry: borrowing LogEntry) -> Bool {
    switch entry.content {
    case .frame: frames && (every == 1 || entry.ordinal % every == 0)
    case .event(let mark): takes(kind: mark.kind)
    case .late: framesTaken(from: entry.ordinal, count: entry.frames) > 0
    }
  }

  package func takes(kind: String) -> Bool { events && (kinds?.contains(kind) ?? true) }

  /// How many of the frame records numbered `ordinal…` it would take.
  package func framesTaken(from ordinal: UInt64, count: UInt64) -> UInt64 {
    guard frames else { return 0 }
    // Multiples of `every` below a number n: ⌈n / every⌉.
    func below(_ n: UInt64) -> UInt64 { (n + every - 1) / every }
    return below(ordinal + count) - below(ordinal)
  }

  package var types: [RecordType] { (frames ? [.frame] : []) + (events ? [.event] : []) }
}
