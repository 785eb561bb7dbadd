import Base
import Testing
import Vision

@Suite("regions")
struct RegionTests {
  @Test(
    "lie around what has come, whatever its size",
    arguments: [(8, 8), (9, 20), (24, 40), (60, 30), (90, 120)], [200, 30])
  func box(size: (Int, Int), level: Int) throws {
    let sitting = Sitting()
    sitting.settle()
    #expect(sitting.see().regions.isEmpty)
    let thing = Camera.Thing(x: 117, y: 41, width: size.0, height: size.1, level: level)
    let seen = sitting.watch(0.5) { s, _ in s.see([thing]) }
    for observation in seen {
      #expect(observation.regions.count == 1)
      let region = try #require(observation.regions.first)
      #expect(region.box.overlap(thing.box) > 0.8)
      #expect(region.contrast > 2)
      #expect(abs(region.area / thing.box.area - 1) < 0.25)
    }
  }

  @Test("cover the blocks of the figure that are theirs")
  func figure() {
    let sitting = Sitting()
    sitting.settle()
    let things = [
      Camera.Thing(x: 40, y: 60, width: 20, height: 40), Camera.Thing(x: 200, y: 90, width: 30, height: 24),
    ]
    let seen = sitting.see(things)
    #expect(seen.regions.count == 2)
    #expect(!seen.figure.blocks.isEmpty)
    for block in seen.figure.blocks where block.region != Figure.noRegion {
      let box = seen.regions[Int(block.region)].box
      let x = (Double(block.x) + 0.5) * seen.figure.blockWidth
      let y = (Double(block.y) + 0.5) * seen.figure.blockHeight
      #expect(x > box.x - 0.01 && x < box.maxX + 0.01 && y > box.y - 0.01 && y < box.maxY + 0.01)
    }
  }

  @Test("have their descriptors patch by patch, where these are asked for")
  func grid() throws {
    let sitting = Sitting()
    sitting.settle()
    // The patches of columns 10 to 14 and rows 5 to 9.
    let thing = Camera.Thing(x: 80, y: 40, width: 40, height: 40, level: 200)
    #expect(sitting.see([thing]).grid == nil)
    sitting.attention.wantsGrid = true
    let grid = try #require(sitting.see([thing]).grid)
    #expect(grid.columns * grid.rows == grid.luma.count)
    for i in grid.motion.indices {
      let (column, row) = (i % grid.columns, i / grid.columns)
      let isThing = (10..<15).contains(column) && (5..<10).contains(row)
      #expect(isThing ? grid.motion[i] > 56 : grid.motion[i] < 16, "patch \(column), \(row)")
      if isThing { #expect(abs(Int(grid.luma[i]) - 200) < 8) }
    }
    // The thing is plain within, and has an edge.
    let inside = 7 * grid.columns + 12
    #expect(grid.texture[inside] < grid.texture[7 * grid.columns + 14])
    #expect(grid.cb.count == grid.luma.count && grid.cr.count == grid.luma.count)
  }

  @Test("don't come from noise", arguments: 1...3 as ClosedRange<UInt64>)
  func calm(seed: UInt64) {
    let sitting = Sitting(seed: seed)
    sitting.settle()
    let seen = sitting.watch(10) { s, _ in s.see() }
    #expect(seen.allSatisfy { $0.regions.isEmpty })
  }

  @Test("don't stay where something has passed, quickly or slowly", arguments: [60.0, 8])
  func passing(speed: Double) {
    let sitting = Sitting()
    sitting.settle()
    let passes = sitting.watch(5) { s, t in
      s.see([Camera.Thing(x: Int(speed * t) + 10, y: 80, width: 22, height: 50)])
    }
    #expect(passes.count { $0.regions.count == 1 } > passes.count * 9 / 10)
    let after = sitting.watch(3) { s, _ in s.see() }
    #expect(after.allSatisfy { $0.regions.isEmpty })
  }

  @Test("of what is held aren't absorbed into the background in a minute")
  func held() throws {
    let sitting = Sitting(rate: 10)
    sitting.settle(6)
    let thing = Camera.Thing(x: 117, y: 41, width: 24, height: 50)
    sitting.attention.held = [thing.box]
    let seen = sitting.watch(60) { s, _ in s.see([thing]) }
    for observation in seen {
      #expect((observation.regions.map { $0.box.overlap(thing.box) }.max() ?? 0) > 0.8)
    }
    sitting.attention.held = []
    #expect(sitting.see().regions.isEmpty, "the background below it is still known")
  }

  @Test("of a small change that nobody holds go in time")
  func absorbed() {
    let sitting = Sitting(rate: 10)
    sitting.settle(6)
    let stain = Camera.Thing(x: 200, y: 100, width: 12, height: 12, level: nil, stain: 22)
    let first = sitting.see([stain])
    #expect(first.regions.count == 1)
    #expect((first.regions.first?.box.overlap(stain.box) ?? 0) > 0.7)
    let later = sitting.watch(60) { s, _ in s.see([stain]) }
    #expect(later.suffix(20).allSatisfy { $0.regions.isEmpty })
  }

  @Test("go at once where the parser found an empty place")
  func emptied() {
    let sitting = Sitting()
    let thing = Camera.Thing(x: 117, y: 41, width: 24, height: 50)
    // It stood there from the first frame on, and leaves.
    _ = sitting.watch(4) { s, _ in s.see([thing]) }
    #expect(sitting.see().regions.first.map { $0.box.overlap(thing.box) > 0.8 } == true)
    #expect(sitting.see().regions.first.map { $0.ghost > 0.6 } == true)
    sitting.attention.emptied = [thing.box]
    #expect(sitting.see().regions.isEmpty)
    sitting.attention.emptied = []
    let after = sitting.watch(1) { s, _ in s.see() }
    #expect(after.allSatisfy { $0.regions.isEmpty })
  }
}
