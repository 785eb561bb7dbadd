/// What is wrong with a scan but doesn't end its reading. Of each kind the first few are told one by one and the rest
/// as a number.
struct DicomWarnings: Sendable {
  private static let mostOfAKind = 10

  private var told: [SweepWarning] = []
  private var counts: [String: Int] = [:]

  mutating func add(_ code: String, _ text: String) {
    let count = (counts[code] ?? 0) + 1
    counts[code] = count
    if count <= Self.mostOfAKind { told.append(SweepWarning(code: code, text: text)) }
  }

  var all: [SweepWarning] {
    let rest = counts.filter { $0.value > Self.mostOfAKind }.sorted { $0.key < $1.key }
    return told
      + rest.map { code, count in
        SweepWarning(code: code, text: "\(count - Self.mostOfAKind) more of the kind \(code)")
      }
  }
}
