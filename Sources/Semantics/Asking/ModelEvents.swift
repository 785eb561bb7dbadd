import Base
import Events

/// The event of language models of which none answers.
struct ModelEvents: Sendable {
  private var open: Int?

  mutating func follow(_ trouble: String?, ledger: inout EventLedger, at time: MediaTime) {
    switch (trouble, open) {
    case (let trouble?, nil):
      open = ledger.begin { id in
        Event(
          id: id, kind: "model_failed", phase: .begin, since: time.seconds, lastSeen: time.seconds,
          text: "no language model answers: \(trouble)", attributes: [Attribute("cause", .text(trouble))])
      }
    case (_?, let number?): ledger.update(number, changed: []) { $0.lastSeen = time.seconds }
    case (nil, let number?):
      ledger.end(number, reason: .condition) { $0.text = "a language model answers again" }
      open = nil
    case (nil, nil): break
    }
  }
}
