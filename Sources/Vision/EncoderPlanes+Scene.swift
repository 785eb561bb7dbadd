import CKernels

/// What the picture says of the scene as a whole.
extension EncoderPlanes {
  func measure(
    _ currentCb: UnsafePointer<UInt8>, _ currentCr: UnsafePointer<UInt8>, changedPixels: Int
  ) -> SceneMeasures {
    var m = SceneMeasures()
    var sum = 0
    var change = 0
    var dark = 0
    var bright = 0
    for i in 0..<patches.count {
      let s = patches.sums[i]
      sum += Int(s.current)
      change += Int(s.change)
      let mean = s.mean(s.current)
      if mean < 34 { dark += 1 }
      if mean > 226 { bright += 1 }
    }
    let pixels = Double(width * height)
    m.luma = min(1, max(0, (Double(sum) / pixels - 16) / 219))
    m.change = Double(change) / pixels
    m.stillChange = stillChange()
    m.darkShare = Double(dark) / Double(patches.count)
    m.brightShare = Double(bright) / Double(patches.count)
    m.motion = Double(changedPixels) / pixels
    m.lightShare = light.changedShare
    m.lightGain = light.meanGain
    m.noise = Double(frameNoise)
    m.colour = meanColour(currentCb, currentCr)
    m.usualColour = meanColour(cb.shown, cr.shown)
    let likeness = reference.compare(patches, noise: Double(steadyNoise))
    m.detail = likeness.detail
    m.usualDetail = likeness.usualDetail
    m.contrast = likeness.contrast
    m.likeness = likeness.luma
    m.edgeLikeness = likeness.edges
    return m
  }

  /// Mean distance of the colour signals from grey.
  private func meanColour(_ cb: UnsafePointer<UInt8>, _ cr: UnsafePointer<UInt8>) -> Double {
    let count = self.cb.count
    let sum =
      UInt64(saccade_colourfulness(cb, Int32(count))) + UInt64(saccade_colourfulness(cr, Int32(count)))
    return Double(sum) / Double(count)
  }

  /// What six in ten patches change by at most, in levels: by counts of 1/64 level up to one.
  private func stillChange() -> Double {
    var counts = InlineArray<65, Int>(repeating: 0)
    for i in 0..<patches.count {
      let s = patches.sums[i]
      counts[min(64, Int(s.mean(s.change * 64)))] += 1
    }
    var passed = 0
    for i in 0...64 {
      passed += counts[i]
      if passed * 10 >= patches.count * 6 { return Double(i) / 64 }
    }
    return 1
  }

  /// The descriptors of the patches; their colour is that of the sample in the middle.
  func grid(_ cb: UnsafePointer<UInt8>, _ cr: UnsafePointer<UInt8>) -> PatchGrid {
    var grid = PatchGrid(columns: patches.columns, rows: patches.rows)
    saccade_patch_flags(changed, busy, Int32(width), Int32(height), &grid.motion)
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    let half = PatchStatistics.side / 2
    var i = 0
    for row in 0..<patches.rows {
      let y = min(row * half + half / 2, chromaHeight - 1)
      for column in 0..<patches.columns {
        let s = patches.sums[i]
        grid.luma[i] = UInt8(s.mean(s.current))
        grid.texture[i] = UInt8(min(255, s.mean(s.gradient)))
        let x = min(column * half + half / 2, chromaWidth - 1)
        grid.cb[i] = cb[y * chromaWidth + x]
        grid.cr[i] = cr[y * chromaWidth + x]
        i += 1
      }
    }
    return grid
  }
}
