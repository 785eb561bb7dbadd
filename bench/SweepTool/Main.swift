import ArgumentParser
import Base
import Media
import Sweeps

@main
struct SweepTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "saccade-sweeps", abstract: "What the benchmarks of sweeps need of the inside.",
    subcommands: [Label.self])
}

/// One line a component: `count x0 y0 z0 x1 y1 z1 sumx sumy sumz`, the box inclusive. Everything above 0 is foreground.
struct Label: ParsableCommand {
  @Argument var scan: String

  struct Sums: Gathering {
    var count = 0
    var least = SIMD3<Int>(repeating: .max)
    var most = SIMD3<Int>(repeating: .min)
    var sum = SIMD3<Int>.zero

    mutating func absorb(_ other: consuming Sums) {
      count += other.count
      least = pointwiseMin(least, other.least)
      most = pointwiseMax(most, other.most)
      sum &+= other.sum
    }

    mutating func add(_ run: Run, slice: Int) {
      let (start, last, row, n) = (Int(run.start), Int(run.end) - 1, Int(run.row), run.count)
      count += n
      least = pointwiseMin(least, [start, row, slice])
      most = pointwiseMax(most, [last, row, slice])
      sum &+= [n * (start + last) / 2, n * row, n * slice]
    }
  }

  func run() throws {
    let source = try SliceSources.open(SweepConfiguration(path: scan))
    let (width, height) = (source.sweep.width, source.sweep.height)
    var labeller = RunLabeller<Sums>(height: height)
    var values = [Float](repeating: 0, count: width * height)
    var (slice, lines) = (0, "")
    func flush() {
      for root in labeller.finished {
        let s = labeller.gathered(root)
        lines += "\(s.count) \(s.least.x) \(s.least.y) \(s.least.z) \(s.most.x) \(s.most.y) \(s.most.z) "
        lines += "\(s.sum.x) \(s.sum.y) \(s.sum.z)\n"
        labeller.release(root)
      }
    }
    while try values.withUnsafeMutableBufferPointer({ try source.next(into: $0) }) != nil {
      var runs: [Run] = []
      for y in 0..<height {
        var x = 0
        while x < width {
          guard values[y * width + x] > 0 else {
            x += 1
            continue
          }
          let start = x
          while x < width, values[y * width + x] > 0 { x += 1 }
          runs.append(Run(row: y, start: start, end: x, mark: 1))
        }
      }
      labeller.label(&runs, slice: slice) { Sums() }
      for run in runs { labeller.gather(labeller.root(of: run.component)) { $0.add(run, slice: slice) } }
      flush()
      slice += 1
    }
    labeller.interrupt()
    flush()
    print(lines, terminator: "")
  }
}
