/// Which of the packets that a decoder got have come out as frames, in the order that frames are shown.
struct FrameTally {
  /// Of packets without a frame yet, sorted.
  private var waiting: [Int64] = []

  mutating func sent(_ time: Int64) {
    let place = waiting.lastIndex { $0 <= time }.map { $0 + 1 } ?? 0
    // Two packets of one time are the fields of one frame.
    if place > 0, waiting[place - 1] == time { return }
    waiting.insert(time, at: place)
  }

  /// A frame came out. Returns how many before it will not: frames come in the order of their times.
  mutating func came(_ time: Int64) -> Int {
    let lost = waiting.count { $0 < time }
    waiting.removeAll { $0 <= time }
    return lost
  }

  /// Frames that never came, at the end.
  var left: Int { waiting.count }
}
