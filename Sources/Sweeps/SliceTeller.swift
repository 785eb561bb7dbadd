import Media

/// Decides what is told of each slice: which defects begin in it, go on, merge and end.
struct SliceTeller {
  private let gatherer: Gatherer
  /// Finished, but values around them are still to come.
  private var waiting: [Int32] = []
  private var lastID: UInt64 = 0
  private var looked = 0.0
  private var floors = FloorModel()
  private var neighbours = Neighbours()
  private let photographer: Photographer?
  private(set) var mapper: PartMapper?
  private var hollows: [DefectSums] = []

  init(width: Int, height: Int, spacing: SIMD3<Double>, pictures: Bool) {
    gatherer = Gatherer(width: width, height: height, spacing: spacing)
    photographer = pictures ? Photographer(width: width, height: height, spacing: spacing) : nil
    mapper = pictures ? PartMapper(width: width, height: height, spacing: spacing) : nil
  }

  /// Pores that have broken through to the side of the part; they are told with the next slice.
  mutating func add(hollows: [DefectSums]) { self.hollows += hollows }

  /// What comes lies elsewhere.
  mutating func forget() { neighbours = Neighbours() }

  mutating func skip(_ count: Int) { mapper?.skip(count) }

  /// These components have no voxels in the slices that come.
  mutating func finish(_ roots: [Int32]) { waiting += roots }

  /// What is told of slice `index`. `count` is how many slices there are, once that is known.
  mutating func findings(_ index: Int, of count: Int?, _ window: SliceAnalyzer) -> SliceFindings {
    var findings = SliceFindings(index: index)
    guard let here = window.slice(index) else { return findings }
    let sections = gatherer.gather(index, window)
    looked += Double(here.coreVoxels)
    let meter = here.levels.map { makeMeter($0, here, count, window) }
    mapper?.add(here.part)
    for present in sections {
      let root = present.root
      guard let meter else { break }
      photograph(present, here, window)
      let isBegun = window.labeller.gathered(root).id != nil
      if !isBegun, isWorthAnEvent(window.labeller.gathered(root), here) {
        lastID += 1
        let id = lastID
        window.labeller.gather(root) { $0.id = id }
      }
      let sums = window.labeller.gathered(root)
      guard let id = sums.id else { continue }
      findings.merged += sums.swallowed.map { ($0, id) }
      window.labeller.gather(root) { $0.swallowed = [] }
      let (diameter, deviation) = meter.diameter(meter.size(sums))
      let open = SliceFindings.Open(
        id: id, isBright: sums.mark == 2, firstSlice: sums.firstSlice,
        leastDiameter: max(0, diameter - 2 * deviation))
      if isBegun { findings.open.append(open) } else { findings.begun.append(open) }
      findings.sections.append(section(present, id, sums))
    }
    end(&findings, meter, here, isLast: index + 1 == count, window)
    return findings
  }

  private func photograph(_ section: Gatherer.Section, _ here: Slot, _ window: SliceAnalyzer) {
    guard let photographer else { return }
    window.labeller.gather(section.root) { photographer.take(&$0, section.runs, here) }
  }

  /// A hole that runs through begins in the first slice: whether it does is known in the end only.
  private func isWorthAnEvent(_ sums: DefectSums, _ here: Slot) -> Bool {
    sums.firstSlice > 0 && sums.mark != 3 && !sums.opensBefore && isWorthMeasuring(sums, here)
  }

  /// Of the glare of dense inclusions, how dark their streaks are.
  private static let glareShare: Float = 0.2

  /// A small spot must stand out more from the noise: streaks at the corners of a part make faint ones of some voxels,
  /// while of what is wide and faint, such as a crack, there is more.
  private func isWorthMeasuring(_ sums: DefectSums, _ here: Slot) -> Bool {
    let least = sums.voxels < 15 ? max(1.25 * here.threshold, 8 * here.noise) : 1.25 * here.threshold
    guard sums.voxels >= 5, sums.peak >= least else { return false }
    return sums.mark == 2 || sums.peak >= here.threshold + Self.glareShare * sums.glare
  }

  private func section(_ present: Gatherer.Section, _ id: UInt64, _ sums: DefectSums) -> SliceFindings.Section
  {
    var columns = (least: Int.max, most: 0)
    for run in present.runs {
      columns = (min(columns.least, Int(run.start)), max(columns.most, Int(run.end) - 1))
    }
    // Runs are in the order of their rows, and a section has one at least.
    let rows = (first: present.runs.first?.row ?? 0, last: present.runs.last?.row ?? 0)
    return SliceFindings.Section(
      id: id, isBright: sums.mark == 2, peak: Double(sums.peak),
      columns: columns.least...columns.most, rows: Int(rows.first)...Int(rows.last))
  }

  private mutating func end(
    _ findings: inout SliceFindings, _ meter: DefectMeter?, _ here: Slot, isLast: Bool,
    _ window: SliceAnalyzer
  ) {
    var rest: [Int32] = []
    for root in waiting {
      let sums = window.labeller.gathered(root)
      guard isLast || findings.index >= sums.lastSlice + gatherer.reach else {
        rest.append(root)
        continue
      }
      if let meter {
        if meter.isHole(sums) {
          findings.holes += 1
          // What began as a defect of its own has turned out to be a part of it.
          findings.dismissed += sums.swallowed + [sums.id].compactMap { $0 }
        } else if isWorthMeasuring(sums, here) || sums.id != nil {
          if sums.id == nil {
            lastID += 1
            findings.begun.append(
              SliceFindings.Open(
                id: lastID, isBright: sums.mark == 2, firstSlice: sums.firstSlice, leastDiameter: 0))
          }
          findings.merged += sums.swallowed.map { ($0, sums.id ?? lastID) }
          var defect = meter.defect(sums, id: sums.id ?? lastID)
          let nearTo = neighbours.add(&defect, sums.hull, margin: meter.margin(sums))
          findings.ended.append(SliceFindings.Ended(defect: defect, picture: sums.picture, nearTo: nearTo))
          meter.teach(&floors, sums)
        } else {
          findings.specks += 1
        }
      }
      window.labeller.release(root)
    }
    waiting = rest
    if let meter {
      for sums in hollows {
        lastID += 1
        findings.begun.append(
          SliceFindings.Open(id: lastID, isBright: false, firstSlice: sums.firstSlice, leastDiameter: 0))
        var defect = meter.defect(sums, id: lastID)
        let nearTo = neighbours.add(&defect, sums.hull, margin: 0)
        findings.ended.append(SliceFindings.Ended(defect: defect, picture: nil, nearTo: nearTo))
      }
      hollows.removeAll()
    }
    findings.ended.sort { $0.defect.id < $1.defect.id }
  }

  private func makeMeter(
    _ levels: Levels, _ here: Slot, _ count: Int?, _ window: SliceAnalyzer
  ) -> DefectMeter {
    DefectMeter(
      spacing: window.spacing, grain: window.grain, edge: window.edge, levels: levels,
      lowest: Double(here.lowest),
      highest: Double(here.highest), looked: looked,
      slices: 0..<(count ?? .max), floors: floors)
  }
}
