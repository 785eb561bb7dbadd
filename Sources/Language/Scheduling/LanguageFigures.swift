/// How many questions had which end, since the start.
package struct LanguageFigures: Hashable, Sendable {
  package var asked: UInt64 = 0
  package var answered: UInt64 = 0
  /// By the reason's word.
  package var unknown: [String: UInt64] = [:]
  /// Requests to servers; each question takes one, and one more for each attempt after the first.
  package var sent: UInt64 = 0
  /// Sent again since an answer was none.
  package var retried: UInt64 = 0
  /// Sent again since a server failed.
  package var moved: UInt64 = 0
  package var waiting = 0
  package var inFlight = 0
  package var serversUp = 0
  /// Pictures that aren't sent any more.
  package var poisonous = 0

  package init() {}
}
