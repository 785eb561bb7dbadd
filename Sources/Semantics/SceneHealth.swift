import Base
import Events
import Vision

/// Whether the camera can be believed: says what state the scene is in, and tells of switches of mode and
/// light. Conditions must hold for some tenths of a second before they count, and be gone as long.
struct SceneHealth: Sendable {
  /// What has no length.
  enum Switch: Sendable, Hashable {
    case mode(SceneReport.Mode)
    case light(gain: Double)
  }

  private(set) var state = SceneReport.State.starting
  /// Since when the state holds: from the first sign of it.
  private(set) var since = MediaTime.zero
  private(set) var mode = SceneReport.Mode.colour
  private(set) var latest = SceneMeasures()
  /// A doubt is open: every frame should be looked at.
  private(set) var isDoubtful = false
  /// What seems new may only be a change of light or view.
  private(set) var isUnsure = false

  private var firstLook: MediaTime?
  private var doubt: (state: SceneReport.State, since: MediaTime, seen: MediaTime)?
  private var usualChange = 0.0
  private var quietSince: MediaTime?
  /// Since when there has been much less noise than usual, which ends in the quiet: encoders take some frames to get there.
  private var calmSince: MediaTime?
  private var noisySince: MediaTime?
  private var longestQuiet = 0.0
  private var noisySeconds = 0.0
  private var lastLook: MediaTime?
  private var modeDoubt: MediaTime?
  private var knowsMode = false
  private var lightDoubt: MediaTime?
  private var lumas: [(time: MediaTime, luma: Double)] = []
  private var lightRest: MediaTime?
  private var lightWasTold = false
  private var relearntAt: MediaTime?
  /// Since when the usual view is lost, also while the picture is in turmoil.
  private var lostSince: MediaTime?

  /// Seconds for which a condition must hold.
  private static let certain = 0.45
  private static let gone = 0.6
  /// Mean change between frames, in levels, from which a scene's noise is told apart from none.
  private static let noisy = 0.02
  /// The share of the usual noise that is much less.
  private static let calm = 0.75
  /// Seconds of quiet from which a picture is frozen.
  private static let quietFor = 0.5
  /// Shorter than this, noise in a frozen picture is a key frame.
  private static let keyFrame = 0.12
  /// After a change of light, until the background has followed.
  private static let adapting = 0.6
  /// Mean gradient above noise, in levels, from which a scene has enough texture to judge its sharpness.
  private static let textured = 1.2
  /// Below this mean brightness sharpness and view aren't judged.
  private static let night = 0.22
  /// Edges of the usual view that are left when it is lost.
  private static let lost = 0.45
  /// Less light or more by this share is a change.
  private static let leastGain = 0.06
  /// The same of the whole picture's brightness, when only its edges tell that it was light.
  private static let leastOverall = 0.08
  /// For what is only judged once the picture stands still.
  private static let settled = 0.25

  mutating func observe(_ m: SceneMeasures, at time: MediaTime) -> [Switch] {
    let before = lastLook ?? time
    let dt = min(0.5, (time - before).inSeconds)
    lastLook = time
    latest = m
    if firstLook == nil {
      firstLook = time
      since = time
      state = .ok
    }
    if m.isRelearnt { relearntAt = time }
    // The noise after a change of light or view isn't known from before it.
    if m.isUpset || m.isRelearnt || lightDoubt != nil { noisySeconds = 0 }
    if m.edgeLikeness >= Self.lost { lostSince = nil } else if lostSince == nil { lostSince = time }
    followFreeze(m, dt: dt, since: before, at: time)
    decide(condition(m, at: time), at: time)
    var switches: [Switch] = []
    if let s = followMode(m, at: time) { switches.append(s) }
    if let s = followLight(m, at: time) { switches.append(s) }
    let isStrangelyQuiet = quietSince != nil && usualChange > Self.noisy
    isDoubtful = doubt != nil || m.isUpset || lightDoubt != nil || modeDoubt != nil || isStrangelyQuiet
    let isRelighting = lightDoubt.map { (time - $0).inSeconds < Self.adapting } ?? false
    isUnsure = doubt != nil || m.isUpset || modeDoubt != nil || isRelighting
    return switches
  }

  private func age(_ time: MediaTime) -> Double { firstLook.map { (time - $0).inSeconds } ?? 0 }

  // MARK: - States

  private func condition(_ m: SceneMeasures, at time: MediaTime) -> SceneReport.State {
    guard age(time) > 1.5 else { return .ok }
    // First what has no noise by which a frozen picture is told.
    if m.luma < 0.07 && m.darkShare > 0.85 { return .dark }
    if m.luma > 0.92 || m.brightShare > 0.7 { return .bright }
    if isFrozen(at: time) { return .frozen }
    // A camera in its usual view keeps most of its patches, apart from light.
    let leaving = state == .covered || state == .defocused || state == .moved
    let lostView = m.edgeLikeness < (leaving ? 0.6 : Self.lost)
    // Less light means less detail in proportion; only what is lost beyond that is blur.
    let detail = m.detail / min(1, max(0.15, m.contrast))
    // What is out of focus keeps its contrasts in the large; where there is hardly any texture nothing is said.
    let keepsLayout =
      state == .defocused
      ? m.likeness > 0.6
      : m.likeness > 0.8 && m.edgeLikeness > 0.25 && m.contrast > 0.7 && isJudged(m)
    if detail < (leaving ? 0.6 : 0.45) && keepsLayout && state != .covered { return .defocused }
    if lostView && (leaving || isJudged(m)) {
      // While it still changes, a turning camera is as blurred as a covered one.
      if m.isUpset { return leaving ? state : .ok }
      if m.detail < 0.55 { return state == .moved ? .moved : .covered }
      return state == .covered && (time - since).inSeconds > 2 ? .covered : .moved
    }
    if detail < 0.3 && m.likeness < 0.8 { return .covered }
    return .ok
  }

  /// At night encoders smear what texture there is.
  private func isJudged(_ m: SceneMeasures) -> Bool { m.usualDetail > Self.textured && m.luma > Self.night }

  private mutating func decide(_ now: SceneReport.State, at time: MediaTime) {
    guard now != state else {
      doubt = nil
      return
    }
    if doubt?.state != now { doubt = (now, beginning(of: now, at: time), time) }
    guard let doubt else { return }
    let held = (time - doubt.seen).inSeconds
    let needed =
      now == .frozen
      ? 0 : now == .ok ? Self.gone : now == .covered || now == .moved ? Self.settled : Self.certain
    if held >= needed {
      state = now
      since = doubt.since
      self.doubt = nil
    }
  }

  /// What is only known for sure later began with its first sign.
  private func beginning(of state: SceneReport.State, at time: MediaTime) -> MediaTime {
    switch state {
    case .frozen: calmSince ?? time
    case .covered, .moved: self.state == .ok ? lostSince ?? time : time
    default: time
    }
  }

  // MARK: - Frozen

  /// A frozen camera sends the same content again and again: the noise of the sensor is gone. Scenes that are
  /// often that quiet need proportionally longer.
  /// `before` is the time of the look before, from which the changes count.
  private mutating func followFreeze(
    _ m: SceneMeasures, dt: Double, since before: MediaTime, at time: MediaTime
  ) {
    // Encoders repeat what doesn't change: a frozen picture is identical but for rounding, a quiet one isn't.
    let quiet = m.change < max(0.0006, min(0.0012, 0.01 * usualChange))
    let isCalm = quiet || quietSince != nil || m.stillChange < Self.calm * usualChange
    calmSince = isCalm ? calmSince ?? before : nil
    if quiet {
      if quietSince == nil { quietSince = before }
      noisySince = nil
    } else {
      // One picture that differs is a key frame: the same content, encoded anew.
      let since = noisySince ?? time
      noisySince = since
      guard (time - since).inSeconds > Self.keyFrame || quietSince == nil else { return }
      if let start = quietSince, state != .frozen {
        longestQuiet = max(longestQuiet, (time - start).inSeconds)
      }
      if quietSince != nil { calmSince = nil }
      quietSince = nil
      noisySeconds += dt
      usualChange += (m.stillChange - usualChange) * min(1, max(dt / 3, 1 / (noisySeconds * 30 + 1)))
      longestQuiet *= exp2(-dt / 600)
    }
  }

  private func isFrozen(at time: MediaTime) -> Bool {
    guard let quietSince, noisySeconds > 2, usualChange > Self.noisy else { return false }
    // A look that differs may be the first of many.
    guard state == .frozen || noisySince == nil else { return false }
    return (time - quietSince).inSeconds > max(Self.quietFor, 3 * longestQuiet)
  }

  // MARK: - Switches

  private mutating func followMode(_ m: SceneMeasures, at time: MediaTime) -> Switch? {
    guard state == .ok || state == .starting || m.isRelearnt else {
      modeDoubt = nil
      return nil
    }
    // In the dark nothing has a colour.
    guard m.luma > 0.1, m.darkShare < 0.6 else {
      modeDoubt = nil
      return nil
    }
    let now: SceneReport.Mode = m.colour < (mode == .infrared ? 2.2 : 1.2) ? .infrared : .colour
    guard knowsMode else {
      knowsMode = true
      mode = now
      return nil
    }
    guard now != mode else {
      modeDoubt = nil
      return nil
    }
    if modeDoubt == nil { modeDoubt = time }
    guard let start = modeDoubt, (time - start).inSeconds >= 0.3 else { return nil }
    mode = now
    modeDoubt = nil
    // The switch explains the change of light that came with it.
    lightDoubt = nil
    lightWasTold = true
    lightRest = nil
    return .mode(now)
  }

  /// A change of light is sudden when it is there within a second; the background follows slower ones. While the picture is
  /// in turmoil or learnt anew, edges that stay in their places tell that it was the light.
  private mutating func followLight(_ m: SceneMeasures, at time: MediaTime) -> Switch? {
    lumas.removeAll { (time - $0.time).inSeconds > 1.2 }
    lumas.append((time, m.luma))
    let before = lumas[0].luma
    let gain = before > 0.01 ? m.luma / before : 1
    let isRelit = (m.isUpset || m.isRelearnt) && m.edgeLikeness > 0.6 && abs(gain - 1) > Self.leastGain
    // A lamp over half of a plain room: brightness goes, and every edge stays. At night any beam does as much.
    let isSettled = state == .ok && (time - since).inSeconds > 1.5
    let isDimmed =
      isSettled && abs(gain - 1) > Self.leastOverall && m.edgeLikeness > 0.8 && m.luma > Self.night
    let changed = isRelit || isDimmed || (m.lightShare > 0.2 && abs(m.lightGain - 1) > Self.leastGain)
    if !changed {
      if lightRest == nil { lightRest = time }
      if let rest = lightRest, (time - rest).inSeconds > 0.5 {
        lightDoubt = nil
        lightWasTold = false
      }
      return nil
    }
    lightRest = nil
    if lightDoubt == nil { lightDoubt = time }
    guard !lightWasTold, state == .ok, age(time) > 1.5, let start = lightDoubt else { return nil }
    guard (time - start).inSeconds >= 0.25 || m.isRelearnt, (time - start).inSeconds < 1.0 else { return nil }
    lightWasTold = true
    return .light(gain: isRelit || isDimmed ? gain : m.lightGain)
  }
}
