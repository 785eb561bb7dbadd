import Base

/// Draws a scene frame by frame, in order. The same scene gives the same bytes on every machine. One thread.
package final class SceneRenderer {
  package let scene: Scene
  package private(set) var nextFrame = 0
  private let background: Picture
  private let canvas: Canvas
  private let light: LightField
  private let lens = Lens()
  private let sensor: Sensor
  private let weather: [Weather?]
  private let sprite = Sprite()
  private let last: Picture
  private let scale: Double
  private let marginX: Int
  private let marginY: Int

  package init(_ scene: Scene) {
    self.scene = scene
    scale = Double(scene.height) / 720
    var reachX = 16.0
    var reachY = 16.0
    for case .turn(_, _, let dx, let dy) in scene.effects {
      reachX += abs(dx) * scale
      reachY += abs(dy) * scale
    }
    marginX = Int(reachX.rounded(.up)) & ~1
    marginY = Int(reachY.rounded(.up)) & ~1
    canvas = Canvas(width: scene.width + 2 * marginX, height: scene.height + 2 * marginY)
    background = Picture(width: canvas.width, height: canvas.height)
    light = LightField(width: canvas.width, height: canvas.height)
    sensor = Sensor(seed: scene.seed)
    last = Picture(width: scene.width, height: scene.height)
    weather = scene.effects.map { effect in
      switch effect {
      case .rain(let drops, let wind, _, _): Weather(count: drops, snow: false, wind: wind, seed: scene.seed)
      case .snow(let flakes, let wind, _, _): Weather(count: flakes, snow: true, wind: wind, seed: scene.seed)
      default: nil
      }
    }
    Backdrop(
      place: scene.place, seed: UInt32(truncatingIfNeeded: scene.seed &* 7919), scale: scale,
      marginX: Double(marginX),
      marginY: Double(marginY), middle: scene.span / 2
    ).paint(on: canvas)
    background.copy(from: canvas.picture)
  }

  /// Renders the next frame into `out`, which must have the scene's size; nil after the last.
  package func render(into out: Picture) -> FrameTruth? {
    guard nextFrame < scene.frames else { return nil }
    let time = Double(nextFrame) / scene.rate
    nextFrame += 1
    let window = window(at: time)
    let objects = drawThings(at: time, window: window)
    light.apply(
      scene.effects, at: time, to: canvas.picture, scale: scale, marginX: Double(marginX),
      marginY: Double(marginY),
      middle: scene.span / 2)
    lens.look(at: canvas.picture, x: window.x, y: window.y, into: out)
    disturb(out, at: time)
    if let held = held(at: time) {
      if held { out.copy(from: last) } else { last.copy(from: out) }
    }
    return FrameTruth(number: nextFrame, time: time, objects: objects)
  }

  /// Whether the picture is frozen; nil in scenes where it never is.
  private func held(at time: Double) -> Bool? {
    for case .freeze(let begin, let end) in scene.effects { return time >= begin && time < end }
    return nil
  }

  /// Where the camera looks: the top left of the picture on the canvas.
  private func window(at time: Double) -> (x: Double, y: Double) {
    var x = Double(marginX)
    var y = Double(marginY)
    for effect in scene.effects {
      switch effect {
      case .shake(let pixels, let begin, let end) where time >= begin && time < end:
        // A mast in the wind: two frequencies, and gusts.
        let gust = 0.45 + 0.55 * SceneMath.noise(time * 0.7, 0.5, 8)
        x += scale * pixels * gust * (0.7 * SceneMath.sin(time * 23) + 0.3 * SceneMath.sin(time * 71 + 1))
        y += scale * pixels * gust * (0.6 * SceneMath.sin(time * 31 + 2) + 0.4 * SceneMath.sin(time * 57))
      case .turn(let at, let seconds, let dx, let dy):
        let t = SceneMath.smooth(time, at, at + seconds)
        x += dx * t * scale
        y += dy * t * scale
      default: break
      }
    }
    return (min(max(x, 0), Double(2 * marginX - 2)), min(max(y, 0), Double(2 * marginY - 2)))
  }

  private func drawThings(at time: Double, window: (x: Double, y: Double)) -> [ObjectTruth] {
    canvas.clear(to: background)
    let present = scene.actors.indices.compactMap { i in
      scene.actors[i].path.at(time).map { (index: i, foot: $0.y, x: $0.x) }
    }.sorted { $0.foot < $1.foot }
    for thing in present { shade(thing.index, x: thing.x, y: thing.foot) }
    var foliage: [(Foliage, Double)] = []
    for case .foliage(let plants, let wind) in scene.effects { foliage += plants.map { ($0, wind) } }
    foliage.sort { $0.0.foot < $1.0.foot }
    var masks: [(index: Int, mask: DrawnMask)] = []
    for thing in present {
      while let plant = foliage.first, plant.0.foot < thing.foot {
        draw(plant, at: time)
        foliage.removeFirst()
      }
      guard
        let depth = scene.actors[thing.index].draw(
          on: sprite, at: time, perspective: scene.place.perspective, scale: scale, marginX: Double(marginX),
          marginY: Double(marginY), exposure: 1 / 60)
      else { continue }
      masks.append((thing.index, canvas.draw(sprite, id: UInt8(thing.index + 1), depth: depth)))
    }
    for plant in foliage { draw(plant, at: time) }
    return masks.compactMap { truth(of: $0.index, $0.mask, at: time, window: window) }.sorted {
      $0.id < $1.id
    }
  }

  private func draw(_ plant: (Foliage, Double), at time: Double) {
    plant.0.draw(
      on: canvas, at: time, wind: plant.1, scale: scale, marginX: Double(marginX), marginY: Double(marginY),
      owner: 255)
  }

  private func shade(_ index: Int, x: Double, y: Double) {
    guard scene.shadows > 0 else { return }
    let figure = scene.actors[index].figure
    let metre = scene.place.perspective.metre(at: y) * scale
    let half = figure.width * metre * 0.55
    let cx = x * scale + Double(marginX)
    let cy = y * scale + Double(marginY)
    let deep = max(2, figure.height * metre * 0.07)
    canvas.shade(
      Oval(cx, cy - deep * 0.2, half, deep), strength: scene.shadows, soft: Float(deep * 0.9), depth: cy)
  }

  private func truth(of index: Int, _ mask: DrawnMask, at time: Double, window: (x: Double, y: Double))
    -> ObjectTruth?
  {
    guard mask.pixels > 0 else { return nil }
    let wx = Int(window.x.rounded())
    let wy = Int(window.y.rounded())
    let seen = canvas.visible(
      id: UInt8(index + 1), within: mask, window: (wx, wy, scene.width, scene.height))
    let w = Double(scene.width)
    let h = Double(scene.height)
    func rect(_ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int) -> Rect {
      Rect(
        x: Double(x0 - wx) / w, y: Double(y0 - wy) / h, width: Double(x1 - x0) / w,
        height: Double(y1 - y0) / h)
    }
    let full = rect(mask.x0, mask.y0, mask.x1, mask.y1)
    let inside = full.intersection(Rect(x: 0, y: 0, width: 1, height: 1))
    guard inside > 0 else { return nil }
    let clipped = rect(
      max(mask.x0, wx), max(mask.y0, wy), min(mask.x1, wx + scene.width), min(mask.y1, wy + scene.height))
    let path = scene.actors[index].path
    return ObjectTruth(
      id: index + 1, kind: scene.actors[index].figure.kind,
      box: seen.pixels > 0 ? rect(seen.x0, seen.y0, seen.x1, seen.y1) : clipped, full: full,
      visible: Double(seen.pixels) / Double(mask.pixels),
      contrast: mask.shown > 0
        ? (isInfrared(at: time) ? mask.infraredDifference : Double(mask.difference)) / Double(mask.shown)
          * gain(over: clipped.centre, at: time) : 0,
      latent: isLatent(path, at: time, width: scene.actors[index].figure.width))
  }

  private func isLatent(_ path: Path, at time: Double, width: Double) -> Bool {
    guard path.begin <= 0, let first = path.at(0), let now = path.at(time) else { return false }
    let metre = scene.place.perspective.metre(at: first.y)
    return abs(now.x - first.x) < width * metre * 0.6 && abs(now.y - first.y) < width * metre * 0.5
      && path.stops.allSatisfy { $0.time > time || abs($0.x - first.x) < width * metre * 0.6 }
  }

  private func isInfrared(at time: Double) -> Bool {
    scene.effects.contains {
      if case .infrared(let begin, let end) = $0 { time >= begin && time < end } else { false }
    }
  }

  private func gain(over point: Point, at time: Double) -> Double {
    light.gain(scene.effects, point.x * scene.span, point.y * 720, time, scene.span / 2)
  }

  private func disturb(_ out: Picture, at time: Double) {
    var noise = scene.noise
    for (index, effect) in scene.effects.enumerated() {
      switch effect {
      case .rain(_, _, let begin, let end), .snow(_, _, let begin, let end):
        let strength = SceneMath.smooth(time, begin, begin + 2) * (1 - SceneMath.smooth(time, end - 1, end))
        if strength > 0 { weather[index]?.draw(on: out, at: time, scale: scale, strength: strength) }
      case .defocus(let radius, let begin, let end):
        let amount = SceneMath.smooth(time, begin, begin + 0.5) * (1 - SceneMath.smooth(time, end - 0.5, end))
        lens.blur(out, radius: radius * amount * scale)
      case .turn(let at, let seconds, let dx, _):
        let period = 1 / scene.rate
        let speed =
          (SceneMath.smooth(time + period, at, at + seconds) - SceneMath.smooth(time, at, at + seconds))
          * abs(dx)
        lens.blur(out, radius: speed * scale / 4, horizontalOnly: true)
      case .cover(let kind, let begin, let end):
        let progress =
          SceneMath.smooth(time, begin, begin + 0.3) * (1 - SceneMath.smooth(time, end - 0.4, end))
        lens.cover(
          out, with: kind, progress: progress, tremble: time, seed: UInt32(truncatingIfNeeded: scene.seed))
      case .infrared(let begin, let end) where time >= begin && time < end:
        sensor.infrared(out)
        noise = Noise(dark: noise.dark * 1.6, bright: noise.bright * 1.5)
      case .flicker(let hertz, let depth):
        sensor.flicker(out, hertz: hertz, depth: depth, at: time, period: 1 / scene.rate)
      default: break
      }
    }
    sensor.addNoise(noise, to: out)
  }
}
