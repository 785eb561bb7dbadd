/// How a slice lies in the scanner's space, whose axes are in millimetres (DICOM PS3.3, C.7.6.2.1.1).
struct DicomOrientation: Sendable, Hashable {
  /// Unit vectors from column to column and from row to row.
  let row: SIMD3<Double>
  let column: SIMD3<Double>

  /// Nil unless both have a length of about 1 and are about perpendicular.
  init?(_ numbers: (Double, Double, Double, Double, Double, Double)) {
    row = [numbers.0, numbers.1, numbers.2]
    column = [numbers.3, numbers.4, numbers.5]
    guard abs(Self.dot(row, row) - 1) < 0.02, abs(Self.dot(column, column) - 1) < 0.02,
      abs(Self.dot(row, column)) < 0.02
    else { return nil }
  }

  /// Row × column: where the sweep goes.
  var normal: SIMD3<Double> {
    let cross = SIMD3(
      row.y * column.z - row.z * column.y, row.z * column.x - row.x * column.z,
      row.x * column.y - row.y * column.x)
    return cross / Self.dot(cross, cross).squareRoot()
  }

  /// Within about a tenth of a degree.
  func isNear(_ other: DicomOrientation) -> Bool {
    Self.dot(row, other.row) > 1 - 2e-6 && Self.dot(column, other.column) > 1 - 2e-6
  }

  static func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }
}
