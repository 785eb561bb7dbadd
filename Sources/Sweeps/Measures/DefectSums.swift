/// What is summed up of one defect while its slices pass. All but the hull are plain sums, so that two parts of a
/// defect that turn out to be one are added.
struct DefectSums: Gathering {
  /// 1: darker than the material; 2: brighter; 3: a hole that comes from the air before the first of its slices;
  /// 4: a hollow in the part's side.
  var mark: UInt8
  /// The event's number once it is worth one.
  var id: UInt64?
  /// Events of defects that turned out to be parts of this, not yet told.
  var swallowed: [UInt64] = []

  // Of its voxels.
  var voxels = 0
  var firstSlice: Int
  var lastSlice: Int
  var columns = (least: Int.max, most: Int.min)
  var rows = (least: Int.max, most: Int.min)
  var sum = SIMD3<Double>.zero
  /// xx, yy, zz; xy, yz, zx: in voxels.
  var squares = SIMD3<Double>.zero
  var products = SIMD3<Double>.zero
  /// The greatest smoothed contrast, in units of the contrast between material and air.
  var peak: Float = 0

  // Of its surface, where the smoothed contrast crosses the threshold.
  /// Sum of the lengths of its rows, in voxels.
  var chords = 0.0
  /// mm².
  var surface = 0.0
  let hull = Hull()

  // Of the grey values in and around it.
  /// Sum of what the values differ from the material's level, over the defect and two voxels around it.
  var excess = 0.0
  var excessSum = SIMD3<Double>.zero
  var claimed = 0
  /// Sum of the contrast between material and air there.
  var contrast = 0.0
  /// Sum of the level of the material there.
  var level = 0.0
  /// Voxels left out because the part's surface blurs into them.
  var rim = 0
  /// Of the voxels around it: what the blur carries out of it.
  var fringe = 0.0
  var fringeVoxels = 0
  /// The material around: how far its values lie from the level that was assumed.
  var shell = 0.0
  var shellVoxels = 0
  /// The values where nothing of the edge is left.
  var floor = 0.0
  var floorVoxels = 0
  /// Too large in a slice for its grey values to matter.
  var isLarge = false

  // Of its place.
  /// Millimetres to the nearest air around the part.
  var gap = Double.infinity
  /// It goes over into the air around the part in the slices before or after.
  var opensBefore = false
  var opensAfter = false
  /// It touches the side of the picture.
  var isCut = false
  /// Voxels that the air reaches from the side.
  var notchVoxels = 0
  /// How much the streaks of dense inclusions may darken its place: for each of them contrast × radius / distance.
  var glare: Float = 0
  /// Where its section is largest.
  var picture: DefectPicture?
  var pictureVoxels = 0

  init(mark: UInt8, slice: Int) {
    self.mark = mark
    firstSlice = slice
    lastSlice = slice
  }

  mutating func absorb(_ other: consuming DefectSums) {
    // The one with an event keeps it; of two events the older one stays.
    if let mine = id, let its = other.id { swallowed.append(max(mine, its)) }
    id = [id, other.id].compactMap { $0 }.min()
    swallowed += other.swallowed
    voxels += other.voxels
    firstSlice = min(firstSlice, other.firstSlice)
    lastSlice = max(lastSlice, other.lastSlice)
    columns = (min(columns.least, other.columns.least), max(columns.most, other.columns.most))
    rows = (min(rows.least, other.rows.least), max(rows.most, other.rows.most))
    sum += other.sum
    squares += other.squares
    products += other.products
    peak = max(peak, other.peak)
    chords += other.chords
    surface += other.surface
    hull.absorb(other.hull)
    excess += other.excess
    excessSum += other.excessSum
    claimed += other.claimed
    contrast += other.contrast
    level += other.level
    rim += other.rim
    fringe += other.fringe
    fringeVoxels += other.fringeVoxels
    shell += other.shell
    shellVoxels += other.shellVoxels
    floor += other.floor
    floorVoxels += other.floorVoxels
    isLarge = isLarge || other.isLarge
    gap = min(gap, other.gap)
    opensBefore = opensBefore || other.opensBefore
    opensAfter = opensAfter || other.opensAfter
    isCut = isCut || other.isCut
    notchVoxels += other.notchVoxels
    glare = max(glare, other.glare)
    if other.pictureVoxels > pictureVoxels { (picture, pictureVoxels) = (other.picture, other.pictureVoxels) }
  }

  /// Takes in a run of its voxels.
  mutating func add(_ run: Run, slice: Int) {
    let (start, end, y, z) = (Double(run.start), Double(run.end), Double(run.row), Double(slice))
    let n = end - start
    voxels += run.count
    lastSlice = max(lastSlice, slice)
    columns = (min(columns.least, Int(run.start)), max(columns.most, Int(run.end) - 1))
    rows = (min(rows.least, Int(run.row)), max(rows.most, Int(run.row)))
    let x = n * (start + end - 1) / 2
    sum += [x, n * y, n * z]
    // Sum of the squares of consecutive numbers.
    let last = end - 1
    let before = start - 1
    let xx = (last * (last + 1) * (2 * last + 1) - before * (before + 1) * (2 * before + 1)) / 6
    squares += [xx, n * y * y, n * z * z]
    products += [x * y, n * y * z, x * z]
  }
}
