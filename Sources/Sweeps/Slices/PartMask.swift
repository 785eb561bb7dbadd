/// Where the part is in one slice: everything that the air around it doesn't reach within the slice, so also the holes in it.
struct PartMask {
  private struct AirRun {
    var start: Int32
    var end: Int32
    var root: Int32
  }

  private let width: Int
  private let height: Int
  private var runs: [AirRun] = []
  private var rows: [Int] = []
  private var isOutside: [Bool] = []
  private var pairs: [Int32]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pairs = [Int32](repeating: 0, count: width + 2)
  }

  /// `mask` is 1 where there is material and 0 elsewhere. Holes are filled with 1, but for those that lie over air
  /// of the slice before: `before` is its mask, nil for the first slice, before which there is only air.
  ///
  /// `outside` gets what stays 0; `passages` the holes among it.
  mutating func fill(
    _ mask: Bitmap, after before: Bitmap?, outside: inout Outside,
    passages: inout [Run]
  ) {
    collect(mask)
    var area = [Int32](repeating: 0, count: runs.count)
    var over = area
    for y in 0..<height {
      for i in rows[y]..<rows[y + 1] {
        let root = root(Int32(i))
        guard !isOutside[root] else { continue }
        area[root] += runs[i].end - runs[i].start
        guard let before else { continue }
        for x in (y * width + Int(runs[i].start))..<(y * width + Int(runs[i].end)) where !before[x] {
          over[root] += 1
        }
      }
    }
    outside.removeAll()
    passages.removeAll(keepingCapacity: true)
    for y in 0..<height {
      outside.beginRow()
      for i in rows[y]..<rows[y + 1] {
        let (run, root) = (runs[i], root(Int32(i)))
        if isOutside[root] {
          outside.add(run.start, run.end)
        } else if area[root] >= Self.leastPassage, before == nil || 2 * over[root] > area[root] {
          outside.add(run.start, run.end)
          passages.append(Run(row: y, start: Int(run.start), end: Int(run.end), mark: 3))
        } else {
          mask.fill(row: y, Int(run.start), Int(run.end))
        }
      }
    }
    outside.end()
  }

  /// Voxels of a hole's section below which it is no passage: noise makes such.
  private static let leastPassage: Int32 = 6

  /// The runs of those passages that hold none of `wide`.
  mutating func narrow(_ passages: [Run], _ wide: Bitmap) -> [Run] {
    runs.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    isOutside.removeAll(keepingCapacity: true)
    var next = 0
    for y in 0..<height {
      rows.append(runs.count)
      while next < passages.count, passages[next].row == y {
        add(passages[next].start, passages[next].end, row: y)
        next += 1
      }
    }
    rows.append(runs.count)
    var isWide = [Bool](repeating: false, count: runs.count)
    for (i, run) in passages.enumerated() {
      let row = Int(run.row) * width
      for x in (row + Int(run.start))..<(row + Int(run.end)) where wide[x] {
        isWide[root(Int32(i))] = true
        break
      }
    }
    return passages.enumerated().filter { !isWide[root(Int32($0.offset))] }.map(\.element)
  }

  /// Fills the holes of a mask, but for those in which passages lie.
  mutating func fillBehindNecks(_ mask: Bitmap, but passages: [Run]) {
    collect(mask)
    for passage in passages {
      let row = Int(passage.row)
      for i in rows[row]..<rows[row + 1] where runs[i].start < passage.end && passage.start < runs[i].end {
        isOutside[root(Int32(i))] = true
      }
    }
    for y in 0..<height {
      for i in rows[y]..<rows[y + 1] where !isOutside[root(Int32(i))] {
        mask.fill(row: y, Int(runs[i].start), Int(runs[i].end))
      }
    }
  }

  /// `mask` becomes 1 in regions of values within a range that don't reach the border of the picture, and in the
  /// holes in them.
  mutating func fill(
    _ values: UnsafePointer<Float>, within range: ClosedRange<Float>, _ mask: Bitmap,
    scratch: UnsafeMutablePointer<UInt8>,
    outside: inout Outside
  ) {
    let (low, high) = (range.lowerBound, range.upperBound)
    for i in 0..<(width * height) { scratch[i] = values[i] >= low && values[i] <= high ? 0 : 1 }
    mask.set(scratch)
    collect(mask)
    mask.clear()
    for y in 0..<height {
      for i in rows[y]..<rows[y + 1] where !isOutside[root(Int32(i))] {
        mask.fill(row: y, Int(runs[i].start), Int(runs[i].end))
      }
    }
    // What is walled in by regions of this range is within them, wherever it began.
    fillBehindNecks(mask, but: [])
    outside.removeAll()
    for y in 0..<height {
      outside.beginRow()
      let count = mask.runs(of: false, row: y, &pairs)
      for i in 0..<count { outside.add(pairs[2 * i], pairs[2 * i + 1]) }
    }
    outside.end()
  }

  /// Finds the regions of 0, and which of them reach the border.
  private mutating func collect(_ mask: Bitmap) {
    runs.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    isOutside.removeAll(keepingCapacity: true)
    for y in 0..<height {
      rows.append(runs.count)
      let count = mask.runs(of: false, row: y, &pairs)
      for i in 0..<count { add(pairs[2 * i], pairs[2 * i + 1], row: y) }
    }
    rows.append(runs.count)
  }

  private mutating func add(_ start: Int32, _ end: Int32, row: Int) {
    let number = Int32(runs.count)
    runs.append(AirRun(start: start, end: end, root: number))
    isOutside.append(row == 0 || row == height - 1 || start == 0 || end == width)
    guard row > 0 else { return }
    // Air passes through faces only where material is connected over corners.
    for i in rows[row - 1]..<rows[row] where runs[i].start < end && start < runs[i].end {
      let (a, b) = (root(Int32(i)), root(number))
      guard a != b else { continue }
      runs[max(a, b)].root = Int32(min(a, b))
      isOutside[min(a, b)] = isOutside[a] || isOutside[b]
    }
  }

  private func root(_ run: Int32) -> Int {
    var at = run
    while runs[Int(at)].root != at { at = runs[Int(at)].root }
    return Int(at)
  }
}

/// The air around the part in one slice, as runs.
struct Outside {
  private var starts: [Int32] = []
  private var ends: [Int32] = []
  private var rows: [Int32] = []

  var isEmpty: Bool { starts.isEmpty }

  mutating func removeAll() {
    starts.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
  }
  mutating func setAll(width: Int, height: Int) {
    removeAll()
    for _ in 0..<height {
      beginRow()
      add(0, Int32(width))
    }
    end()
  }
  mutating func beginRow() { rows.append(Int32(starts.count)) }
  mutating func add(_ start: Int32, _ end: Int32) {
    starts.append(start)
    ends.append(end)
  }
  mutating func end() { rows.append(Int32(starts.count)) }

  /// How many columns lie between a column and the nearest air of a row; 0 within it, nil where the row has none.
  func distance(column: Int, row: Int) -> Int? {
    guard row >= 0, row + 1 < rows.count else { return nil }
    let (first, end) = (Int(rows[row]), Int(rows[row + 1]))
    guard first < end else { return nil }
    // The first run that ends beyond the column.
    var (low, high) = (first, end)
    while low < high {
      let middle = (low + high) / 2
      if Int(ends[middle]) > column { high = middle } else { low = middle + 1 }
    }
    var nearest = Int.max
    if low < end { nearest = max(0, Int(starts[low]) - column) }
    if low > first { nearest = min(nearest, column - Int(ends[low - 1]) + 1) }
    return nearest
  }
}
