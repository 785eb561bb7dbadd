import Base
import Events
import Media
import Pipelines
import Semantics
import Synchronization
import TestKit
import Vision

/// Keeps what it is given, in order.
final class CollectingSink: RecordSink {
  enum Entry: Sendable, Equatable {
    case frame(FrameRecord)
    case event(EventRecord)
    case late(first: UInt64, count: UInt64)
  }

  private let kept = Mutex<[Entry]>([])
  private let closed = Atomic(false)

  var entries: [Entry] { kept.withLock { $0 } }
  var isClosed: Bool { closed.load(ordering: .relaxed) }

  func write(_ frame: FrameRecord?, _ events: [EventRecord]) {
    kept.withLock {
      if let frame { $0.append(.frame(frame)) }
      for event in events { $0.append(.event(event)) }
    }
  }
  func late(from first: UInt64, count: UInt64) {
    kept.withLock { $0.append(.late(first: first, count: count)) }
  }
  func flush() {}
  func close() { closed.store(true, ordering: .relaxed) }

  var frames: [FrameRecord] {
    entries.compactMap { if case .frame(let record) = $0 { record } else { nil } }
  }
  var events: [EventRecord] {
    entries.compactMap { if case .event(let record) = $0 { record } else { nil } }
  }
  var lateTicks: UInt64 {
    entries.reduce(0) { if case .late(_, let count) = $1 { $0 + count } else { $0 } }
  }

  /// Every seq from 1 on is in one record or in one gap: the law of PROTOCOL §3. Returns the first seq
  /// where it is broken.
  var firstBrokenSeq: UInt64? {
    var next: UInt64 = 1
    for entry in entries {
      let (first, count): (UInt64, UInt64) =
        switch entry {
        case .frame(let record): (record.seq, 1)
        case .event(let record): (record.seq, 1)
        case .late(let first, let count): (first, count)
        }
      guard first == next, count > 0 else { return next }
      next += count
    }
    return nil
  }
}

/// A street at 320×180: still texture, sensor noise, and a bright box that walks from left to right.
struct FakeCamera {
  var isCovered = false
  var seed: UInt64 = 1

  func fill(_ picture: PeripheralPicture, frame: UInt64, at time: MediaTime) {
    picture.resize(width: 320, height: 180)
    picture.scale = 4
    var noise = seed &* 0x9E37_79B9_7F4A_7C15 ^ frame &* 0xBF58_476D_1CE4_E5B9
    let left = Int((time.seconds * 40).truncatingRemainder(dividingBy: 400)) - 40
    for y in 0..<180 {
      for x in 0..<320 {
        noise ^= noise << 13
        noise ^= noise >> 7
        noise ^= noise << 17
        let texture = 90 + (x / 8 * 37 + y / 8 * 59) % 50
        let inBox = x >= left && x < left + 24 && y >= 90 && y < 150
        let level = isCovered ? 17 : inBox ? 200 : texture
        picture.luma[y * 320 + x] = UInt8(level + Int(noise % 5))
      }
    }
    picture.cb.update(repeating: 120)
    picture.cr.update(repeating: 134)
  }
}

/// A live stream on clocks of its own, with an ideal pacer.
final class LiveBench {
  let clocks = ManualClocks()
  let sink = CollectingSink()
  let counters = StreamCounters()
  let stream: LiveStream
  let pacer: Pacer
  var camera = FakeCamera()
  private var eye = Eye(EncoderConfiguration())
  private let begun: MonotonicTime
  private var number: UInt64 = 0
  private var origin: MonotonicTime?
  var segment = 1

  init(name: String = "gate", rate: Int = 30) {
    stream = LiveStream(
      ParserConfiguration(stream: name, epoch: "test", rate: rate), sink: sink, counters: counters,
      clocks: clocks)
    pacer = Pacer(clocks: clocks)
    pacer.add(stream)
    begun = clocks.monotonic()
  }

  /// Seconds since the start.
  var now: Double { (clocks.monotonic() - begun).inSeconds }

  /// Lets time pass, with the pacer at work every 2 ms.
  func run(until seconds: Double) {
    let end = begun + .seconds(seconds)
    while clocks.monotonic() < end {
      clocks.advance(by: min(.milliseconds(2), end - clocks.monotonic()))
      _ = pacer.step(at: clocks.monotonic())
    }
  }

  /// Time passes while nothing in the process runs.
  func freeze(until seconds: Double) { clocks.advance(by: .seconds(seconds - now)) }

  /// A frame arrives now. Its media time is the time since the first one.
  func frame() throws {
    number += 1
    let arrival = clocks.monotonic()
    let time = MediaTime(nanoseconds: arrival - (origin ?? arrival))
    if origin == nil { origin = arrival }
    let info = FrameInfo(
      number: number, segment: segment, time: time, arrival: arrival, wall: clocks.wall(), width: 1280,
      height: 720)
    let frame = number
    try stream.take(info, with: &eye) { picture throws(Fault) in
      camera.fill(picture, frame: frame, at: time)
    }
  }

  /// Frames at an even rate, the first one after `run` has reached now.
  func play(_ seconds: Double, fps: Double = 30) throws {
    let from = now
    for i in 0..<Int((seconds * fps).rounded()) {
      run(until: from + Double(i) / fps)
      try frame()
    }
    run(until: from + seconds)
  }
}
