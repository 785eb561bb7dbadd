import Sweeps
import TestKit
import Testing

@Suite("Components of a volume that comes slice by slice")
struct LabellerTests {
  struct Sums: Gathering, Hashable {
    var count = 0
    var sum = SIMD3<Int>.zero
    var least = SIMD3<Int>(repeating: .max)
    var most = SIMD3<Int>(repeating: .min)

    mutating func absorb(_ other: consuming Sums) {
      count += other.count
      sum &+= other.sum
      least = pointwiseMin(least, other.least)
      most = pointwiseMax(most, other.most)
    }

    mutating func add(_ x: Int, _ y: Int, _ z: Int) {
      count += 1
      let place = SIMD3(x, y, z)
      sum &+= place
      least = pointwiseMin(least, place)
      most = pointwiseMax(most, place)
    }
  }

  struct Volume {
    var width: Int
    var height: Int
    var slices: Int
    var marks: [UInt8]

    init(
      _ width: Int, _ height: Int, _ slices: Int, share: Double, marks kinds: ClosedRange<UInt8> = 1...1,
      seed: UInt64
    ) {
      (self.width, self.height, self.slices) = (width, height, slices)
      var random = SplitMix(state: seed)
      marks = (0..<(width * height * slices)).map { _ in
        Double.random(in: 0..<1, using: &random) < share ? UInt8.random(in: kinds, using: &random) : 0
      }
    }

    func at(_ x: Int, _ y: Int, _ z: Int) -> UInt8 { marks[(z * height + y) * width + x] }

    func runs(_ z: Int) -> [Run] {
      var runs: [Run] = []
      for y in 0..<height {
        var x = 0
        while x < width {
          let mark = at(x, y, z)
          let start = x
          while x < width, at(x, y, z) == mark { x += 1 }
          if mark != 0 { runs.append(Run(row: y, start: start, end: x, mark: mark)) }
        }
      }
      return runs
    }

    /// By a flood from each voxel, which needs the whole volume.
    func flooded() -> [Sums] {
      var seen = [Bool](repeating: false, count: marks.count)
      var found: [Sums] = []
      for start in marks.indices where marks[start] != 0 && !seen[start] {
        var sums = Sums()
        var open = [start]
        seen[start] = true
        while let i = open.popLast() {
          let (x, y, z) = (i % width, i / width % height, i / (width * height))
          sums.add(x, y, z)
          for dz in max(0, z - 1)...min(slices - 1, z + 1) {
            for dy in max(0, y - 1)...min(height - 1, y + 1) {
              for dx in max(0, x - 1)...min(width - 1, x + 1) {
                let j = (dz * height + dy) * width + dx
                guard !seen[j], marks[j] == marks[i] else { continue }
                seen[j] = true
                open.append(j)
              }
            }
          }
        }
        found.append(sums)
      }
      return found
    }

    func streamed() -> (found: [Sums], most: Int) {
      var labeller = RunLabeller<Sums>(height: height)
      var found: [Sums] = []
      var most = 0
      func take() {
        for root in labeller.finished {
          found.append(labeller.gathered(root))
          labeller.release(root)
        }
      }
      for z in 0..<slices {
        var runs = runs(z)
        labeller.label(&runs, slice: z) { Sums() }
        for run in runs {
          labeller.gather(labeller.root(of: run.component)) { sums in
            for x in run.start..<run.end { sums.add(Int(x), Int(run.row), z) }
          }
        }
        most = max(most, labeller.inUse)
        take()
      }
      labeller.interrupt()
      take()
      return (found, most)
    }
  }

  @Test(
    "are those of a flood over the whole volume", arguments: [0.02, 0.1, 0.2, 0.3, 0.5, 0.9],
    [UInt64(1), 2, 3])
  func flood(share: Double, seed: UInt64) {
    for (width, height, slices) in [(17, 13, 9), (1, 20, 20), (64, 3, 11), (30, 30, 1)] {
      let volume = Volume(width, height, slices, share: share, seed: seed)
      #expect(Self.counted(volume.streamed().found) == Self.counted(volume.flooded()))
    }
  }

  private static func counted(_ sums: [Sums]) -> [Sums: Int] {
    sums.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  @Test("hold only voxels of one mark", arguments: [UInt64(5), 6])
  func marks(seed: UInt64) {
    let volume = Volume(20, 15, 12, share: 0.4, marks: 1...3, seed: seed)
    #expect(Self.counted(volume.streamed().found) == Self.counted(volume.flooded()))
  }

  @Test("need numbers for what is alive, not for what has been")
  func memory() {
    let (short, long) = (Volume(40, 40, 20, share: 0.05, seed: 7), Volume(40, 40, 400, share: 0.05, seed: 7))
    #expect(long.streamed().found.count > 15 * short.streamed().found.count)
    #expect(long.streamed().most < 2 * short.streamed().most)
  }

  @Test("that grow together become the older one of them")
  func merges() {
    var labeller = RunLabeller<Sums>(height: 3)
    var first = [Run(row: 1, start: 0, end: 2, mark: 1)]
    labeller.label(&first, slice: 0) { Sums() }
    var second = [Run(row: 1, start: 0, end: 2, mark: 1), Run(row: 1, start: 8, end: 9, mark: 1)]
    labeller.label(&second, slice: 1) { Sums() }
    #expect(labeller.root(of: second[1].component) != labeller.root(of: first[0].component))
    var third = [Run(row: 1, start: 0, end: 9, mark: 1)]
    labeller.label(&third, slice: 2) { Sums() }
    #expect(labeller.root(of: second[1].component) == first[0].component)
  }
}
