import Base
import Events

/// The event of language models of which none answers.
struct ModelEvents: Sendable {
  private var open: Int?
  /// Since when none answers; nil while one does.
  private var since: MediaTime?

  /// A server that failed once is left alone for a second or two, and is no trouble by that.
  private static let calm = 3.0

  mutating func follow(_ trouble: String?, ledger: inout EventLedger, at time: MediaTime) {
    guard let trouble else {
      since = nil
      if let number = open {
        ledger.end(number, reason: .condition) { $0.text = "a language model answers again" }
      }
      open = nil
      return
    }
    let begun = since ?? time
    since = begun
    if let number = open {
      ledger.update(number, changed: []) { $0.lastSeen = time.seconds }
    } else if (time - begun).inSeconds >= Self.calm {
      open = ledger.begin { id in
        Event(
          id: id, kind: "model_failed", phase: .begin, since: begun.seconds, lastSeen: time.seconds,
          text: "no language model answers: \(trouble)", attributes: [Attribute("cause", .text(trouble))])
      }
    }
  }
}
