import Semantics
import TestKit
import Testing

@Suite("the assignment")
struct AssignmentTests {
  /// The least total, by trying every way; who stays alone costs the limit.
  private static func least(_ cost: [Double], _ rows: Int, _ columns: Int, _ limit: Double) -> Double {
    func best(_ row: Int, _ taken: Set<Int>) -> Double {
      guard row < rows else { return 0 }
      var least = limit + best(row + 1, taken)
      for column in 0..<columns where !taken.contains(column) && cost[row * columns + column] < limit {
        least = min(least, cost[row * columns + column] + best(row + 1, taken.union([column])))
      }
      return least
    }
    return best(0, [])
  }

  @Test("of few to few costs as little as the best of all", arguments: 0...5, 0...5)
  func best(rows: Int, columns: Int) {
    var random = SceneRandom(seed: UInt64(rows * 8 + columns))
    for _ in 0..<60 {
      // Whole numbers as well, where many ways cost the same.
      let isWhole = random.chance(0.3)
      let cost = (0..<(rows * columns)).map { _ in
        isWhole ? Double(random.whole(0, 4)) : random.chance(0.1) ? 10 : random.unit()
      }
      let limit = isWhole ? 3 : random.between(0.2, 1.2)
      let answer = Semantics.Assignment.solve(cost, rows: rows, columns: columns, limit: limit)
      #expect(answer.count == rows)
      let taken = answer.filter { $0 >= 0 }
      #expect(Set(taken).count == taken.count && taken.allSatisfy { $0 < columns })
      var total = 0.0
      for (row, column) in answer.enumerated() {
        guard column >= 0 else {
          total += limit
          continue
        }
        #expect(cost[row * columns + column] < limit)
        total += cost[row * columns + column]
      }
      #expect(abs(total - Self.least(cost, rows, columns, limit)) < 1e-9)
    }
  }

  struct Example: Sendable {
    var cost: [Double]
    var columns: Int
    var answer: [Int]
  }

  @Test(
    "pairs what belongs together and leaves the rest alone",
    arguments: [
      Example(cost: [0.1, 0.2, 0.1, 0.9], columns: 2, answer: [1, 0]),
      Example(cost: [0.9, 0.8], columns: 2, answer: [-1]),
      Example(cost: [0.3, 0.1, 0.2], columns: 1, answer: [-1, 0, -1]),
      Example(cost: [0.4, 0.05, 0.05, 0.7], columns: 2, answer: [1, 0]),
    ])
  func pairs(example: Example) {
    let rows = example.cost.count / example.columns
    #expect(
      Semantics.Assignment.solve(example.cost, rows: rows, columns: example.columns, limit: 0.5)
        == example.answer)
  }
}
