import Base
import Media
import Testing
import Vision

/// An eye before a camera: which frames did it look at?
private final class Watch {
  var eye: Eye
  let camera = Camera()
  var attention = Attention()
  var frame = 0
  var segment = 1
  /// Media times of the looks.
  var looks: [Double] = []
  static let rate = 30.0

  init(economy: Bool = true) { eye = Eye(EncoderConfiguration(economy: economy)) }

  var time: Double { Double(frame) / Self.rate }

  /// Shows the next frame; true if it was looked at.
  @discardableResult
  func show(_ things: [Camera.Thing] = []) -> Bool {
    frame += 1
    let number = frame
    let look = eye.look(at: Camera.info(number, at: time, segment: segment), attention: attention) {
      [camera] in camera.fill($0, frame: number, things: things)
    }
    #expect((look.observation == nil) == (look.skipped == "unchanged"))
    #expect(look.ran == (look.observation == nil ? [] : ["patch-grid"]))
    if look.observation != nil { looks.append(time) }
    return look.observation != nil
  }

  /// Goes on to a frame that was left out, right after one that was looked at.
  func goBetweenLooks() {
    repeat { while !show() {} } while show()
  }

  func show(seconds: Double) { for _ in 0..<Int(seconds * Self.rate) { show() } }
}

@Suite("the gate")
struct GateTests {
  @Test("leaves most frames out in which nothing changes, but looks every 0.2 s")
  func quiet() {
    let watch = Watch()
    watch.show(seconds: 6)
    let rested = watch.looks.filter { $0 > 2 }
    #expect(rested.count < 40)
    for (a, b) in zip(watch.looks, watch.looks.dropFirst()) { #expect(b - a < 0.2 + 1e-6) }
  }

  @Test("leaves nothing out while something is open")
  func awake() {
    let watch = Watch()
    watch.show(seconds: 3)
    watch.attention.isAwake = true
    for _ in 0..<60 { #expect(watch.show()) }
  }

  @Test("sees a small thing in the very frame in which it comes", arguments: [(6, 6), (5, 14), (40, 60)])
  func change(width: Int, height: Int) {
    let watch = Watch()
    watch.show(seconds: 4)
    watch.goBetweenLooks()
    #expect(watch.show([Camera.Thing(x: 131, y: 77, width: width, height: height)]))
  }

  @Test("sees a faint thing as soon as it knows the picture", arguments: [1.0, 20.0])
  func faint(seconds: Double) {
    let watch = Watch()
    watch.show(seconds: seconds)
    watch.goBetweenLooks()
    #expect(watch.show([Camera.Thing(x: 128, y: 72, width: 8, height: 8, level: nil, stain: 7)]))
  }

  @Test("looks at the first frame after a discontinuity")
  func segment() {
    let watch = Watch()
    watch.show(seconds: 4)
    watch.goBetweenLooks()
    watch.segment += 1
    #expect(watch.show())
  }

  @Test("lets the decoder save once nothing was open for 2 s, and not before")
  func economy() {
    let watch = Watch()
    watch.attention.isAwake = true
    watch.show(seconds: 4)
    #expect(watch.eye.economy == .everyFrame)
    watch.attention.isAwake = false
    let start = watch.time
    while watch.time - start < 4 {
      watch.show()
      let rest = watch.time - start
      if rest < 1.99 { #expect(watch.eye.economy == .everyFrame) }
      if rest > 2.05 { #expect(watch.eye.economy == .referencedFrames) }
    }
    watch.attention.isAwake = true
    watch.show()
    #expect(watch.eye.economy == .everyFrame)
  }

  @Test("never lets the decoder save where the pipeline forbids it")
  func noEconomy() {
    let watch = Watch(economy: false)
    for _ in 0..<180 {
      watch.show()
      #expect(watch.eye.economy == .everyFrame)
    }
  }
}
