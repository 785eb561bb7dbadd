import CKernels
import TestKit
import Testing

/// One patch's sums, a pixel at a time.
private func plainPatch(_ p: Planes, _ column: Int, _ row: Int) -> saccade_patch {
  var s = saccade_patch()
  for y in (row * 8)..<min(row * 8 + 8, p.height) {
    for x in (column * 8)..<min(column * 8 + 8, p.width) {
      let i = y * p.width + x
      let (c, b) = (UInt32(p.a[i]), UInt32(p.b[i]))
      s.count += 1
      s.current += c
      s.background += b
      s.current_sq += c * c
      s.background_sq += b * b
      s.product += c * b
      s.change += p.step(p.a[i], p.c[i])
      // The last column has nothing on its right, and says nothing; the last row has nothing below.
      guard x + 1 < p.width else { continue }
      let below = y + 1 < p.height ? i + p.width : i
      s.gradient += p.step(p.a[i], p.a[i + 1]) + p.step(p.a[i], p.a[below])
      s.background_gradient += p.step(p.b[i], p.b[i + 1]) + p.step(p.b[i], p.b[below])
    }
  }
  return s
}

@Suite("the patch kernels")
struct PatchKernelTests {
  @Test(
    "sum each patch as a plain loop does, whatever the processor", arguments: Planes.sizes, [false, true])
  func sums(size: Planes.Size, anywhere: Bool) {
    for seed in 1...4 as ClosedRange<UInt64> {
      let p = Planes(size, seed: seed)
      var patches = [saccade_patch](repeating: saccade_patch(), count: p.patchCount)
      let sum = anywhere ? saccade_patch_sums_anywhere : saccade_patch_sums
      sum(p.a, p.b, p.c, Int32(p.width), Int32(p.height), &patches)
      for i in patches.indices {
        let plain = plainPatch(p, i % p.columns, i / p.columns)
        #expect(values(patches[i]) == values(plain), "patch \(i)")
        #expect(patches[i].gradient == plain.gradient, "patch \(i)")
        #expect(patches[i].background_gradient == plain.background_gradient, "patch \(i)")
      }
    }
  }

  @Test("sum each patch's change as a plain loop does", arguments: Planes.sizes)
  func change(size: Planes.Size) {
    for seed in 1...4 as ClosedRange<UInt64> {
      let p = Planes(size, seed: seed)
      var change = [UInt32](repeating: .max, count: p.patchCount)
      saccade_patch_change(p.a, p.b, Int32(p.width), Int32(p.height), &change)
      #expect(change == p.eachPatch { p.step(p.a[$0], p.b[$0]) })
    }
  }

  @Test("tell how each patch is lit, pixel by pixel", arguments: [0.4, 3.0] as [Float])
  func light(noise: Float) {
    var random = SceneRandom(seed: 5, part: "light")
    for (gain, isTextured, isThing) in [
      (1.0, true, false), (0.6, true, false), (1.7, false, false), (0.2, true, false), (1.0, true, true),
    ] {
      // One whole patch and one cut off at the right.
      let (width, height) = (13, 8)
      let background = (0..<width * height).map { _ in
        UInt8(isTextured ? random.whole(50, 110) : random.whole(79, 81))
      }
      let picture = background.map { before -> UInt8 in
        isThing
          ? UInt8(random.whole(50, 110)) : UInt8((16 + (Double(before) - 16) * gain).rounded())
      }
      var patches = [saccade_patch](repeating: saccade_patch(), count: 2)
      saccade_patch_sums(picture, background, picture, Int32(width), Int32(height), &patches)
      var gains: [Float] = [0, 0]
      var base = [0.0, 0.0]
      var (isExplained, isTold) = ([false, false], [false, false])
      let shifted = saccade_patch_light(
        patches, [noise, noise], 2, 16, 0.35, &gains, &base, &isExplained, &isTold)
      for (i, columns) in [0..<8, 8..<13].enumerated() {
        let own = (0..<height).flatMap { y in columns.map { y * width + $0 } }
        func mean(_ plane: [UInt8]) -> Double {
          Double(own.reduce(0) { $0 + Int(plane[$1]) }) / Double(own.count)
        }
        #expect(abs(base[i] - (mean(background) - 16)) < 1e-9)
        #expect(abs(Double(gains[i]) - (mean(picture) - 16) / (mean(background) - 16)) < 1e-6)
        #expect(isTold[i] == isTextured)
        #expect(isExplained[i] == (!isThing && gain > 0.35))
      }
      #expect(shifted == (gain == 0.6 || gain == 1.7 ? 2 : 0))
    }
  }

  @Test("compare patches with what they usually are as a plain loop does", arguments: Planes.sizes)
  func likeness(size: Planes.Size) {
    let p = Planes(size, seed: 12)
    var patches = [saccade_patch](repeating: saccade_patch(), count: p.patchCount)
    saccade_patch_sums(p.a, p.b, p.c, Int32(p.width), Int32(p.height), &patches)
    let luma = patches.map { Float($0.background) / Float($0.count) }
    // Textures from far below the usual to far above, and none at all.
    let gradient = patches.indices.map { Float($0 % 9) * 20 }
    let (floor, most): (Float, Float) = (3, 60)
    let sums = saccade_patch_likeness(patches, luma, gradient, Int32(patches.count), floor, most)
    var (brightness, texture) = ([Double](repeating: 0, count: 5), [Double](repeating: 0, count: 5))
    var (usual, weight) = (Float(0), Float(0))
    var ratios = [Float](repeating: 0, count: 32)
    func add(_ before: Double, _ now: Double, to sums: inout [Double]) {
      for (k, value) in [before, now, before * before, now * now, before * now].enumerated() {
        sums[k] += value
      }
    }
    for (i, s) in patches.enumerated() {
      let share = Float(1 / Double(s.count))
      let now = max(0, Float(s.gradient) * share - floor)
      let before = max(0, gradient[i] - floor * 0.3)
      add(Double(luma[i]), Double(s.current) * Double(share), to: &brightness)
      add(Double(before), Double(now), to: &texture)
      usual += before
      weight += min(before, most)
      ratios[min(31, Int(now / max(before, 0.1) * 16))] += min(before, most)
    }
    #expect(sums.texture == usual && sums.weight == weight)
    for (k, pair) in [sums.before, sums.now, sums.before_sq, sums.now_sq, sums.product].enumerated() {
      #expect(pair.0 == brightness[k] && pair.1 == texture[k])
    }
    #expect(withUnsafeBytes(of: sums.ratios) { Array($0.bindMemory(to: Float.self)) } == ratios)
  }

  @Test("count a level in each patch as a plain loop does", arguments: Planes.sizes)
  func count(size: Planes.Size) {
    for level in 0...3 {
      let p = Planes(size, seed: 7, most: 4)
      var counts = [UInt8](repeating: .max, count: p.patchCount)
      saccade_patch_count(p.a, Int32(level), Int32(p.width), Int32(p.height), &counts)
      #expect(counts.map(UInt32.init) == p.eachPatch { Int(p.a[$0]) == level ? 1 : 0 })
    }
  }

  @Test("count the flags of each patch as a plain loop does", arguments: Planes.sizes)
  func flags(size: Planes.Size) {
    var p = Planes(size, seed: 7, most: 2)
    let busy = p.clear { $0 % 3 == 1 }
    var counts = [UInt8](repeating: .max, count: p.patchCount)
    saccade_patch_flags(p.a, busy, Int32(p.width), Int32(p.height), &counts)
    #expect(counts.map(UInt32.init) == p.eachPatch { UInt32(p.a[$0]) })
  }

  @Test("hold the sums of a white picture")
  func white() {
    let bytes = [UInt8](repeating: 255, count: 40 * 24)
    let black = [UInt8](repeating: 0, count: 40 * 24)
    var patches = [saccade_patch](repeating: saccade_patch(), count: 15)
    saccade_patch_sums(bytes, bytes, black, 40, 24, &patches)
    for s in patches {
      #expect(s.current_sq == 64 * 255 * 255 && s.product == s.current_sq && s.change == 64 * 255)
    }
  }

  private func values(_ s: saccade_patch) -> [UInt32] {
    [s.count, s.current, s.background, s.current_sq, s.background_sq, s.product, s.change]
  }
}
