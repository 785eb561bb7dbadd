import Base

/// What is known of one server: what it is doing and whether it can be used.
struct ServerState {
  enum Health: Hashable {
    case up(nextLook: MonotonicTime)
    case down(nextLook: MonotonicTime)
  }

  private enum Look {
    case none
    case underWay
    /// Under way since before something else told how it is: its answer is old news.
    case overtaken
  }

  let slots: Int
  private(set) var health: Health { didSet { if look == .underWay { look = .overtaken } } }
  private var look = Look.none
  /// Questions that it is at.
  var inFlight: Set<LanguageTicket> = []
  /// Requests sent to it in all.
  var sent: UInt64 = 0
  /// Before the next look, if it fails again.
  private var pause: Nanoseconds
  /// Failures since it last answered.
  private var failures = 0
  private let limits: LanguageLimits

  /// As many failures that weren't its end, one after the other, put it out of use until it says that it is well.
  private static let mostFailures = 3

  init(slots: Int, limits: LanguageLimits, now: MonotonicTime) {
    precondition(slots > 0, "a server with \(slots) slots")
    self.slots = slots
    self.limits = limits
    health = .down(nextLook: now)
    pause = limits.firstPause
  }

  var isUp: Bool {
    switch health {
    case .up: true
    case .down: false
    }
  }

  /// When it is to be looked at; nil while that is going on, or while it is at work.
  var nextLook: MonotonicTime? {
    guard look == .none else { return nil }
    return switch health {
    case .up(let time): inFlight.isEmpty ? time : nil
    case .down(let time): time
    }
  }

  /// Somebody knows more than the last look: the next one is due. A server that is up needs none.
  mutating func hurry(now: MonotonicTime) {
    if !isUp { health = .down(nextLook: now) }
  }

  mutating func beginLook() { look = .underWay }

  mutating func endLook(isWell: Bool, now: MonotonicTime) {
    let isNews = look == .underWay
    look = .none
    guard isNews else { return }
    if isWell {
      health = .up(nextLook: now + limits.healthEvery)
    } else {
      rest(now: now)
    }
  }

  /// It answered: that it is well is sure only now, as some servers say so and die of each request.
  mutating func succeed(now: MonotonicTime) {
    pause = limits.firstPause
    failures = 0
    health = .up(nextLook: now + limits.healthEvery)
  }

  /// It failed at a request but may be well.
  mutating func stumble(now: MonotonicTime) {
    failures += 1
    if failures >= Self.mostFailures { fail(now: now) }
  }

  /// It is out of use until it says that it is well. Several requests that fail together are one failure.
  mutating func fail(now: MonotonicTime) {
    if isUp { rest(now: now) }
  }

  private mutating func rest(now: MonotonicTime) {
    health = .down(nextLook: now + pause)
    pause = min(2 * pause, limits.longestPause)
    failures = 0
  }

  /// How full it is, as a fraction whose order is all that counts.
  func isFreer(than other: ServerState) -> Bool {
    let (mine, others) = (inFlight.count * other.slots, other.inFlight.count * slots)
    return mine == others ? sent < other.sent : mine < others
  }
}
