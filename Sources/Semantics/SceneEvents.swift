import Base
import Events

/// The events of the scene as a whole: health states, switches of mode and light, and motion.
struct SceneEvents: Sendable {
  private var stateEvent: (state: SceneReport.State, number: Int)?
  private var lossEvent: Int?
  private var motionEvent: Int?
  private var movedAt = MediaTime.zero

  /// Seconds without a moving object after which `motion` ends.
  private static let rest = 2.0

  mutating func follow(
    _ health: SceneHealth, _ switches: [SceneHealth.Switch], ledger: inout EventLedger, at time: MediaTime
  ) {
    if let number = lossEvent {
      ledger.end(number, reason: .condition) { event in
        event.lastSeen = time.seconds
        event.text = "the signal is back"
      }
      lossEvent = nil
    }
    if let open = stateEvent {
      if open.state == health.state {
        ledger.update(open.number, changed: []) { $0.lastSeen = time.seconds }
      } else {
        // From the first sign of the state that came after it.
        ledger.end(open.number, reason: .condition) { $0.lastSeen = min(time, health.since).seconds }
        stateEvent = nil
      }
    }
    if stateEvent == nil, health.state != .ok, health.state != .starting {
      let state = health.state
      let number = ledger.begin { id in
        Event(
          id: id, kind: state.rawValue, phase: .begin, since: health.since.seconds, lastSeen: time.seconds,
          text: Self.sentence(state),
          attributes: [
            Attribute("luma", .number(health.latest.luma)),
            Attribute("sharpness", .number(health.latest.detail)),
            Attribute("likeness", .number(health.latest.edgeLikeness)),
          ])
      }
      stateEvent = (state, number)
    }
    for s in switches {
      ledger.point { id in
        switch s {
        case .mode(let mode):
          return Event(
            id: id, kind: "mode_change", phase: .point, since: time.seconds, lastSeen: time.seconds,
            text: mode == .infrared ? "the camera switched to infrared" : "the camera switched to colour",
            attributes: [Attribute("mode", .text(mode.rawValue))])
        case .light(let gain):
          return Event(
            id: id, kind: "light_change", phase: .point, since: time.seconds, lastSeen: time.seconds,
            text: gain > 1 ? "the light went up" : "the light went down",
            attributes: [Attribute("gain", .number(gain))])
        }
      }
    }
  }

  mutating func followMotion(_ tracks: [Track], ledger: inout EventLedger, at time: MediaTime) {
    let moving = tracks.filter { (time - $0.movedAt).inSeconds < 1 && $0.isObserved }
    if !moving.isEmpty { movedAt = time }
    if let number = motionEvent {
      if (time - movedAt).inSeconds > Self.rest {
        ledger.end(number, reason: .condition) { $0.lastSeen = movedAt.seconds }
        motionEvent = nil
      } else {
        ledger.update(number, changed: []) { $0.lastSeen = movedAt.seconds }
      }
    } else if !moving.isEmpty {
      let ids = moving.map(\.id)
      motionEvent = ledger.begin { id in
        Event(
          id: id, kind: "motion", phase: .begin,
          since: moving.map(\.firstSeen).min()?.seconds ?? time.seconds,
          lastSeen: time.seconds, objects: ids, text: "something moves")
      }
    }
  }

  mutating func signalLost(lastFrame: MediaTime?, ledger: inout EventLedger, at time: MediaTime) {
    if let open = stateEvent { ledger.end(open.number, reason: .signalLost) }
    stateEvent = nil
    if let number = motionEvent { ledger.end(number, reason: .signalLost) }
    motionEvent = nil
    guard lossEvent == nil else { return }
    let last = lastFrame ?? .zero
    lossEvent = ledger.begin { id in
      Event(
        id: id, kind: "signal_lost", phase: .begin, since: last.seconds, lastSeen: last.seconds,
        text: lastFrame == nil ? "no frame has come yet" : "no frame for \(tenths((time - last).inSeconds)) s"
      )
    }
  }

  private static func sentence(_ state: SceneReport.State) -> String {
    switch state {
    case .frozen: "the same picture is sent again and again"
    case .dark: "the picture is dark"
    case .bright: "the picture is overexposed"
    case .covered: "something covers the camera"
    case .defocused: "the picture is out of focus"
    case .moved: "the camera was turned"
    case .signalLost: "no frame comes"
    case .starting, .ok: "all is well"
    }
  }
}
