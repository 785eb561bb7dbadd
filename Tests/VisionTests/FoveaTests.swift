import Base
import Testing
import Vision

@Suite("The fovea")
struct FoveaTests {
  private func wish(
    _ x: Double, _ reason: Fixation.Reason = .new, since: Double = 0, size: Double = 0.05
  ) -> FovealWish {
    FovealWish(
      box: Rect(x: x, y: 0.4, width: size, height: size), reason: reason, since: MediaTime(seconds: since))
  }

  /// The look that is chosen, as a call by itself: `#require` doesn't take a mutating one.
  private func choose(
    _ fovea: inout Fovea, _ wishes: [FovealWish], _ seconds: Double, aspect: Double = 16 / 9
  ) throws -> FovealRequest {
    let request = fovea.choose(wishes, at: MediaTime(seconds: seconds), aspect: aspect)
    return try #require(request)
  }

  /// A fovea that has looked at the whole picture at 0 s.
  private func begun(_ configuration: FovealConfiguration = FovealConfiguration()) throws -> Fovea {
    var fovea = Fovea(configuration)
    let first = try choose(&fovea, [], 0)
    fovea.settle(FovealAnswer(first, []))
    return fovea
  }

  @Test("looks at the whole picture first, after an upheaval, and when it wasn't for long")
  func whole() throws {
    var fovea = Fovea(FovealConfiguration(wholeEvery: .seconds(5)))
    func look(_ seconds: Double) -> FovealRequest? {
      let request = fovea.choose([], at: MediaTime(seconds: seconds), aspect: 16 / 9)
      if let request { fovea.settle(FovealAnswer(request, [])) }
      return request
    }
    #expect(look(0)?.fixations == [.whole])
    #expect(look(4.9) == nil)
    #expect(look(5)?.fixations == [.whole])
    fovea.noteUpheaval()
    #expect(look(5.5)?.fixations == [.whole])
    #expect(look(6) == nil)
  }

  @Test(
    "looks at the whole again and again while something unknown may be there, and at what is new in between",
    arguments: [(4.0, 0.25), (1.0, 1.0)])
  func search(looks: Double, pause: Double) throws {
    var fovea = try begun(FovealConfiguration(looksPerSecond: looks))
    var wholes: [Double] = []
    var parts = 0
    for frame in 1...150 {
      let time = Double(frame) / 30
      let request = fovea.choose(
        frame % 40 < 2 ? [wish(0.5)] : [], wantsWhole: true, at: MediaTime(seconds: time), aspect: 16 / 9)
      guard let request else { continue }
      if request.fixations == [.whole] { wholes.append(time) } else { parts += 1 }
      fovea.settle(FovealAnswer(request, []))
    }
    #expect(parts > 0)
    #expect(wholes.count >= Int(0.75 * 5 / pause) && wholes.count + parts <= Int(looks * 5 + looks * 1.5))
    for (a, b) in zip(wholes, wholes.dropFirst()) { #expect(b - a >= pause - 1e-6) }
  }

  @Test("asks again for the whole picture where that failed")
  func failure() throws {
    var fovea = Fovea(FovealConfiguration())
    let first = try choose(&fovea, [], 0)
    #expect(fovea.choose([], at: MediaTime(seconds: 0.1), aspect: 1) == nil)
    fovea.settle(FovealAnswer(first, nil))
    let second = try choose(&fovea, [], 0.2)
    #expect(second.fixations == [.whole] && second.number == 2)
    // An answer that comes twice, or for an old request, settles nothing.
    fovea.settle(FovealAnswer(first, []))
    #expect(fovea.isWaiting)
  }

  @Test("takes what is new before what changed, doubt, and what is known; the oldest first; four at a time")
  func order() throws {
    var fovea = try begun()
    let wishes = [
      wish(0.1, .again), wish(0.3, .doubtful), wish(0.5, .new, since: 2), wish(0.7, .changed),
      wish(0.9, .new, since: 1),
    ]
    let request = try choose(&fovea, wishes, 3)
    #expect(request.fixations.map(\.reason) == [.new, .new, .changed, .doubtful])
    #expect(request.fixations[0].region.contains(Point(x: 0.92, y: 0.42)))
    #expect(request.fixations[1].region.contains(Point(x: 0.52, y: 0.42)))
  }

  @Test("looks once at a place where several things are")
  func shared() throws {
    var fovea = try begun()
    let request = try choose(&fovea, [wish(0.5), wish(0.52), wish(0.1)], 1)
    #expect(request.fixations.count == 2)
  }

  @Test(
    "has places that are square, as wide as the thing and half as much again, and within the picture",
    arguments: [(0.0, 0.05), (0.5, 0.3), (0.93, 0.05), (0.2, 0.7), (0.0, 1.0)])
  func geometry(x: Double, size: Double) throws {
    var fovea = try begun()
    let wish = FovealWish(
      box: Rect(x: x, y: 0.5 - size / 2, width: size * 9 / 16, height: size), reason: .new, since: .zero)
    let region = try choose(&fovea, [wish], 1).fixations[0].region
    #expect(region.x >= 0 && region.y >= 0 && region.maxX <= 1 + 1e-9 && region.maxY <= 1 + 1e-9)
    #expect(region.intersection(wish.box) > 0.999 * wish.box.area)
    if 1.5 * size < 1 {
      #expect(abs(region.width * 16 / 9 - region.height) < 1e-9)
      #expect(abs(region.height - max(0.2, 1.5 * size)) < 1e-9)
    }
  }

  @Test("keeps to its allowance, and says how often it was short")
  func allowance() throws {
    var fovea = try begun(FovealConfiguration(looksPerSecond: 2))
    var looks = 0
    for frame in 1...300 {
      let time = MediaTime(seconds: Double(frame) / 30)
      guard let request = fovea.choose([wish(0.5)], at: time, aspect: 16 / 9) else { continue }
      looks += 1
      fovea.settle(FovealAnswer(request, []))
    }
    #expect(looks >= 20 && looks <= 23)
    #expect(fovea.short > 200)
  }

  @Test("says how often something waited for a device that is late")
  func late() throws {
    var fovea = try begun(FovealConfiguration(looksPerSecond: 4))
    func wait(from start: Double, to end: Double) -> Int {
      let before = fovea.short
      for frame in Int(start * 30)..<Int(end * 30) {
        let request = fovea.choose([wish(0.5)], at: MediaTime(seconds: Double(frame) / 30), aspect: 16 / 9)
        #expect(request == nil)
      }
      return fovea.short - before
    }
    let request = try choose(&fovea, [wish(0.5)], 1)
    #expect(wait(from: 1.05, to: 1.25) == 0)
    #expect(wait(from: 1.3, to: 2.3) == 30)
    fovea.settle(FovealAnswer(request, []))
    _ = try choose(&fovea, [wish(0.5)], 2.5)
  }
}
