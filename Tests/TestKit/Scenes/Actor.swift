/// How ground and size hang together in a place: all in pixels of a picture 720 rows high.
package struct Perspective: Sendable {
  /// The row at which the ground would meet the sky.
  package var horizon: Double
  /// Metres of the camera above the ground.
  package var cameraHeight: Double

  /// Pixels a metre for what stands at this row.
  package func metre(at y: Double) -> Double { max(y - horizon, 1) / cameraHeight }
}

/// The way of one actor over the ground: points with their times, straight between them, in pixels of a
/// picture 720 rows high. Outside its times the actor isn't there.
package struct Path: Sendable {
  package struct Stop: Sendable {
    package var time: Double
    package var x: Double
    package var y: Double
    /// Metres walked up to here.
    package var walked: Double
  }
  package private(set) var stops: [Stop]
  private let perspective: Perspective

  package init(from x: Double, _ y: Double, at time: Double, in perspective: Perspective) {
    stops = [Stop(time: time, x: x, y: y, walked: 0)]
    self.perspective = perspective
  }

  package var begin: Double { stops[0].time }
  package var end: Double { stops[stops.count - 1].time }
  package var last: Stop { stops[stops.count - 1] }

  /// Goes on to a point, at pixels a second.
  package mutating func go(to x: Double, _ y: Double, speed: Double) {
    let from = last
    let dx = x - from.x
    let dy = y - from.y
    let length = (dx * dx + dy * dy).squareRoot()
    let seconds = length / speed
    // In short steps, as a metre has fewer pixels the farther away it is.
    let steps = max(1, Int(abs(dy) / 12))
    for step in 1...steps {
      let t = Double(step) / Double(steps)
      let py = from.y + dy * t
      // Steps away from or towards the camera are shortened by the view from above.
      let metre = perspective.metre(at: (py + last.y) / 2)
      let sx = (dx / Double(steps)) / metre
      let sy = (dy / Double(steps)) / metre * 1.8
      stops.append(
        Stop(
          time: from.time + seconds * t, x: from.x + dx * t, y: py,
          walked: last.walked + (sx * sx + sy * sy).squareRoot()))
    }
  }

  /// Goes on to a point, at metres a second.
  package mutating func walk(to x: Double, _ y: Double, pace: Double) {
    go(to: x, y, speed: pace * perspective.metre(at: (y + last.y) / 2))
  }

  package mutating func wait(_ seconds: Double) {
    stops.append(Stop(time: last.time + seconds, x: last.x, y: last.y, walked: last.walked))
  }

  /// Where the actor is and how it moves there, in pixels a second; nil when it isn't there.
  package func at(_ time: Double) -> (x: Double, y: Double, vx: Double, vy: Double, walked: Double)? {
    guard time >= begin, time <= end, let next = stops.firstIndex(where: { $0.time > time }), next > 0 else {
      return nil
    }
    let a = stops[next - 1]
    let b = stops[next]
    let span = b.time - a.time
    let t = (time - a.time) / span
    return (
      a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, (b.x - a.x) / span, (b.y - a.y) / span,
      a.walked + (b.walked - a.walked) * t
    )
  }
}

/// Something that comes, moves and goes, and that Saccade should find.
package struct Actor: Sendable {
  package enum Figure: Sendable {
    case person(PersonLook)
    case vehicle(VehicleLook)
    /// Coat and height in metres.
    case dog(Tint, Double)
    /// Colour, width and height in metres, and whether it rolls.
    case crate(Tint, Double, Double, wheels: Bool)

    package var kind: String {
      switch self {
      case .person: "person"
      case .vehicle: "vehicle"
      case .dog: "animal"
      case .crate: "crate"
      }
    }

    /// Metres.
    package var height: Double {
      switch self {
      case .person(let look): look.height
      case .vehicle(let look): look.height
      case .dog(_, let height): height
      case .crate(_, _, let height, _): height
      }
    }

    /// Metres, about.
    package var width: Double {
      switch self {
      case .person(let look): look.height * 0.36
      case .vehicle(let look): look.length
      case .dog(_, let height): height * 1.7
      case .crate(_, let width, _, _): width
      }
    }
  }

  package var figure: Figure
  package var path: Path

  package init(_ figure: Figure, _ path: Path) {
    self.figure = figure
    self.path = path
  }

  /// Draws it as it is at `time`, if it is there; coordinates become canvas pixels by `scale` and the margin.
  /// Returns the canvas row of its foot, which orders things by depth.
  func draw(
    on sprite: Sprite, at time: Double, perspective: Perspective, scale: Double, marginX: Double,
    marginY: Double,
    exposure: Double
  ) -> Double? {
    guard let now = path.at(time) else { return nil }
    let x = now.x * scale + marginX
    let y = now.y * scale + marginY
    let metre = perspective.metre(at: now.y) * scale
    let speed = (now.vx * now.vx + now.vy * now.vy).squareRoot()
    // Full strides from half a body height a second upwards.
    let walking = min(1, speed / (perspective.metre(at: now.y) * 0.5))
    switch figure {
    case .person(let look):
      let heading = speed > 0 ? now.vx / (abs(now.vx) + 1.8 * abs(now.vy)) : 0.25
      Person(look: look).draw(
        on: sprite, x: x, y: y, height: look.height * metre, stride: now.walked / (look.height * 0.82),
        walking: walking, heading: heading, idle: time + now.walked)
    case .vehicle(let look):
      Vehicle(look: look).draw(
        on: sprite, x: x, y: y, metre: metre, way: direction(at: time), travelled: now.walked * metre)
    case .dog(let coat, let height):
      Dog(coat: coat).draw(
        on: sprite, x: x, y: y, height: height * metre, stride: now.walked / (height * 1.3), walking: walking,
        way: direction(at: time))
    case .crate(let tint, let width, let height, let wheels):
      Crate(tint: tint, wheels: wheels).draw(
        on: sprite, x: x, y: y, width: width * metre, height: height * metre, travelled: now.walked * metre)
    }
    sprite.smear(Int(abs(now.vx) * scale * exposure))
    return y
  }

  /// Which way it faces: where it goes, or went last, or will go.
  private func direction(at time: Double) -> Double {
    var way = 0.0
    for (a, b) in zip(path.stops, path.stops.dropFirst()) where b.x != a.x {
      if a.time > time && way != 0 { break }
      way = b.x > a.x ? 1 : -1
    }
    return way == 0 ? 1 : way
  }
}
