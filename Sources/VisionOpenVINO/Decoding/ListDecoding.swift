import Base
import Glibc

extension DetectionDecoder {
  /// [1,N,6]: corners in pixels, score, class.
  func suppressed(_ tensor: TensorView, _ add: (Candidate) -> Void) {
    let values = tensor.values
    for start in stride(from: 0, to: values.count, by: 6) {
      let (score, label) = (activated(values[start + 4]), self.label(values[start + 5]))
      guard score >= self.score, let label else { continue }
      add(
        Candidate(
          left: values[start], top: values[start + 1], right: values[start + 2], bottom: values[start + 3],
          label: label, score: score))
    }
  }

  /// [1,1,N,7]: picture, class, score, corners 0…1.
  func listed(_ tensor: TensorView, _ add: (Candidate) -> Void) {
    let values = tensor.values
    for start in stride(from: 0, to: values.count, by: 7) {
      if values[start] < 0 { return }
      let (score, label) = (activated(values[start + 2]), self.label(values[start + 1]))
      guard score >= self.score, let label else { continue }
      add(
        Candidate(
          left: values[start + 3] * width, top: values[start + 4] * height, right: values[start + 5] * width,
          bottom: values[start + 6] * height, label: label, score: score))
    }
  }

  /// [1,N,4] centre and size, 0…1; [1,N,C] values of the classes.
  func queried(_ boxes: TensorView, _ classes: TensorView, _ add: (Candidate) -> Void) {
    let count = classes.shape[2]
    // Open sizes are known only now, and not sure to agree.
    for index in 0..<min(boxes.shape[1], classes.shape[1]) {
      let row = UnsafeBufferPointer(rebasing: classes.values[(index * count)..<((index + 1) * count)])
      guard let best = best(row), best.score >= score else { continue }
      let at = index * 4
      add(
        Candidate(
          centreX: boxes.values[at] * width, centreY: boxes.values[at + 1] * height,
          width: boxes.values[at + 2] * width, height: boxes.values[at + 3] * height, label: best.label,
          score: best.score))
    }
  }

  /// Corners in pixels, a score and a class a box.
  func decoded(
    _ boxes: TensorView, _ scores: TensorView, _ labels: TensorView, _ add: (Candidate) -> Void
  ) {
    for index in 0..<min(scores.values.count, labels.values.count, boxes.values.count / 4) {
      let score = activated(scores.values[index])
      guard score >= self.score, let label = label(labels.values[index]) else { continue }
      let at = index * 4
      add(
        Candidate(
          left: boxes.values[at], top: boxes.values[at + 1], right: boxes.values[at + 2],
          bottom: boxes.values[at + 3], label: label, score: score))
    }
  }

  /// Nil for a class before the first label, or a number that names none.
  private func label(_ value: Float) -> Int? {
    guard let number = Int(exactly: value.rounded()), number >= offset else { return nil }
    return number - offset
  }
}

// Scores.
extension DetectionDecoder {
  func activated(_ value: Float) -> Float {
    activation == .sigmoid ? 1 / (1 + expf(-value)) : value
  }

  /// The best class from `class_offset` on; nil where there is none, or its value is no number.
  func best(_ classes: UnsafeBufferPointer<Float>) -> (label: Int, score: Float)? {
    var best: (index: Int, value: Float)?
    for index in offset..<max(offset, classes.count) where classes[index] > best?.value ?? -.infinity {
      best = (index, classes[index])
    }
    guard let best else { return nil }
    guard activation == .softmax else { return (best.index - offset, activated(best.value)) }
    var sum: Float = 0
    for index in offset..<classes.count { sum += expf(classes[index] - best.value) }
    return (best.index - offset, 1 / sum)
  }
}
