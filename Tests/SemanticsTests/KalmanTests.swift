import Semantics
import TestKit
import Testing

@Suite("the filter of one axis")
struct KalmanTests {
  @Test("follows a constant speed through noise", arguments: [-0.6, -0.05, 0, 0.2, 1.5], [15.0, 30, 60])
  func constant(speed: Double, rate: Double) {
    var random = SceneRandom(seed: 3)
    var filter = Kalman(position: 0.5, spread: 0.01, speedSpread: 0.5)
    for k in 1...Int(2 * rate) {
      filter.predict(1 / rate, acceleration: 0.5)
      filter.update(0.5 + speed * Double(k) / rate + 0.003 * random.normal(), spread: 0.003)
    }
    #expect(abs(filter.position - (0.5 + 2 * speed)) < 0.01)
    #expect(abs(filter.velocity - speed) < 0.12)
  }

  @Test("goes on at its speed while nothing is measured")
  func coasting() {
    var filter = Kalman(position: 0, spread: 0.01, speedSpread: 0.5)
    for k in 1...60 {
      filter.predict(1.0 / 30, acceleration: 0.5)
      filter.update(0.3 * Double(k) / 30, spread: 0.003)
    }
    for _ in 0..<30 { filter.predict(1.0 / 30, acceleration: 0.5) }
    #expect(abs(filter.position - 0.9) < 0.01 && abs(filter.velocity - 0.3) < 0.01)
  }

  @Test("believes a clear measure and hardly a vague one")
  func spread() {
    var clear = Kalman(position: 0, spread: 0.1, speedSpread: 0.1)
    var vague = clear
    clear.update(1, spread: 0.001)
    vague.update(1, spread: 10)
    #expect(clear.position > 0.99 && vague.position < 0.01)
  }

  @Test("settles where a measure would have taken it, told only the place and its variance that came of it")
  func settle() {
    var measured = Kalman(position: 0.2, spread: 0.1, speedSpread: 1)
    measured.predict(0.1, acceleration: 0.5)
    var told = measured
    measured.update(0.35, spread: 0.04)
    told.settle(at: measured.position, variance: measured.spread * measured.spread)
    #expect(abs(told.spread - measured.spread) < 1e-12)
    #expect(abs(told.velocity - measured.velocity) < 1e-12)
    for k in [0.1, 0.2] {
      measured.predict(k, acceleration: 0.5)
      told.predict(k, acceleration: 0.5)
    }
    #expect(abs(told.position - measured.position) < 1e-12 && abs(told.spread - measured.spread) < 1e-12)
  }

  @Test("takes one step of two halves as it takes the whole, while nothing pushes")
  func steps() {
    var halves = Kalman(position: 0.2, spread: 0.1, speedSpread: 1)
    halves.update(0.3, spread: 0.05)
    halves.predict(0.1, acceleration: 0)
    halves.update(0.5, spread: 0.05)
    var whole = halves
    for _ in 0..<2 { halves.predict(0.05, acceleration: 0) }
    whole.predict(0.1, acceleration: 0)
    halves.update(0.7, spread: 0.02)
    whole.update(0.7, spread: 0.02)
    #expect(abs(halves.position - whole.position) < 1e-12 && abs(halves.velocity - whole.velocity) < 1e-12)
  }
}
