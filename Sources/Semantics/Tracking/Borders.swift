import Base

/// The borders of the picture that a box touches. What comes in there shows in parts at first, of which nobody can tell how
/// far they reach on outside.
struct Borders: OptionSet, Sendable {
  let rawValue: UInt8

  static let left = Borders(rawValue: 1)
  static let top = Borders(rawValue: 2)
  static let right = Borders(rawValue: 4)
  static let bottom = Borders(rawValue: 8)

  private static let margin = 0.012

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `box` in picture heights, in a picture that is `aspect` wide.
  init(of box: Rect, aspect: Double) {
    self = []
    if box.x < Self.margin { insert(.left) }
    if box.y < Self.margin { insert(.top) }
    if box.maxX > aspect - Self.margin { insert(.right) }
    if box.maxY > 1 - Self.margin { insert(.bottom) }
  }

  /// Both boxes touch the same one.
  static func areShared(by a: Rect, and b: Rect, aspect: Double) -> Bool {
    !Borders(of: a, aspect: aspect).isDisjoint(with: Borders(of: b, aspect: aspect))
  }
}
