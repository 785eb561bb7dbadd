/// The assignment problem, by the Hungarian method with potentials (Kuhn, Munkres; O(n²m)).
package enum Assignment {
  /// `gain[row][column]`: what it is worth to pair them; 0 or less forbids the pair. Returns, a row, its
  /// column or nil, so that the sum is as great as it can be.
  package static func best(_ gain: [[Double]]) -> [Int?] {
    let rows = gain.count
    guard let columns = gain.first?.count, columns > 0 else { return Array(repeating: nil, count: rows) }
    // A row may also take one of `rows` further columns that are worth nothing.
    let width = columns + rows
    func cost(_ row: Int, _ column: Int) -> Double { column < columns ? -max(gain[row][column], 0) : 0 }
    var u = [Double](repeating: 0, count: rows + 1)
    var v = [Double](repeating: 0, count: width + 1)
    var rowOf = [Int](repeating: 0, count: width + 1)
    for row in 1...rows {
      rowOf[0] = row
      var column = 0
      var least = [Double](repeating: .infinity, count: width + 1)
      var done = [Bool](repeating: false, count: width + 1)
      var way = [Int](repeating: 0, count: width + 1)
      repeat {
        done[column] = true
        let at = rowOf[column]
        var delta = Double.infinity
        var next = 0
        for c in 1...width where !done[c] {
          let reduced = cost(at - 1, c - 1) - u[at] - v[c]
          if reduced < least[c] {
            least[c] = reduced
            way[c] = column
          }
          if least[c] < delta {
            delta = least[c]
            next = c
          }
        }
        for c in 0...width {
          if done[c] {
            u[rowOf[c]] += delta
            v[c] -= delta
          } else {
            least[c] -= delta
          }
        }
        column = next
      } while rowOf[column] != 0
      while column != 0 {
        rowOf[column] = rowOf[way[column]]
        column = way[column]
      }
    }
    var answer = [Int?](repeating: nil, count: rows)
    for column in 1...columns where rowOf[column] > 0 && gain[rowOf[column] - 1][column - 1] > 0 {
      answer[rowOf[column] - 1] = column - 1
    }
    return answer
  }
}
