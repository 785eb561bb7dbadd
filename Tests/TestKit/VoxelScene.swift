import Foundation

/// A volume of grey values with exact shapes in it: a round bar along the slices, with holes, pores and inclusions.
///
/// Shapes are drawn with 3³ points a voxel, blurred by a Gaussian, and noise is added. Air is 1000, material 9000.
package struct VoxelScene {
  package struct Shape: Sendable {
    package enum Form: Sendable {
      /// Half axes in voxels of the slice, along x, y, z.
      case ellipsoid(SIMD3<Double>)
      /// Along z, without end.
      case cylinder(radius: Double)
      /// From z on, without end.
      case shaft(radius: Double)
    }
    package var form: Form
    /// In voxels of the slice; z too.
    package var centre: SIMD3<Double>
    package var value: Double

    package init(_ form: Form, at centre: SIMD3<Double>, value: Double = VoxelScene.air) {
      self.form = form
      self.centre = centre
      self.value = value
    }

    package static func sphere(_ diameter: Double, at centre: SIMD3<Double>, value: Double = VoxelScene.air)
      -> Shape
    {
      Shape(.ellipsoid(SIMD3(repeating: diameter / 2)), at: centre, value: value)
    }

    func contains(_ point: SIMD3<Double>) -> Bool {
      let off = point - centre
      switch form {
      case .ellipsoid(let half):
        let share = off / half
        return (share * share).sum() < 1
      case .cylinder(let radius): return off.x * off.x + off.y * off.y < radius * radius
      case .shaft(let radius): return off.z > 0 && off.x * off.x + off.y * off.y < radius * radius
      }
    }
  }

  package static let air = 1000.0
  package static let material = 9000.0

  package var width: Int
  package var height: Int
  package var slices: Int
  /// Of slices, in voxels of the slice.
  package var step = 1.0
  package var bar: Double
  package var shapes: [Shape] = []
  /// Standard deviations: of the blur in voxels, of the noise in grey values.
  package var blur = 0.7
  package var noise = 300.0
  package var seed: UInt64 = 1

  package init(size: Int = 96, slices: Int = 40, bar: Double = 40) {
    (width, height, self.slices, self.bar) = (size, size, slices, bar)
  }

  package var middle: SIMD3<Double> {
    SIMD3(Double(width - 1) / 2, Double(height - 1) / 2, Double(slices - 1) / 2 * step)
  }

  /// Slice after slice, row after row.
  package func values() -> [UInt16] {
    var volume = drawn()
    volume = blurred(volume, count: width, stride: 1, deviation: blur)
    volume = blurred(volume, count: height, stride: width, deviation: blur)
    volume = blurred(volume, count: slices, stride: width * height, deviation: blur / step)
    var random = SplitMix(state: seed)
    return volume.map { value in
      // Twelve uniform numbers add up to nearly a normal one.
      let sum = (0..<12).reduce(0.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
      return UInt16(min(max(Double(value) + noise * (sum - 6), 0), 65535))
    }
  }

  private func drawn() -> [Float] {
    let centre = middle
    var volume = [Float](repeating: 0, count: width * height * slices)
    let points = [-1.0 / 3, 0, 1.0 / 3]
    for z in 0..<slices {
      for y in 0..<height {
        for x in 0..<width {
          var sum = 0.0
          for dz in points {
            for dy in points {
              for dx in points {
                let point = SIMD3(Double(x) + dx, Double(y) + dy, (Double(z) + dz) * step)
                sum += value(at: point, centre)
              }
            }
          }
          volume[(z * height + y) * width + x] = Float(sum / 27)
        }
      }
    }
    return volume
  }

  private func value(at point: SIMD3<Double>, _ centre: SIMD3<Double>) -> Double {
    let (dx, dy) = (point.x - centre.x, point.y - centre.y)
    guard dx * dx + dy * dy < bar * bar else { return Self.air }
    for shape in shapes where shape.contains(point) { return shape.value }
    return Self.material
  }

  private func blurred(_ volume: [Float], count: Int, stride: Int, deviation: Double) -> [Float] {
    let reach = max(1, Int((3 * deviation).rounded(.up)))
    let weights = (-reach...reach).map { Float(exp(-Double($0 * $0) / (2 * deviation * deviation))) }
    let total = weights.reduce(0, +)
    return volume.indices.map { i in
      let place = i / stride % count
      var sum: Float = 0
      for (k, weight) in weights.enumerated() {
        let other = min(max(place + k - reach, 0), count - 1)
        sum += weight * volume[i + (other - place) * stride]
      }
      return sum / total
    }
  }

  /// Writes a MetaImage header and its values beside it.
  package func write(to folder: Scratch, name: String = "scan", spacing: String? = nil) throws -> String {
    let side = spacing ?? "0.5 0.5 \(0.5 * step)"
    let raw = values().flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    try Data(raw).write(to: URL(fileURLWithPath: folder.file("\(name).raw")))
    return try folder.write(
      """
      ObjectType = Image
      NDims = 3
      DimSize = \(width) \(height) \(slices)
      ElementSpacing = \(side)
      ElementType = MET_USHORT
      ElementDataFile = \(name).raw

      """, to: "\(name).mhd")
  }
}
