/// Compares health events with those due.
package enum HealthScorer {
  /// Kinds of events that tell of the picture rather than of what is in it.
  package static let kinds: Set<String> = [
    "signal_lost", "frozen", "dark", "bright", "covered", "defocused", "moved", "mode_change", "light_change",
  ]

  /// An event must not be told before its cause; frames are told in steps of one.
  private static let early = 0.07

  package static func score(_ clip: ClipTruth, _ events: [Reported.Told]) -> HealthScore {
    var score = HealthScore()
    let begun = events.filter { kinds.contains($0.kind) && ($0.phase == "begin" || $0.phase == "point") }
    var used = Set<Int>()
    for due in clip.health where due.due {
      score.due += 1
      let hit = begun.indices.first { i in
        !used.contains(i) && begun[i].kind == due.kind && begun[i].time >= due.begin - early
          && begun[i].time <= due.end
      }
      guard let hit else {
        score.notes.append("\(clip.name)-\(clip.seed): \(due.kind) at \(due.begin) missed")
        continue
      }
      used.insert(hit)
      score.beginErrors.append(max(due.begin - begun[hit].since, begun[hit].since - due.full, 0))
      // Being moved has no end of its own: some time later the new view is the usual one.
      if due.kind != "moved",
        let end = events.first(where: {
          $0.id == begun[hit].id && $0.phase == "end" && $0.reason == "condition"
        })
      {
        score.endErrors.append(max(due.end - end.lastSeen, end.lastSeen - due.over, 0))
      }
      let delay = begun[hit].time - due.full
      score.delays.append(delay)
      if delay <= 1 {
        score.found += 1
      } else {
        score.late += 1
        score.notes.append("\(clip.name)-\(clip.seed): \(due.kind) late by \(delay) s")
      }
    }
    for (i, event) in begun.enumerated() where !used.contains(i) {
      let allowed = clip.health.contains {
        !$0.due && $0.kind == event.kind && event.time >= $0.begin - early && event.time <= $0.end + 1
      }
      if !allowed {
        score.wrong += 1
        score.notes.append("\(clip.name)-\(clip.seed): wrong \(event.kind) at \(event.time)")
      }
    }
    return score
  }
}
