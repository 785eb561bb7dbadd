import Base

/// Whether most of the picture has changed at once, and what to do about the background. A pure state
/// machine: measures in, an action out.
package struct Upheaval {
  package enum Action: Equatable {
    case none
    /// Ignore the regions: the picture is in turmoil.
    case wait
    /// Take the picture as the background; `keepsView` when the edges are still in their places, so that what
    /// lies under known objects can be told from how the rest changed.
    case relearn(keepsView: Bool)
    /// The scene from before is back: take the background kept from then.
    case restore
  }

  private enum State {
    case calm
    case upset(since: MediaTime, quietSince: MediaTime?, wasCalmView: Bool)
  }

  private var state = State.calm

  package init() {}

  /// The background is not that of the reference scene (covered, turned …).
  package private(set) var isAway = false
  private var awaySince = MediaTime.zero

  /// Changed so much that regions mean nothing, as a share of the picture.
  private static let upsetShare = 0.42
  /// More or less colour by this factor is another mode.
  private static let newMode = 1.8
  /// The picture must stand still for this long before it is learnt.
  private static let settling = Nanoseconds.milliseconds(300)
  /// But not wait longer than this: some scenes never stand still.
  private static let patience = Nanoseconds.seconds(2)
  /// A new view that stays becomes the reference.
  private static let acceptance = Nanoseconds.seconds(10)

  var isUpset: Bool {
    if case .upset = state { return true }
    return false
  }

  package mutating func step(_ m: SceneMeasures, explained: Double, at time: MediaTime) -> Action {
    // The camera went over to infrared or came back: colour goes or comes everywhere at once.
    let ratio = (m.colour + 1) / (m.usualColour + 1)
    let hasNewMode = m.motion > 0.12 && (ratio > Self.newMode || ratio < 1 / Self.newMode)
    let turmoil = m.motion > Self.upsetShare || (m.motion > 0.12 && explained < 0.4) || hasNewMode
    switch state {
    case .calm:
      guard turmoil else { return .none }
      state = .upset(since: time, quietSince: nil, wasCalmView: !isAway)
      return .wait
    case .upset(let since, let quietSince, let wasCalmView):
      if !turmoil && time - since < Self.patience {
        // The change went as it came, or light explains it after all.
        state = .calm
        return .none
      }
      let quiet = m.change < 1.0 + m.noise * 1.6
      let from = quiet ? quietSince ?? time : nil
      guard let from, time - from >= Self.settling else {
        if time - since < Self.patience {
          state = .upset(since: since, quietSince: from, wasCalmView: wasCalmView)
          return .wait
        }
        return settle(m, at: time)
      }
      return settle(m, at: time)
    }
  }

  private mutating func settle(_ m: SceneMeasures, at time: MediaTime) -> Action {
    state = .calm
    let keepsView = m.edgeLikeness > 0.6 && m.detail > 0.4
    if isAway && m.likeness > 0.85 && m.edgeLikeness > 0.75 {
      isAway = false
      return .restore
    }
    if !keepsView {
      isAway = true
      awaySince = time
    }
    return .relearn(keepsView: keepsView)
  }

  /// How the reference, and the background kept for later, may follow the background now.
  package enum Following: Equatable {
    case no
    /// By small steps.
    case slowly
    /// At once: a turned camera's new view is the usual one from now on.
    case whole
  }

  package mutating func following(_ m: SceneMeasures, at time: MediaTime) -> Following {
    if case .upset = state { return .no }
    // Less light means less detail in proportion, and is no reason not to follow.
    let detail = m.detail / min(1, max(0.15, m.contrast))
    guard isAway else { return detail > 0.6 && detail < 1.7 && m.edgeLikeness > 0.6 ? .slowly : .no }
    // A turned camera gets used to its new view; a blurred or covered one doesn't.
    if m.detail > 0.55 && m.darkShare < 0.9 && time - awaySince > Self.acceptance {
      isAway = false
      return .whole
    }
    return .no
  }
}
