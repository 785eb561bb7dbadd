/// Why a question has no answer. A question always ends, with an answer or with one of these.
package enum UnknownReason: Hashable, Sendable, CustomStringConvertible {
  /// Its deadline passed before it was sent, as all slots were taken.
  case stale
  /// Its deadline passed before it was sent, as no server was up.
  case noServer
  /// Its deadline passed while a model was at it.
  case late
  /// Newer questions needed its place.
  case crowdedOut
  /// One of its pictures has killed or failed a server before, or has just done so.
  case poisonous(Fingerprint)
  /// More or larger pictures than allowed.
  case oversized
  /// The model answered, but not in the form asked for, the second time too.
  case invalid(String)
  case failed(ExchangeFailure)
  /// Whoever asked wants no answer any more.
  case cancelled
  /// The language core has ended.
  case stopped

  /// It lay in what was sent, and not in servers or time: of several cases, one may be to blame.
  package var isOfWhatWasSent: Bool {
    switch self {
    case .poisonous, .oversized, .invalid, .failed: true
    case .stale, .noServer, .late, .crowdedOut, .cancelled, .stopped: false
    }
  }

  /// One word for records and counters.
  package var word: String {
    switch self {
    case .stale: "stale"
    case .noServer: "no_server"
    case .late: "late"
    case .crowdedOut: "crowded_out"
    case .poisonous: "poisonous"
    case .oversized: "oversized"
    case .invalid: "invalid"
    case .failed: "failed"
    case .cancelled: "cancelled"
    case .stopped: "stopped"
    }
  }

  package var description: String {
    switch self {
    case .stale: "the models were busy until it was too late"
    case .noServer: "no model server was up until it was too late"
    case .late: "the model took too long"
    case .crowdedOut: "newer questions took its place"
    case .poisonous(let picture): "picture \(picture) makes servers fail"
    case .oversized: "too many or too large pictures"
    case .invalid(let why): "no valid answer: \(why)"
    case .failed(let failure): "\(failure)"
    case .cancelled: "cancelled"
    case .stopped: "the language core has ended"
    }
  }
}
