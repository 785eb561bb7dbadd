import CKernels

/// A plane of bits, for what is done to regions as wholes: 64 voxels at a time.
final class Bitmap {
  let width: Int
  let height: Int
  let count: Int
  let words: UnsafeMutablePointer<UInt64>

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    count = (width + 63) / 64 * height
    words = .allocate(capacity: count)
    words.initialize(repeating: 0, count: count)
  }

  deinit { words.deallocate() }

  enum Change { case grow, shrink }
  /// What a voxel's neighbours are.
  enum Neighbours { case four, eight }

  func set(over level: Float, in values: UnsafePointer<Float>) {
    saccade_bits_over(values, level, Int32(width), Int32(height), words)
  }

  func set(_ bytes: UnsafePointer<UInt8>) { saccade_bits_pack(bytes, Int32(width), Int32(height), words) }

  func copy(to bytes: UnsafeMutablePointer<UInt8>) {
    saccade_bits_unpack(words, Int32(width), Int32(height), bytes)
  }

  func set(_ other: Bitmap) { words.update(from: other.words, count: count) }

  /// Becomes `other`, grown or shrunk by one voxel.
  func set(_ other: Bitmap, _ change: Change, _ neighbours: Neighbours) {
    saccade_bits_spread(
      other.words, Int32(width), Int32(height), change == .grow ? 1 : 0, neighbours == .eight ? 1 : 0, words)
  }

  func keep(_ other: Bitmap) { for i in 0..<count { words[i] &= other.words[i] } }
  func remove(_ other: Bitmap) { for i in 0..<count { words[i] &= ~other.words[i] } }
  func add(_ other: Bitmap) { for i in 0..<count { words[i] |= other.words[i] } }

  var isEmpty: Bool {
    var any: UInt64 = 0
    for i in 0..<count { any |= words[i] }
    return any == 0
  }

  var ones: Int {
    var ones = 0
    for i in 0..<count { ones += words[i].nonzeroBitCount }
    return ones
  }

  private var rowWords: Int { (width + 63) / 64 }

  func clear() { words.update(repeating: 0, count: count) }

  /// First columns, and those after the last ones, of the runs of a row; in pairs.
  func runs(of value: Bool, row: Int, _ pairs: inout [Int32]) -> Int {
    Int(saccade_bits_runs(words + row * rowWords, Int32(width), value ? 1 : 0, &pairs))
  }

  func fill(_ run: Run) { fill(row: Int(run.row), Int(run.start), Int(run.end)) }

  func fill(row: Int, _ start: Int, _ end: Int) {
    let words = self.words + row * rowWords
    var at = start
    while at < end {
      let last = min(end, (at / 64 + 1) * 64)
      let bits = last - at == 64 ? ~0 : (UInt64(1) << UInt64(last - at) - 1) << UInt64(at % 64)
      words[at / 64] |= bits
      at = last
    }
  }

  subscript(at: Int) -> Bool {
    let (row, column) = (at / width, at % width)
    return words[row * rowWords + column / 64] >> UInt64(column % 64) & 1 == 1
  }
}
