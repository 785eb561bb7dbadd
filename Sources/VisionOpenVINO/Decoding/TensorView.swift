/// One output of a model: numbers in row-major order. Valid only within the call that hands it in.
package struct TensorView {
  package let shape: [Int]
  // Safety: whoever makes a view keeps its memory until the call is over; `init` checks the count.
  package let values: UnsafeBufferPointer<Float>

  package init(shape: [Int], values: UnsafeBufferPointer<Float>) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
    self.shape = shape
    self.values = values
  }
}
