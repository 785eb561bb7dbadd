/// Finds the word that was meant.
package enum NearestWord {
  /// The candidate with the fewest typing errors from `word`; nil when none is near enough to be meant:
  /// within a third of the word's length, at least two errors.
  package static func find(_ word: String, in candidates: [String]) -> String? {
    let limit = max(2, word.count / 3)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let distance = distance(normal(word), normal(candidate))
      guard distance <= limit, distance < max(word.count, candidate.count) - 1 else { continue }
      if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// `signalLost`, `signal-lost` and `Signal_Lost` all mean `signal_lost`.
  private static func normal(_ word: String) -> [Character] {
    Array(word.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " })
  }

  /// Inserted, missing, wrong and swapped neighbouring letters between two words (the restricted
  /// Damerau-Levenshtein distance).
  static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, before[j - 1] + 1) }
        row.append(least)
      }
      before = last
      last = row
    }
    return last[b.count]
  }
}
