import CKernels
import TestKit
import Testing

/// A frame of random pixels, with objects and labels all over it.
private final class Frame {
  let width: Int
  let height: Int
  let luma: Samples<UInt8>
  let predicted: Samples<UInt8>
  let last: Samples<UInt8>
  let cb: Samples<UInt8>
  let cr: Samples<UInt8>
  let predictedCb: Samples<UInt8>
  let predictedCr: Samples<UInt8>
  let deviations: [Samples<UInt16>]
  let objects: Samples<UInt8>
  let changed: Samples<UInt8>
  let labels: [UInt16]

  /// - Parameter share: Of pixels that are objects.
  init(_ size: Planes.Size, seed: UInt64, share: Double) {
    width = size.width
    height = size.height
    let (p, q, r) = (Planes(size, seed: seed), Planes(size, seed: seed + 50), Planes(size, seed: seed + 90))
    (luma, predicted, last) = (Samples(p.a), Samples(p.b), Samples(p.c))
    (cb, cr) = (Samples(q.a), Samples(q.c))
    (predictedCb, predictedCr) = (Samples(q.b), Samples(r.b))
    deviations = [p.c, q.c, r.c].map { plane in Samples(plane.map { UInt16($0) * 60 }) }
    var random = SceneRandom(seed: seed, part: size.testDescription)
    let levels: [UInt8] = [2, 2, 4, 4, 1]
    let objects = p.a.map { _ in random.chance(share) ? levels[random.whole(0, 4)] : 0 }
    self.objects = Samples(objects)
    changed = Samples(objects.map { $0 != 0 || random.chance(0.2) ? 1 : 0 })
    let columns = (width + 1) / 2
    labels = (0..<columns * ((height + 1) / 2)).map { UInt16(1 + ($0 % columns / 5 + $0 / columns / 3) % 3) }
  }

  var pointers: saccade_frame {
    saccade_frame(
      width: width, height: height, luma: luma.start, predicted: predicted.start, last: last.start,
      cb: cb.start, cr: cr.start, predicted_cb: predictedCb.start, predicted_cr: predictedCr.start,
      deviation: deviations[0].start, deviation_cb: deviations[1].start, deviation_cr: deviations[2].start,
      objects: objects.start, changed: changed.start)
  }

  func isObject(_ x: Int, _ y: Int) -> Bool {
    x >= 0 && y >= 0 && x < width && y < height && objects[y * width + x] != 0
  }

  func chroma(_ x: Int, _ y: Int) -> Int { (y / 2) * ((width + 1) / 2) + x / 2 }

  func label(_ x: Int, _ y: Int) -> UInt16 { labels[chroma(x, y)] }
}

/// The texture's sums, a pixel at a time.
private struct PlainTexture: Equatable {
  var count = 0
  var steps = [0, 0, 0]
  var levels = [0, 0]
  var colours = [0, 0, 0, 0]

  init() {}

  init(_ sums: saccade_texture) {
    count = Int(sums.count)
    steps = [Int(sums.now), Int(sums.before), Int(sums.product)]
    levels = [Int(sums.level), Int(sums.level_before)]
    colours = [
      Int(sums.colour.0), Int(sums.colour.1), Int(sums.colour_before.0), Int(sums.colour_before.1),
    ]
  }

  mutating func add(_ f: Frame, _ x: Int, _ y: Int, right: Bool, below: Bool) {
    let i = y * f.width + x
    let ends = [right ? i + 1 : nil, below ? i + f.width : nil].compactMap { $0 }
    for end in ends {
      let now = min(max(Int(f.luma[end]) - Int(f.luma[i]), -40), 40)
      let before = min(max(Int(f.predicted[end]) - Int(f.predicted[i]), -40), 40)
      let products = [now * now, before * before, now * before]
      let c = f.chroma(x, y)
      count += 1
      for k in 0..<3 { steps[k] += products[k] }
      levels[0] += Int(f.luma[i])
      levels[1] += Int(f.predicted[i])
      for (k, plane) in [f.cb, f.cr, f.predictedCb, f.predictedCr].enumerated() {
        colours[k] += Int(plane[c]) - 128
      }
    }
  }
}

/// A region's sums, a pixel at a time.
private struct PlainRegion: Equatable {
  var pixels = [0, 0, 0, 0, 0]
  var texture = PlainTexture()
  var box = [Int(Int32.max), Int(Int32.max), -1, -1]
  var contrast: Float = 0
  var change = 0
  var histogram = [Int](repeating: 0, count: 8)
  var colour = [0, 0]
  var edges = [0, 0, 0]

  init() {}

  init(_ sums: saccade_region_sums) {
    pixels = [sums.all, sums.count, sums.sure, sums.border, sums.lit_border].map(Int.init)
    texture = PlainTexture(sums.texture)
    box = [sums.min_x, sums.min_y, sums.max_x, sums.max_y].map(Int.init)
    contrast = sums.contrast
    change = Int(sums.change)
    let h = sums.histogram
    histogram = [h.0, h.1, h.2, h.3, h.4, h.5, h.6, h.7].map(Int.init)
    colour = [Int(sums.cb), Int(sums.cr)]
    edges = [Int(sums.edges), Int(sums.edge_now), Int(sums.edge_before)]
  }

  mutating func add(_ f: Frame, _ x: Int, _ y: Int) {
    let i = y * f.width + x
    let isLit = f.objects[i] == 4
    let isInner =
      f.isObject(x - 1, y) && f.isObject(x + 1, y) && f.isObject(x, y - 1) && f.isObject(x, y + 1)
    pixels[0] += 1
    if isInner { texture.add(f, x, y, right: true, below: true) } else { pixels[3] += 1 }
    if isLit {
      if !isInner { pixels[4] += 1 }
      return
    }
    pixels[1] += 1
    if f.objects[i] == 2 { pixels[2] += 1 }
    box = [min(box[0], x), min(box[1], y), max(box[2], x), max(box[3], y)]
    let c = f.chroma(x, y)
    func off(_ now: UInt8, _ before: UInt8, _ levels: Float, _ deviation: UInt16, _ some: Float) -> Float {
      Float(abs(Int(now) - Int(before))) / (levels + Float(deviation) * (some / 128))
    }
    contrast += max(
      off(f.luma[i], f.predicted[i], 5, f.deviations[0][i], 3.5),
      max(
        off(f.cb[c], f.predictedCb[c], 6, f.deviations[1][c], 4.5),
        off(f.cr[c], f.predictedCr[c], 6, f.deviations[2][c], 4.5)))
    change += abs(Int(f.luma[i]) - Int(f.last[i]))
    histogram[Int(f.luma[i]) / 32] += 1
    colour[0] += Int(f.cb[c]) - 128
    colour[1] += Int(f.cr[c]) - 128
    guard x > 0, y > 0, x + 1 < f.width, y + 1 < f.height else { return }
    for step in [-1, 1, -f.width, f.width] where f.changed[i + step] == 0 {
      let far = i + 2 * step
      let outside = (0..<f.luma.count).contains(far) && f.changed[far] == 0 ? far : i + step
      edges[0] += 1
      edges[1] += abs(Int(f.luma[i]) - Int(f.luma[outside]))
      edges[2] += abs(Int(f.predicted[i]) - Int(f.predicted[outside]))
    }
  }
}

@Suite("the region kernels")
struct RegionKernelTests {
  @Test("sum the texture of each patch as a plain loop does", arguments: Planes.sizes, [0.03, 0.9])
  func texture(size: Planes.Size, share: Double) {
    let f = Frame(size, seed: 3, share: share)
    var pointers = f.pointers
    for row in 0..<(f.height + 7) / 8 {
      for column in 0..<(f.width + 7) / 8 {
        var plain = PlainTexture()
        var hasAny = false
        for y in (row * 8)..<min(row * 8 + 8, f.height) {
          for x in (column * 8)..<min(column * 8 + 8, f.width) where f.isObject(x, y) {
            hasAny = true
            plain.add(f, x, y, right: f.isObject(x + 1, y), below: f.isObject(x, y + 1))
          }
        }
        var sum = saccade_texture()
        let found = saccade_patch_texture(&pointers, Int32(column), Int32(row), &sum)
        #expect(found == hasAny && PlainTexture(sum) == plain, "patch \(column), \(row)")
      }
    }
  }

  @Test("sum a region as a plain loop does", arguments: Planes.sizes, [0.03, 0.9])
  func region(size: Planes.Size, share: Double) {
    let f = Frame(size, seed: 4, share: share)
    for label in 1...3 as ClosedRange<UInt16> {
      var plain = PlainRegion()
      for y in 0..<f.height {
        for x in 0..<f.width where f.isObject(x, y) && f.label(x, y) == label { plain.add(f, x, y) }
      }
      var (pointers, sums) = (f.pointers, saccade_region_sums())
      saccade_region_sum(
        &pointers, f.labels, label, 0, 0, Int32(f.width - 1), Int32(f.height - 1), &sums)
      #expect(PlainRegion(sums) == plain)
    }
  }

  @Test("sum a region that is a part of the picture")
  func box() {
    let f = Frame(Planes.Size(width: 90, height: 40), seed: 5, share: 0.7)
    var plain = PlainRegion()
    // Blocks of label 2 in columns 20 to 29 of pixels end with the box.
    for y in 12..<18 {
      for x in 20..<30 where f.isObject(x, y) && f.label(x, y) == 2 { plain.add(f, x, y) }
    }
    var (pointers, sums) = (f.pointers, saccade_region_sums())
    saccade_region_sum(&pointers, f.labels, 2, 20, 12, 29, 17, &sums)
    #expect(plain.pixels[0] > 20)
    #expect(PlainRegion(sums) == plain)
  }
}
