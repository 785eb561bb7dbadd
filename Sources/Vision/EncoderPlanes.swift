import Base
import CKernels
import Media

/// Everything that the encoder keeps for one size of picture.
final class EncoderPlanes {
  let width: Int
  let height: Int
  private let configuration: EncoderConfiguration
  var luma: BackgroundPlane
  var cb: BackgroundPlane
  var cr: BackgroundPlane
  private var saved: SavedBackground
  let patches: PatchStatistics
  var light: LightField
  private var finder: RegionFinder
  private var lightFilter: LightFilter
  var reference: Reference
  private var restlessness: Restlessness
  private var templates: TemplateMemory
  private var lookedAt: MediaTime?
  private var upheaval = Upheaval()
  private var healsUntil: MediaTime?

  private let held: UnsafeMutablePointer<UInt8>
  private let heldChroma: UnsafeMutablePointer<UInt8>
  private let objects: UnsafeMutablePointer<UInt8>
  private let cleaned: UnsafeMutablePointer<UInt8>
  let changed: UnsafeMutablePointer<UInt8>
  let busy: UnsafeMutablePointer<UInt8>
  /// Three rows: the gains of a row of pixels, and those of the patches above and below it.
  private let gains: UnsafeMutablePointer<UInt16>
  private let chromaGains: UnsafeMutablePointer<UInt16>
  private let noise: UnsafeMutablePointer<Float>
  var frameNoise: Float = 2
  /// The same, but slow to rise: light that is still being learnt looks like noise for a while.
  var steadyNoise: Float = 2
  private var noiseRounds = 0
  private var learning: LearningRates
  private var noiseRow = 0
  private var heldRects: [Rect] = []

  /// By how many levels a pixel must differ where the noise is as it is in the middle.
  var threshold: Double { Double(base) + Self.deviations * Double(frameNoise) / 1.25 }

  private static let deviations = 3.5
  private static let colourDeviations = 4.5
  /// So much of the picture is the background, where that is up to date.
  private static let fit = 0.6
  /// After the background was taken anew, who stood in it may go for so long, and leave what was kept from before.
  private static let healing = Nanoseconds.seconds(10)
  // Edges that shake by parts of a pixel leave more than noise does.
  private var base: Int {
    8 - Int((configuration.sensitivity * 6).rounded()) + (restlessness.isShaken ? 4 : 0)
  }

  init(_ picture: PeripheralPicture, _ configuration: EncoderConfiguration, at time: MediaTime) {
    width = picture.width
    height = picture.height
    self.configuration = configuration
    let count = width * height
    let chromaCount = picture.chromaWidth * picture.chromaHeight
    let colours = (picture.chromaWidth, picture.chromaHeight)
    luma = BackgroundPlane(width: width, height: height, deviations: Self.deviations)
    cb = BackgroundPlane(width: colours.0, height: colours.1, deviations: Self.colourDeviations)
    cr = BackgroundPlane(width: colours.0, height: colours.1, deviations: Self.colourDeviations)
    saved = SavedBackground(width: width, height: height)
    patches = PatchStatistics(width: width, height: height)
    light = LightField(columns: patches.columns, rows: patches.rows)
    finder = RegionFinder(width: width, height: height)
    lightFilter = LightFilter(width: width, height: height)
    templates = TemplateMemory(width: width, height: height)
    restlessness = Restlessness(patches: patches.count)
    reference = Reference(count: patches.count)
    learning = LearningRates(start: time)
    held = .allocate(capacity: count)
    heldChroma = .allocate(capacity: chromaCount)
    objects = .allocate(capacity: count)
    cleaned = .allocate(capacity: count)
    changed = .allocate(capacity: count)
    busy = .allocate(capacity: patches.count)
    gains = .allocate(capacity: 3 * width)
    chromaGains = .allocate(capacity: picture.chromaWidth)
    noise = .allocate(capacity: patches.count)
    held.initialize(repeating: 0, count: count)
    heldChroma.initialize(repeating: 0, count: chromaCount)
    objects.initialize(repeating: 0, count: count)
    cleaned.initialize(repeating: 0, count: count)
    changed.initialize(repeating: 0, count: count)
    busy.initialize(repeating: 0, count: patches.count)
    gains.initialize(repeating: 256, count: 3 * width)
    chromaGains.initialize(repeating: 256, count: picture.chromaWidth)
    noise.initialize(repeating: 2, count: patches.count)
    resetAll(to: picture)
  }

  deinit {
    held.deallocate()
    heldChroma.deallocate()
    objects.deallocate()
    cleaned.deallocate()
    changed.deallocate()
    busy.deallocate()
    gains.deallocate()
    chromaGains.deallocate()
    noise.deallocate()
  }

  func look(
    at picture: PeripheralPicture, after before: PeripheralPicture?, time: MediaTime, attention: Attention
  ) -> Observation {
    // Safety: `resize` allocates all three planes of a picture, and it isn't resized during the call.
    let current = UnsafePointer(picture.luma.baseAddress!)
    let currentCb = UnsafePointer(picture.cb.baseAddress!)
    let currentCr = UnsafePointer(picture.cr.baseAddress!)
    let last = UnsafePointer((before ?? picture).luma.baseAddress!)
    hold(attention.held)
    absorb(attention.emptied, current, currentCb, currentCr)
    // `cleaned` still holds the last look, which is what the known things were seen in.
    templates.remember(attention.known, last: last, objects: cleaned, at: time)
    patches.measure(current, background: luma.shown, last: last, width: width, height: height)
    light.estimate(patches, noise: noise)
    predict()
    luma.compare(current, base: base)
    cb.compare(currentCb, base: base + 1)
    cr.compare(currentCr, base: base + 1)
    addChroma()
    if let until = healsUntil {
      saved.heal(luma, cb, cr, showing: picture, noise: frameNoise)
      if time > until { healsUntil = nil }
    }
    let passed = lookedAt.map { min(0.2, max(0, (time - $0).inSeconds)) } ?? 0
    lookedAt = time
    restlessness.follow(luma.mask, held: held, width: width, height: height, rate: Float(passed / 0.8))
    let context = PictureContext(
      width: width, height: height, luma: current, cb: currentCb, cr: currentCr, last: last,
      predicted: luma.predicted, predictedCb: cb.predicted, predictedCr: cr.predicted,
      deviation: luma.deviation, deviationCb: cb.deviation, deviationCr: cr.deviation,
      mask: luma.mask, needed: restlessness.needed, objects: objects,
      changed: changed, busy: busy, noise: frameNoise, coveredX: picture.coveredX, coveredY: picture.coveredY)
    let changedPixels = ShadowFilter.apply(context)
    if changedPixels > 0 { lightFilter.apply(context) }

    var measures = measure(currentCb, currentCr, changedPixels: changedPixels)
    var regions: [Region] = []
    var figure = Figure()
    switch upheaval.step(measures, explained: light.explainedShare, at: time) {
    case .none:
      if changedPixels > 0 { regions = findRegions(context, &figure) }
    case .wait:
      measures.isUpset = true
    case .relearn(let keepsView):
      relearn(picture, keepsView: keepsView)
      learning.restart(at: time)
      healsUntil = keepsView && saved.isShown(by: current) ? time + Self.healing : nil
      measures.isRelearnt = true
    case .restore:
      saved.restore(&luma, &cb, &cr)
      healsUntil = nil
      measures.isRelearnt = true
    }
    if !measures.isUpset && !measures.isRelearnt {
      learn(current, currentCb, currentCr, time: time)
      switch upheaval.following(measures, at: time) {
      case .no: break
      case .slowly:
        if learning.isDue(.reference, at: time) {
          reference.follow(patches, colour: measures.colour, rate: 0.05)
        }
        // While the light changes, the background is still that of the light before.
        let fits = light.explainedShare - light.changedShare > Self.fit && healsUntil == nil
        if fits, learning.isDue(.save, at: time) { saved.keep(luma, cb, cr) }
      case .whole:
        reference.follow(patches, colour: measures.colour, rate: 1)
        saved.keep(luma, cb, cr)
      }
    }
    var observation = Observation(regions: regions, scene: measures)
    observation.figure = figure
    if attention.wantsGrid { observation.grid = grid(currentCb, currentCr) }
    if !measures.isUpset {
      observation.sightings = templates.search(attention.known, in: current, after: passed)
    }
    return observation
  }

  // MARK: - The steps

  private func hold(_ rects: [Rect]) {
    guard rects != heldRects else { return }
    mark(heldRects, as: 0)
    mark(rects, as: 1)
    heldRects = rects
  }

  /// Takes the picture as background where nothing is, margins included, but not on what is held.
  private func absorb(
    _ rects: [Rect], _ current: UnsafePointer<UInt8>, _ currentCb: UnsafePointer<UInt8>,
    _ currentCr: UnsafePointer<UInt8>
  ) {
    for r in rects {
      let x0 = max(0, Int(r.x * Double(width)) - 3)
      let x1 = min(width, Int((r.maxX * Double(width)).rounded(.up)) + 3)
      let y0 = max(0, Int(r.y * Double(height)) - 3)
      let y1 = min(height, Int((r.maxY * Double(height)).rounded(.up)) + 3)
      guard x1 > x0, y1 > y0 else { continue }
      for y in y0..<y1 {
        for x in x0..<x1 where held[y * width + x] == 0 {
          luma.absorb(at: y * width + x, value: current[y * width + x])
          let c = (y / 2) * cb.width + x / 2
          cb.absorb(at: c, value: currentCb[c])
          cr.absorb(at: c, value: currentCr[c])
        }
      }
    }
  }

  private func mark(_ rects: [Rect], as value: UInt8) {
    let chromaWidth = (width + 1) / 2
    let chromaHeight = (height + 1) / 2
    for r in rects {
      let x0 = max(0, Int(r.x * Double(width)) - 2)
      let x1 = min(width, Int((r.maxX * Double(width)).rounded(.up)) + 2)
      let y0 = max(0, Int(r.y * Double(height)) - 2)
      let y1 = min(height, Int((r.maxY * Double(height)).rounded(.up)) + 2)
      guard x1 > x0, y1 > y0 else { continue }
      for y in y0..<y1 { (held + y * width + x0).update(repeating: value, count: x1 - x0) }
      let cx0 = x0 / 2
      let cx1 = min(chromaWidth, (x1 + 1) / 2)
      for y in y0 / 2..<min(chromaHeight, (y1 + 1) / 2) {
        (heldChroma + y * chromaWidth + cx0).update(repeating: value, count: cx1 - cx0)
      }
    }
  }

  /// What the background would look like in this frame's light.
  private func predict() {
    if light.isEven {
      luma.predictUnlit()
      cb.predictUnlit()
      cr.predictUnlit()
      return
    }
    let (lit, litCb, litCr) = (luma.predictLit(), cb.predictLit(), cr.predictLit())
    let side = PatchStatistics.side
    var upper = gains + width
    var lower = gains + 2 * width
    var row = -1
    for y in 0..<height {
      let above = max(0, (y - side / 2) / side)
      if above != row {
        row = above
        // The next row down has been below this one.
        swap(&upper, &lower)
        if above == 0 { light.expand(row: 0, width: width, into: upper) }
        light.expand(row: min(above + 1, patches.rows - 1), width: width, into: lower)
      }
      let share = min(2 * side, max(0, 2 * (y - above * side - side / 2) + 1))
      saccade_mix_row(upper, lower, Int32(share), Int32(width), gains)
      let at = y * width
      saccade_scale_row(luma.shown + at, gains, 16, Int32(width), lit + at)
      if y & 1 == 0 {
        let c = (y / 2) * cb.width
        saccade_halve_gains(gains, Int32(width), 640, chromaGains)
        saccade_scale_row(cb.shown + c, chromaGains, 128, Int32(cb.width), litCb + c)
        saccade_scale_row(cr.shown + c, chromaGains, 128, Int32(cr.width), litCr + c)
      }
    }
  }

  /// A pixel whose colour differs is as good as one whose brightness does.
  private func addChroma() {
    let (chromaWidth, chromaHeight) = (cb.width, cb.height)
    // Taken out of the loops, where each use would be checked for exclusive access.
    let (cbMask, crMask, mask) = (cb.mask, cr.mask, luma.mask)
    for cy in 0..<chromaHeight {
      let row = cy * chromaWidth
      var cx = 0
      while cx < chromaWidth {
        if cx + 32 <= chromaWidth {
          let four =
            UnsafeRawPointer(cbMask + row + cx).loadUnaligned(as: SIMD4<UInt64>.self)
            | UnsafeRawPointer(crMask + row + cx).loadUnaligned(as: SIMD4<UInt64>.self)
          if (four[0] | four[1] | four[2] | four[3]) & 0x0202_0202_0202_0202 == 0 {
            cx += 32
            continue
          }
        }
        for x in cx..<min(cx + 8, chromaWidth) where cbMask[row + x] | crMask[row + x] >= 2 {
          for y in 2 * cy..<min(2 * cy + 2, height) {
            mask[y * width + 2 * x] = 3
            if 2 * x + 1 < width { mask[y * width + 2 * x + 1] = 3 }
          }
        }
        cx += 8
      }
    }
  }

  private func findRegions(_ context: PictureContext, _ figure: inout Figure) -> [Region] {
    luma.clean(objects, busy: busy, seeds: 4, doubts: 4, into: cleaned)
    var cleanedContext = context
    cleanedContext.objects = cleaned
    var regions: [Region] = []
    let side = configuration.minimumObject * Double(height)
    finder.find(
      cleanedContext, minimumPixels: max(3, Int(side * side * 0.2)), into: &regions,
      figure: &figure)
    return regions
  }

  private func learn(
    _ current: UnsafePointer<UInt8>, _ currentCb: UnsafePointer<UInt8>, _ currentCr: UnsafePointer<UInt8>,
    time: MediaTime
  ) {
    let (phase, rates) = learning.next(at: time, light: light.changedShare)
    luma.learn(current, mask: changedOrMask(), held: held, phase: phase, rates: rates)
    cb.learn(currentCb, mask: cb.mask, held: heldChroma, phase: phase, rates: rates)
    cr.learn(currentCr, mask: cr.mask, held: heldChroma, phase: phase, rates: rates)
    measureNoise()
  }

  private func changedOrMask() -> UnsafePointer<UInt8> { UnsafePointer(changed) }

  /// The noise of one row of patches a frame, from the deviations, and the mean of all.
  private func measureNoise() {
    let row = noiseRow
    noiseRow = (noiseRow + 1) % patches.rows
    let y0 = row * PatchStatistics.side
    let y1 = min(y0 + PatchStatistics.side, height)
    for column in 0..<patches.columns {
      let x0 = column * PatchStatistics.side
      let x1 = min(x0 + PatchStatistics.side, width)
      var sum = 0
      for y in y0..<y1 { for x in x0..<x1 { sum += Int(luma.deviation[y * width + x]) } }
      // A normal distribution's standard deviation is 1.25 mean absolute deviations.
      noise[row * patches.columns + column] =
        max(0.4, Float(sum) / Float((y1 - y0) * (x1 - x0)) / 128 * 1.25)
    }
    guard noiseRow == 0 else { return }
    var levels = [Float](unsafeUninitializedCapacity: patches.count) { buffer, n in
      for i in 0..<patches.count { buffer[i] = noise[i] }
      n = patches.count
    }
    levels.sort()
    frameNoise = levels[levels.count / 2]
    noiseRounds += 1
    let rises = frameNoise > steadyNoise && noiseRounds > 4
    steadyNoise += (frameNoise - steadyNoise) * (rises ? 0.03 : 1)
  }

  // MARK: - Starting over

  private func resetAll(to picture: PeripheralPicture) {
    luma.reset(to: picture.luma.baseAddress!, deviation: 1.6)  // Safety: as in `look`.
    cb.reset(to: picture.cb.baseAddress!, deviation: 1.0)  // Safety: as in `look`.
    cr.reset(to: picture.cr.baseAddress!, deviation: 1.0)  // Safety: as in `look`.
  }

  /// Takes the picture as background. Below known objects it can't be seen: where the view is the same, their
  /// background is changed as the same brightness changed elsewhere.
  private func relearn(_ picture: PeripheralPicture, keepsView: Bool) {
    let current = UnsafePointer(picture.luma.baseAddress!)  // Safety: as in `look`.
    if keepsView && !heldRects.isEmpty {
      ToneMap.follow(luma, to: current, held: held)
      // Safety: as in `look`.
      ToneMap.bridge(cb, to: UnsafePointer(picture.cb.baseAddress!), held: heldChroma)
      ToneMap.bridge(cr, to: UnsafePointer(picture.cr.baseAddress!), held: heldChroma)
    } else {
      resetAll(to: picture)
    }
  }
}
