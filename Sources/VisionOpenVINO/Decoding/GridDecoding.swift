import Glibc

extension DetectionDecoder {
  /// [1,N,5+C] or, without objectness, [1,N,4+C]: a candidate a row. `place` makes its box one in pixels.
  func rowed(_ tensor: TensorView, _ add: (Candidate) -> Void, _ place: (GridBox, Int) -> GridBox) {
    let (count, row) = (tensor.shape[1], tensor.shape[2])
    let first = hasObjectness ? 5 : 4
    for index in 0..<count {
      let values = UnsafeBufferPointer(rebasing: tensor.values[(index * row)..<((index + 1) * row)])
      let likelihood = hasObjectness ? activated(values[4]) : 1
      // A product is never above either factor.
      guard likelihood >= score else { continue }
      guard let best = best(UnsafeBufferPointer(rebasing: values[first...])) else { continue }
      let total = best.score * likelihood
      guard total >= score else { continue }
      let box = place(
        GridBox(centreX: values[0], centreY: values[1], width: values[2], height: values[3]), index)
      add(
        Candidate(
          centreX: box.centreX, centreY: box.centreY, width: box.width, height: box.height,
          label: best.label, score: total))
    }
  }

  /// [1,4+C,N], or [1,N,4+C] which goes row by row.
  func gridded(_ tensor: TensorView, _ add: (Candidate) -> Void) {
    let (channels, count) = (tensor.shape[1], tensor.shape[2])
    guard channels < count else {
      rowed(tensor, add) { box, _ in box }
      return
    }
    guard activation != .softmax else { return column(tensor, add) }
    let classes = 4 + offset
    // The activation is monotonic: the best raw value wins. Which class has it is asked of the few that are good enough.
    let best = highest(tensor, from: classes)
    let values = tensor.values
    for index in 0..<count {
      let score = activated(best[index])
      guard score >= self.score else { continue }
      let channel = (classes..<channels).first { values[$0 * count + index] == best[index] }
      guard let channel else { continue }
      add(
        Candidate(
          centreX: values[index], centreY: values[count + index], width: values[2 * count + index],
          height: values[3 * count + index], label: channel - classes, score: score))
    }
  }

  /// Of each column of [1,channels,N], the highest value from a channel on; minus infinity where none is a number.
  private func highest(_ tensor: TensorView, from first: Int) -> [Float] {
    let (channels, count) = (tensor.shape[1], tensor.shape[2])
    let values = tensor.values
    return [Float](unsafeUninitializedCapacity: count) { best, filled in
      best.initialize(repeating: -.infinity)
      filled = count
      // Channel by channel, as they lie in memory; so many columns at once that theirs stay in the nearest cache.
      for start in stride(from: 0, to: count, by: 2048) {
        let columns = start..<min(start + 2048, count)
        for channel in first..<channels {
          let row = UnsafeBufferPointer(rebasing: values[(channel * count)..<((channel + 1) * count)])
          // Without a branch: the compiler takes many at once.
          for index in columns { best[index] = row[index] > best[index] ? row[index] : best[index] }
        }
      }
    }
  }

  private func column(_ tensor: TensorView, _ add: (Candidate) -> Void) {
    let (channels, count) = (tensor.shape[1], tensor.shape[2])
    var classes = [Float](repeating: 0, count: channels - 4)
    for index in 0..<count {
      for channel in 4..<channels { classes[channel - 4] = tensor.values[channel * count + index] }
      guard let best = classes.withUnsafeBufferPointer({ self.best($0) }), best.score >= score else {
        continue
      }
      let values = tensor.values
      add(
        Candidate(
          centreX: values[index], centreY: values[count + index], width: values[2 * count + index],
          height: values[3 * count + index], label: best.label, score: best.score))
    }
  }
}

/// A box by its centre.
struct GridBox {
  var centreX: Float
  var centreY: Float
  var width: Float
  var height: Float
}

/// The cells of YOLOX, of 8, 16 and 32 pixels, each size row by row (Ge et al., arXiv 2107.08430; its exporter).
struct GridCells: Sendable {
  private var cells: [(x: Float, y: Float, size: Float)] = []

  init(width: Int, height: Int) {
    for size in [8, 16, 32] {
      for y in 0..<(height / size) {
        for x in 0..<(width / size) { cells.append((Float(x), Float(y), Float(size))) }
      }
    }
  }

  func decode(_ box: GridBox, at index: Int) -> GridBox {
    let cell = cells[index]
    return GridBox(
      centreX: (box.centreX + cell.x) * cell.size, centreY: (box.centreY + cell.y) * cell.size,
      width: expf(box.width) * cell.size, height: expf(box.height) * cell.size)
  }
}
