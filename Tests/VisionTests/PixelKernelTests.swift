import CKernels
import TestKit
import Testing

@Suite("the pixel kernels")
struct PixelKernelTests {
  @Test("compare a picture with what is expected as a plain loop does", arguments: Planes.sizes)
  func compare(size: Planes.Size) {
    for (seed, base, most) in [(1, 5, 10), (2, 9, 80), (3, 0, 1), (4, 14, 255)] as [(UInt64, Int, Int)] {
      let p = Planes(size, seed: seed)
      let allowance = p.c.map { UInt8(Int($0) * most / 255) }
      var mask = [UInt8](repeating: 99, count: p.a.count)
      saccade_compare(p.a, p.b, allowance, Int32(p.width), Int32(p.height), Int32(base), &mask)
      #expect(mask == p.a.indices.map { plainLevel(p, $0, min(255, base + Int(allowance[$0]))) })
    }
  }

  private func plainLevel(_ p: Planes, _ i: Int, _ threshold: Int) -> UInt8 {
    let (x, y) = (i % p.width, i / p.width)
    var (low, high) = (255, 0)
    for ny in max(0, y - 1)...min(p.height - 1, y + 1) {
      for nx in max(0, x - 1)...min(p.width - 1, x + 1) {
        low = min(low, Int(p.b[ny * p.width + nx]))
        high = max(high, Int(p.b[ny * p.width + nx]))
      }
    }
    let value = Int(p.a[i])
    let off = abs(value - Int(p.b[i]))
    if max(low - value, value - high, 0) > threshold { return 3 }
    return off > threshold ? 2 : 8 * off > 5 * threshold ? 1 : 0
  }

  @Test("find eights with something clear in or beside them as a plain loop does", arguments: Planes.sizes)
  func clearEights(size: Planes.Size) {
    // Few enough that eights without any are there.
    let levels: [UInt8] = [UInt8](repeating: 0, count: 40) + [1, 1, 1, 2, 3]
    let p = Planes(size, seed: 8, most: levels.count)
    let map = p.a.map { levels[Int($0)] }
    for y in 0..<p.height {
      let (above, below) = (max(0, y - 1), min(p.height - 1, y + 1))
      var out = [UInt8](repeating: 9, count: p.columns)
      map.withUnsafeBufferPointer {
        // Safety: planes have pixels.
        let start = $0.baseAddress!
        saccade_clear_eights(
          start + above * p.width, start + y * p.width, start + below * p.width, Int32(p.width), &out)
      }
      let plain = (0..<p.columns).map { eight -> UInt8 in
        let columns = (8 * eight)..<min(8 * eight + 8, p.width)
        guard columns.contains(where: { map[y * p.width + $0] != 0 }) else { return 0 }
        return (above...below).contains { row in columns.contains { map[row * p.width + $0] >= 2 } } ? 1 : 0
      }
      #expect(out == plain)
    }
  }

  @Test("tell what is only lit as a plain loop does", arguments: Planes.sizes, [(0.3, 2), (4.0, 3)])
  func onlyLit(size: Planes.Size, noise: (Float, UInt8)) {
    let p = Planes(size, seed: 21)
    let (width, height) = (p.width, p.height)
    // Mostly one light, so that many are only lit: the background times three fifths, give or take a little.
    let luma = zip(p.b, p.c).map { before, other -> UInt8 in
      let lit = max(0, Int(before) - 16) * 3 / 5
      return UInt8(min(255, 16 + lit + Int(other) % 5))
    }
    let colours = (p.a.map { 120 + $0 % 16 }, p.c.map { 124 + $0 % 8 })
    let mask = p.c.map { $0 % 4 }
    let needed = [UInt8](repeating: noise.1, count: p.columns)
    let clear = (0..<p.columns).map { UInt8($0 % 5 == 3 ? 0 : 1) }
    let tolerance = 2 + 1.8 * noise.0

    func isOnlyLit(_ x: Int, _ y: Int) -> Bool {
      func level(_ picture: [UInt8], _ x: Int, _ y: Int) -> Float { Float(picture[y * width + x]) }
      let (here, base) = (level(luma, x, y), level(p.b, x, y))
      guard base - 16 > 8, here - 16 > 2 else { return false }
      let ratio = (here - 16) / (base - 16)
      guard ratio > 0.35, ratio < 5 else { return false }
      let c = (y >> 1) * ((width + 1) / 2) + (x >> 1)
      let colour = min(ratio, 1.5)
      func apart(_ now: [UInt8], _ before: [UInt8]) -> Float {
        let expected: Float = (Float(before[c]) - 128) * colour
        return Float(now[c]) - 128 - expected
      }
      let (cb, cr) = (apart(colours.0, colours.1), apart(colours.1, colours.0))
      guard cb * cb + cr * cr < 40 else { return false }
      let beside = [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)].filter {
        (0..<width).contains($0.0) && (0..<height).contains($0.1)
      }
      let limit = tolerance * max(1, ratio * 0.7)
      let kept = beside.filter { x, y in
        let expected: Float = (level(p.b, x, y) - base) * ratio
        return abs(level(luma, x, y) - here - expected) <= limit
      }
      return kept.count >= beside.count - (beside.count > 3 ? 1 : 0)
    }

    var (objects, changed) = (
      [UInt8](repeating: 0, count: luma.count), [UInt8](repeating: 0, count: luma.count)
    )
    var found = 0
    for y in 0..<height {
      let chroma = (y >> 1) * ((width + 1) / 2)
      withPointers([luma, p.b, mask, colours.0, colours.1, needed, clear]) { at in
        var row = saccade_lit_row(
          luma: at[0] + y * width, predicted: at[1] + y * width, cb: at[3] + chroma, cr: at[4] + chroma,
          predicted_cb: at[4] + chroma, predicted_cr: at[3] + chroma, mask: at[2] + y * width, needed: at[5],
          clear: at[6], width: width, has_above: y > 0 ? 1 : 0, has_below: y + 1 < height ? 1 : 0,
          darkest: 0.35, lightest: 5, tolerance: tolerance)
        objects.withUnsafeMutableBufferPointer { objects in
          changed.withUnsafeMutableBufferPointer { changed in
            // Safety: planes have pixels.
            found += Int(
              saccade_tell_lit(&row, objects.baseAddress! + y * width, changed.baseAddress! + y * width))
          }
        }
      }
    }
    var lit = 0
    for i in luma.indices {
      let (x, y) = (i % width, i / width)
      let isAsked = clear[x / 8] != 0
      let counts = isAsked && mask[i] >= noise.1
      let isLit = isOnlyLit(x, y)
      lit += counts && isLit ? 1 : 0
      #expect(changed[i] == (counts ? 1 : 0), "pixel \(x), \(y)")
      let lacks = isAsked && mask[i] + 1 == noise.1
      #expect(objects[i] == (counts ? isLit ? 4 : 2 : lacks && !isLit ? 1 : 0), "pixel \(x), \(y)")
    }
    #expect(found == changed.reduce(0) { $0 + Int($1) })
    if luma.count > 500 { #expect(lit > 20 && lit < found - 20) }
  }

  private func withPointers(
    _ planes: [[UInt8]], _ seen: [UnsafePointer<UInt8>] = [], _ body: ([UnsafePointer<UInt8>]) -> Void
  ) {
    guard seen.count < planes.count else { return body(seen) }
    planes[seen.count].withUnsafeBufferPointer {
      // Safety: planes have pixels.
      withPointers(planes, seen + [$0.baseAddress!], body)
    }
  }

  @Test("tell how far colours are from grey as a plain loop does", arguments: Planes.sizes)
  func colourfulness(size: Planes.Size) {
    let p = Planes(size, seed: 4)
    #expect(saccade_colourfulness(p.a, Int32(p.a.count)) == p.a.reduce(0) { $0 + p.step($1, 128) })
  }

  @Test("clean a map as a plain loop does", arguments: Planes.sizes, [1, 2, 5, 40])
  func clean(size: Planes.Size, apart: Int) {
    for (seeds, doubts) in [(4, 4), (2, 5), (0, 0), (9, 9)] {
      let levels: [UInt8] = [0, 0, 0, 1, 2, 4]
      var p = Planes(size, seed: 3, most: levels.count)
      let busy = p.clear { $0 % apart > 0 }
      let map = p.a.map { levels[Int($0)] }
      var scratch = [UInt8](repeating: 0, count: p.width + 2)
      var out = [UInt8](repeating: 99, count: map.count)
      saccade_clean(
        map, busy, Int32(seeds), Int32(doubts), Int32(p.width), Int32(p.height), &scratch, &out)
      let plain = map.indices.map { i -> UInt8 in
        let (x, y) = (i % p.width, i / p.width)
        var marked = 0
        for dy in -1...1 {
          // Beyond the first and the last row lies the same again, beyond the sides nothing.
          let row = min(max(y + dy, 0), p.height - 1) * p.width
          for nx in max(0, x - 1)...min(p.width - 1, x + 1) where map[row + nx] != 0 { marked += 1 }
        }
        if marked < doubts { return 0 }
        return map[i] == 2 && marked < seeds ? 1 : map[i]
      }
      #expect(out == plain)
    }
  }

  @Test("scale a row by gains as a plain loop does", arguments: Planes.sizes, [0, 16, 128])
  func scale(size: Planes.Size, pivot: Int) {
    let p = Planes(size, seed: 5)
    let gains = p.b.map { UInt16($0) * 12 }
    var out = [UInt8](repeating: 99, count: p.a.count)
    saccade_scale_row(p.a, gains, Int32(pivot), Int32(p.a.count), &out)
    let plain = p.a.indices.map { i -> UInt8 in
      UInt8(min(255, max(0, ((Int(p.a[i]) - pivot) * Int(gains[i]) + 128) / 256 + pivot)))
    }
    #expect(out == plain)
  }

  @Test("take every second gain, and none above the most", arguments: Planes.sizes)
  func halveGains(size: Planes.Size) {
    let gains = Planes(size, seed: 9).a.prefix(size.width).map { UInt16($0) * 12 }
    var out = [UInt16](repeating: 99, count: (gains.count + 1) / 2)
    saccade_halve_gains(gains, Int32(gains.count), 640, &out)
    #expect(out == stride(from: 0, to: gains.count, by: 2).map { min(gains[$0], 640) })
  }

  @Test("mix two rows as a plain loop does", arguments: [0, 1, 7, 15, 16])
  func mix(share: Int) {
    let p = Planes(Planes.Size(width: 777, height: 1), seed: 6)
    let upper = p.a.map { UInt16($0) * 257 }
    let lower = p.b.map { UInt16($0) * 257 }
    var out = [UInt16](repeating: 99, count: upper.count)
    saccade_mix_row(upper, lower, Int32(share), Int32(upper.count), &out)
    #expect(out == zip(upper, lower).map { UInt16((Int($0) * (16 - share) + Int($1) * share) / 16) })
  }
}
