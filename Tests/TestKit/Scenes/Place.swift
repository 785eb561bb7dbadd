/// A place where scenes happen: what it looks like and where things may go. Pixels are those of a picture
/// 720 rows high; a wider or narrower picture shows more or less at its sides.
package struct Place: Sendable {
  package enum Kind: String, Sendable, CaseIterable { case street, lobby, yard, hall, plaza }

  package let kind: Kind
  package let perspective: Perspective
  /// The row where the ground begins.
  package let wallBase: Double
  /// Rows on which people walk sideways.
  package let walks: ClosedRange<Double>
  /// More such rows, nearer, where something lies between.
  package let nearWalks: ClosedRange<Double>?
  /// Rows of the lanes of cars, with their direction.
  package let lanes: [(y: Double, way: Double)]
  /// Openings in the back wall: left and right side.
  package let doors: [(Double, Double)]
  /// Pillars, posts and trunks that hide what is behind: x, width, the row of their foot.
  package let pillars: [(x: Double, width: Double, foot: Double)]
  /// Mean brightness of the ground, for choosing clothes that show.
  package let ground: Int32

  package init(_ kind: Kind) {
    self.kind = kind
    switch kind {
    case .street:
      perspective = Perspective(horizon: 70, cameraHeight: 5)
      wallBase = 235
      walks = 252...296
      nearWalks = 620...705
      lanes = [(400, -1), (520, 1)]
      doors = [(860, 915)]
      pillars = [(330, 20, 306), (1010, 26, 306)]
      ground = 115
    case .lobby:
      perspective = Perspective(horizon: 30, cameraHeight: 3.4)
      wallBase = 215
      walks = 270...690
      nearWalks = nil
      lanes = []
      doors = [(250, 330), (930, 1010)]
      pillars = [(620, 46, 380)]
      ground = 150
    case .yard:
      perspective = Perspective(horizon: 10, cameraHeight: 6.5)
      wallBase = 165
      walks = 200...690
      nearWalks = nil
      lanes = [(300, 1)]
      doors = []
      pillars = [(420, 30, 330), (1080, 18, 250)]
      ground = 112
    case .hall:
      perspective = Perspective(horizon: 20, cameraHeight: 4.6)
      wallBase = 200
      walks = 240...690
      nearWalks = nil
      lanes = []
      doors = [(560, 660)]
      pillars = [(300, 34, 350), (900, 34, 350)]
      ground = 128
    case .plaza:
      perspective = Perspective(horizon: -60, cameraHeight: 9.5)
      wallBase = 60
      walks = 150...690
      nearWalks = nil
      lanes = []
      doors = []
      pillars = [(760, 16, 300)]
      ground = 140
    }
  }
}
