/// Optimal assignment of rows to columns: least total cost, by shortest augmenting paths (Jonker and Volgenant, 1987).
package enum Assignment {
  /// `cost` has `rows` × `columns` entries, row by row. Pairs that cost `limit` or more stay apart. Returns the
  /// column of each row, or -1.
  package static func solve(_ cost: [Double], rows: Int, columns: Int, limit: Double) -> [Int] {
    guard rows > 0 else { return [] }
    guard columns > 0 else { return [Int](repeating: -1, count: rows) }
    // Each row may also stay alone, at the limit: one spare column a row.
    let width = columns + rows
    func price(_ row: Int, _ column: Int) -> Double {
      column < columns ? min(cost[row * columns + column], limit * 2) : limit
    }
    var rowPotential = [Double](repeating: 0, count: rows + 1)
    var columnPotential = [Double](repeating: 0, count: width + 1)
    var rowOfColumn = [Int](repeating: 0, count: width + 1)
    var came = [Int](repeating: 0, count: width + 1)
    for row in 1...rows {
      rowOfColumn[0] = row
      var column = 0
      var least = [Double](repeating: .infinity, count: width + 1)
      var done = [Bool](repeating: false, count: width + 1)
      repeat {
        done[column] = true
        let current = rowOfColumn[column]
        var delta = Double.infinity
        var next = 0
        for j in 1...width where !done[j] {
          let reduced = price(current - 1, j - 1) - rowPotential[current] - columnPotential[j]
          if reduced < least[j] {
            least[j] = reduced
            came[j] = column
          }
          if least[j] < delta {
            delta = least[j]
            next = j
          }
        }
        for j in 0...width {
          if done[j] {
            rowPotential[rowOfColumn[j]] += delta
            columnPotential[j] -= delta
          } else {
            least[j] -= delta
          }
        }
        column = next
      } while rowOfColumn[column] != 0
      repeat {
        let previous = came[column]
        rowOfColumn[column] = rowOfColumn[previous]
        column = previous
      } while column != 0
    }
    var result = [Int](repeating: -1, count: rows)
    for j in 1...columns where rowOfColumn[j] > 0 {
      let row = rowOfColumn[j] - 1
      if cost[row * columns + j - 1] < limit { result[row] = j - 1 }
    }
    return result
  }
}
