import Base

// What the conditions over time remember: a few 64-bit words each, zero at the beginning, however long the stream. Each
// takes what holds at a tick and says what follows; times are nanoseconds of media time.
//
// Times are kept plus one, so that zero stands for never.

/// `A for D`: whether A has held for so long. Time during which A couldn't be known doesn't count, and breaks nothing.
enum Lasting {
  static let words = 3

  @inline(__always)
  static func step(
    _ m: UnsafeMutablePointer<Int64>, _ a: UInt8, _ limit: Int64, at time: Int64
  ) -> UInt8 {
    // 0: when it began; 1: for how long it was known to hold; 2: the time of the last tick if it held then.
    switch a {
    case Truth.yes.rawValue:
      if m[0] == 0 {
        m[0] = time + 1
        m[1] = 0
      } else if m[2] != 0 {
        m[1] += time + 1 - m[2]
      }
      m[2] = time + 1
      return m[1] >= limit ? Truth.yes.rawValue : Truth.no.rawValue
    case Truth.unknown.rawValue:
      m[2] = 0
      return Truth.unknown.rawValue
    default:
      (m[0], m[1], m[2]) = (0, 0, 0)
      return Truth.no.rawValue
    }
  }

  static func began(_ m: UnsafePointer<Int64>) -> Int64? { m[0] == 0 ? nil : m[0] - 1 }
}

/// `A within D`: whether A held at some tick of the last so long.
enum Recent {
  static let words = 2

  @inline(__always)
  static func step(
    _ m: UnsafeMutablePointer<Int64>, _ a: UInt8, _ limit: Int64, at time: Int64
  ) -> UInt8 {
    if a == Truth.yes.rawValue { m[0] = time + 1 }
    if a == Truth.unknown.rawValue { m[1] = time + 1 }
    if m[0] != 0, time + 1 - m[0] <= limit { return Truth.yes.rawValue }
    return m[1] != 0 && time + 1 - m[1] <= limit ? Truth.unknown.rawValue : Truth.no.rawValue
  }
}

/// `A since B`: whether B held once and A ever since.
enum Since {
  static let words = 1

  @inline(__always)
  static func step(_ m: UnsafeMutablePointer<Int64>, _ a: UInt8, _ b: UInt8) -> UInt8 {
    let holds = max(b, min(a, UInt8(truncatingIfNeeded: m[0])))
    m[0] = Int64(holds)
    return holds
  }
}

/// `A then B within D`: B began at most so long after a tick at which A held, and holds since.
enum Sequence {
  static let words = 4

  @inline(__always)
  static func step(
    _ m: UnsafeMutablePointer<Int64>, _ a: UInt8, _ b: UInt8, _ limit: Int64, at time: Int64
  ) -> UInt8 {
    // 0: when A held last, before this tick; 1: B held when it was last known; 2: this B is one that counts; 3: when the A
    // of that was.
    defer { if a == Truth.yes.rawValue { m[0] = time + 1 } }
    switch b {
    case Truth.yes.rawValue:
      if m[1] == 0 {
        m[1] = 1
        m[2] = m[0] != 0 && time + 1 - m[0] <= limit ? 1 : 0
        m[3] = m[0]
      }
      return m[2] != 0 ? Truth.yes.rawValue : Truth.no.rawValue
    case Truth.unknown.rawValue: return Truth.unknown.rawValue
    default:
      m[1] = 0
      m[2] = 0
      return Truth.no.rawValue
    }
  }

  static func began(_ m: UnsafePointer<Int64>) -> Int64? { m[3] == 0 ? nil : m[3] - 1 }
}

/// `A at least N times within D`: how often A began in the last so long. Remembers the last N beginnings.
enum Times {
  static func words(_ n: Int) -> Int { n + 2 }

  @inline(__always)
  static func step(
    _ m: UnsafeMutablePointer<Int64>, _ a: UInt8, _ n: Int, _ limit: Int64, at time: Int64
  ) -> UInt8 {
    // 0: A held when it was last known; 1: where the oldest of the beginnings is; from 2 on: the beginnings.
    let times = m + 2
    if a == Truth.yes.rawValue {
      if m[0] == 0 {
        m[0] = 1
        times[Int(m[1])] = time + 1
        m[1] = Int64((Int(m[1]) + 1) % n)
      }
    } else if a == Truth.no.rawValue {
      m[0] = 0
    }
    let oldest = times[Int(m[1])]
    if oldest != 0, time + 1 - oldest < limit { return Truth.yes.rawValue }
    return a == Truth.unknown.rawValue ? a : Truth.no.rawValue
  }

  static func first(_ m: UnsafePointer<Int64>, _ n: Int) -> Int64? {
    let oldest = m[2 + Int(m[1])]
    return oldest == 0 ? nil : oldest - 1
  }
}
