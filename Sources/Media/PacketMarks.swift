import Base

/// What is remembered of a packet until its frame comes out of the decoder.
struct PacketMark {
  /// From 1.
  var number: Int64
  var arrival: MonotonicTime
  /// How long after that it was read.
  var lag: Nanoseconds
  var bytes: Int
  var isKey: Bool
  /// UTC at which the sender says it made the picture.
  var sender: WallTime?
}

/// The last packets' marks: as many as any decoder can hold back.
struct PacketMarks {
  private static let kept = 256
  private var marks: [PacketMark] = []

  mutating func note(_ mark: PacketMark) {
    if marks.count < Self.kept {
      marks.append(mark)
    } else {
      marks[Int((mark.number - 1) % Int64(Self.kept))] = mark
    }
  }

  func mark(_ number: Int64) -> PacketMark? {
    guard number > 0, !marks.isEmpty else { return nil }
    let index = Int((number - 1) % Int64(Self.kept))
    guard index < marks.count, marks[index].number == number else { return nil }
    return marks[index]
  }
}
