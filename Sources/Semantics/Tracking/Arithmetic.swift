import Base

// What libm does differently from machine to machine, and records must not.

func distance(_ a: Point, _ b: Point) -> Double {
  ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
}

/// 2 to the power of `v`, which is below 1000: exact enough for time constants, the same on every machine, no libm.
func exp2(_ v: Double) -> Double {
  guard v > -60 else { return 0 }
  let whole = v.rounded(.down)
  let part = v - whole
  // Taylor series of 2^x on 0…1; the error is below 2e-7.
  let t = part * 0.6931471805599453
  let series = 1 + t * (1 + t / 2 * (1 + t / 3 * (1 + t / 4 * (1 + t / 5 * (1 + t / 6 * (1 + t / 7))))))
  return series * Double(sign: .plus, exponent: Int(whole), significand: 1)
}

/// The logarithm to base 2, by the exponent and a series on 1…2: the same on every machine.
func log2(_ v: Double) -> Double {
  guard v > 0, v.isFinite else { return -60 }
  let m = v.significand
  let t = (m - 1) / (m + 1)
  let t2 = t * t
  let ln = 2 * t * (1 + t2 * (1.0 / 3 + t2 * (1.0 / 5 + t2 * (1.0 / 7 + t2 * (1.0 / 9 + t2 / 11)))))
  return Double(v.exponent) + ln / 0.6931471805599453
}
