/// Something that happens to the light, the air or the camera of a scene. Times are seconds, lengths pixels
/// of a picture 720 rows high.
package enum Effect: Sendable {
  /// All light, over time; 1 is the usual.
  case exposure(Curve)
  /// Light over time on the part left of `until` (or right of it), with a border this wide.
  case lamp(Curve, until: Double, border: Double, rightSide: Bool)
  /// Shadows of clouds pass: their depth 0…1, their width, speed in pixels a second.
  case clouds(depth: Double, size: Double, speed: Double)
  /// The shadow of something outside the picture: how many pass, at which speed, how dark.
  case castShadows([CastShadow], depth: Double)
  /// Light cones of cars that are not in the picture sweep over it at these times.
  case headlights([Headlight])
  /// Mains flicker: bands of this depth roll through, `hertz` the light's (100 or 120).
  case flicker(hertz: Double, depth: Double)
  /// The picture shakes by up to so many pixels, from `begin` to `end`.
  case shake(pixels: Double, begin: Double, end: Double)
  /// The camera turns by so much within `seconds`, and stays.
  case turn(at: Double, seconds: Double, dx: Double, dy: Double)
  /// Night mode: no colour, an infrared lamp with a bright middle.
  case infrared(begin: Double, end: Double)
  /// Drops a picture, wind in pixels a pixel of fall.
  case rain(drops: Int, wind: Double, begin: Double, end: Double)
  case snow(flakes: Int, wind: Double, begin: Double, end: Double)
  /// Bushes and trees in the wind.
  case foliage([Foliage], wind: Double)
  /// The same content again and again.
  case freeze(begin: Double, end: Double)
  case cover(Cover, begin: Double, end: Double)
  /// Out of focus, up to this radius.
  case defocus(radius: Double, begin: Double, end: Double)
}

package struct CastShadow: Sendable {
  package enum Form: Sendable { case person, bus, branch }
  package var form: Form
  package var begin: Double
  package var speed: Double
  package var y: Double
  package var size: Double
}

package struct Headlight: Sendable {
  package var begin: Double
  package var seconds: Double
  package var y: Double
  package var rightwards: Bool
  package var strength: Double
}

package enum Cover: String, Sendable { case hand, cloth, spray }
