/// A score as people and scripts read it.
package enum ScoreReport {
  package static let header =
    pad("clip", 30)
    + " recall  prec.   ids  cross  frag  known p95/max   ended p95/max  never  false.tr  false.ev  health"

  package static func row(_ name: String, _ s: TrackScore) -> String {
    let health =
      s.health.due + s.health.wrong > 0
      ? "\(s.health.found)/\(s.health.due)" + (s.health.late > 0 ? " late \(s.health.late)" : "")
        + (s.health.wrong > 0 ? " wrong \(s.health.wrong)" : "") : "-"
    return pad(name, 30) + " " + pad(fixed(s.recall, 3), 7) + " " + pad(fixed(s.precision, 3), 7) + " "
      + pad("\(s.switches)", 4) + "  " + pad("\(s.crossingSwitches)/\(s.crossings)", 6) + " "
      + pad("\(s.fragments)", 5) + " "
      + pad(times(s.knownAfter), 15) + " " + pad(times(s.endedAfter), 15)
      + pad("\(s.neverKnown)/\(s.objects)", 7) + pad("\(s.falseTracks)", 10) + pad("\(s.falseEvents)", 10)
      + health
  }

  package static func json(_ name: String, _ s: TrackScore) -> String {
    func value(_ d: Double?) -> String { d.map { fixed($0, 4) } ?? "null" }
    return
      "{\"clip\":\"\(name)\",\"clips\":\(s.clips),\"recall\":\(fixed(s.recall, 5)),\"precision\":\(fixed(s.precision, 5)),"
      + "\"mota\":\(fixed(s.mota, 5)),\"required\":\(s.required),\"matched\":\(s.matched),\"false_boxes\":\(s.falseBoxes),"
      + "\"id_switches\":\(s.switches),\"crossings\":\(s.crossings),\"crossing_switches\":\(s.crossingSwitches),"
      + "\"fragments\":\(s.fragments),\"objects\":\(s.objects),\"never_known\":\(s.neverKnown),"
      + "\"known_p95\":\(value(TrackScore.percentile(s.knownAfter, 0.95))),\"known_max\":\(value(s.knownAfter.max())),"
      + "\"ended_p95\":\(value(TrackScore.percentile(s.endedAfter, 0.95))),\"ended_max\":\(value(s.endedAfter.max())),"
      + "\"false_tracks\":\(s.falseTracks),\"false_events\":\(s.falseEvents),\"health_due\":\(s.health.due),"
      + "\"health_found\":\(s.health.found),\"health_late\":\(s.health.late),\"health_wrong\":\(s.health.wrong)}"
  }

  /// How well the events of the picture's health say when it began and was over; nil where there is none.
  package static func health(_ s: HealthScore) -> String? {
    func within(_ errors: [Double]) -> String {
      let right = errors.count { $0 <= 0.3 }
      return "\(right) of \(errors.count) within 0.3 s, all within \(fixed(errors.max() ?? 0, 2)) s"
    }
    guard !s.beginErrors.isEmpty else { return nil }
    return "health: begins \(within(s.beginErrors)); ends \(within(s.endErrors))"
  }

  private static func times(_ values: [Double]) -> String {
    guard let p = TrackScore.percentile(values, 0.95), let most = values.max() else { return "-" }
    return fixed(p, 2) + "/" + fixed(most, 2)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    var power = 1.0
    for _ in 0..<digits { power *= 10 }
    let scaled = Int((abs(value) * power).rounded())
    let whole = "\(scaled / Int(power))"
    let part = "\(scaled % Int(power))"
    return (value < 0 ? "-" : "") + whole + "." + String(repeating: "0", count: digits - part.count) + part
  }
}
