/// What is gathered about a component while it is put together.
package protocol Gathering {
  /// `other` turned out to be a part of this.
  mutating func absorb(_ other: consuming Self)
}

/// Finds the connected components of a volume that comes slice by slice: voxels of the same mark that touch at a face,
/// an edge or a corner (26-connected) belong together.
///
/// Union-find over runs, with finalisation: after Isenburg and Shewchuk, "Streaming Connected Component Computation for
/// Trillion Voxel Images". Memory holds the runs of two slices and one entry a component that is alive: what has no
/// run in the newest slice is finished, and its number goes to another once it is released.
package struct RunLabeller<Gathered: Gathering> {
  private struct Component {
    var parent: Int32
    /// Counts components from the first on: of two that merge, the older one's number stays.
    var serial: UInt64
    var newest: Int
    /// All that merged into one root form a ring, so that they can be released together.
    var next: Int32
    var isFinished: Bool
    var gathered: Gathered?
  }

  private var components: [Component] = []
  private var released: [Int32] = []
  /// Roots that are not finished.
  private var alive: [Int32] = []
  private var serial: UInt64 = 0
  private var previous: [Run] = []
  private var previousRows: [Int32] = []
  private var rows: [Int32] = []
  private let height: Int

  /// Which have no run in the newest slice. They stay readable until they are released.
  package private(set) var finished: [Int32] = []

  package init(height: Int) { self.height = height }

  /// How many numbers are in use.
  package var inUse: Int { components.count - released.count }

  /// Numbers are below this.
  package var capacity: Int { components.count }

  package func root(of component: Int32) -> Int32 {
    var at = component
    while components[Int(at)].parent != at { at = components[Int(at)].parent }
    return at
  }

  /// Of a root.
  package func gathered(_ root: Int32) -> Gathered {
    guard let gathered = components[Int(root)].gathered else {
      preconditionFailure("component \(root) is no root or was released")
    }
    return gathered
  }

  package mutating func gather(_ root: Int32, _ body: (inout Gathered) -> Void) {
    // Taken out, so that what it holds is not copied.
    guard var gathered = components[Int(root)].gathered.take() else {
      preconditionFailure("component \(root) is no root or was released")
    }
    body(&gathered)
    components[Int(root)].gathered = gathered
  }

  /// Labels the runs of the next slice, which are in the order of rows and columns. `make` is asked for what a new component begins with.
  package mutating func label(_ runs: inout [Run], slice: Int, make: () -> Gathered) {
    finished.removeAll(keepingCapacity: true)
    index(runs)
    for i in runs.indices {
      let row = Int(runs[i].row)
      if row > 0 { link(&runs[i], to: runs, Int(rows[row - 1])..<Int(rows[row])) }
      if !previous.isEmpty {
        // Rows next to each other lie next to each other in the list, but are searched one by one: each is sorted.
        for other in max(0, row - 1)...min(height - 1, row + 1) {
          link(&runs[i], to: previous, Int(previousRows[other])..<Int(previousRows[other + 1]))
        }
      }
      if runs[i].component < 0 {
        runs[i].component = new(make())
      }
      components[Int(runs[i].component)].newest = slice
    }
    settle(slice)
    swap(&rows, &previousRows)
    previous.removeAll(keepingCapacity: true)
    previous.append(contentsOf: runs)
  }

  /// Nothing that comes is connected with what was: all that is alive is finished.
  package mutating func interrupt() {
    previous.removeAll(keepingCapacity: true)
    finished = alive
    for root in alive { components[Int(root)].isFinished = true }
    alive.removeAll(keepingCapacity: true)
  }

  /// Gives the numbers of a finished component back; no run with them may be asked about any more.
  package mutating func release(_ root: Int32) {
    precondition(components[Int(root)].isFinished, "component \(root) is released while it is alive")
    var at = root
    repeat {
      let next = components[Int(at)].next
      components[Int(at)].gathered = nil
      released.append(at)
      at = next
    } while at != root
  }

  private mutating func index(_ runs: [Run]) {
    rows.removeAll(keepingCapacity: true)
    var next = 0
    for row in 0..<height {
      rows.append(Int32(next))
      while next < runs.count, runs[next].row == row { next += 1 }
    }
    rows.append(Int32(next))
    precondition(next == runs.count, "runs are not in the order of their rows")
  }

  private mutating func link(_ run: inout Run, to others: [Run], _ range: Range<Int>) {
    for i in range {
      let other = others[i]
      // Ends count one beyond: columns side by side touch at a corner.
      if other.end < run.start { continue }
      if other.start > run.end { break }
      guard other.mark == run.mark else { continue }
      let root = self.root(of: other.component)
      run.component = run.component < 0 ? root : union(run.component, root)
    }
  }

  private mutating func union(_ a: Int32, _ b: Int32) -> Int32 {
    let (a, b) = (root(of: a), root(of: b))
    guard a != b else { return a }
    let isOlder = components[Int(a)].serial < components[Int(b)].serial
    let (into, from) = isOlder ? (a, b) : (b, a)
    components[Int(from)].parent = into
    components[Int(into)].newest = max(components[Int(into)].newest, components[Int(from)].newest)
    swapNext(into, from)
    if let gathered = components[Int(from)].gathered.take() { gather(into) { $0.absorb(gathered) } }
    return into
  }

  /// Two rings become one.
  private mutating func swapNext(_ a: Int32, _ b: Int32) {
    let next = components[Int(a)].next
    components[Int(a)].next = components[Int(b)].next
    components[Int(b)].next = next
  }

  private mutating func new(_ gathered: Gathered) -> Int32 {
    serial += 1
    let number = released.popLast() ?? Int32(components.count)
    let component = Component(
      parent: number, serial: serial, newest: 0, next: number, isFinished: false, gathered: gathered)
    if Int(number) == components.count {
      components.append(component)
    } else {
      components[Int(number)] = component
    }
    alive.append(number)
    return number
  }

  private mutating func settle(_ slice: Int) {
    var kept = 0
    for root in alive {
      guard components[Int(root)].parent == root else { continue }
      if components[Int(root)].newest < slice {
        components[Int(root)].isFinished = true
        finished.append(root)
      } else {
        alive[kept] = root
        kept += 1
      }
    }
    alive.removeLast(alive.count - kept)
  }
}
