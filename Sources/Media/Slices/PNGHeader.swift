import Base

/// The first chunk of a PNG.
enum PNGHeader {
  /// Throws for pictures whose values would not be those in the file.
  static func read(_ head: UnsafeRawBufferPointer, at path: String, fileBytes: Int) throws(Fault)
    -> PictureFormat
  {
    guard head.count >= 33, head[12..<16].elementsEqual("IHDR".utf8) else {
      throw Fault(
        .data, "the header of this PNG can't be read", at: path, cause: "the file has \(fileBytes) bytes",
        advice: "write the file again")
    }
    func number(_ offset: Int) -> Int {
      head[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let depth = head[24]
    let colour = head[25]
    guard colour == 0 else {
      let names: [UInt8: String] = [2: "colour", 3: "a palette", 4: "grey with transparency", 6: "colour"]
      throw Fault(
        .data, "pictures in colour or with transparency are not read", at: path,
        cause: "its colour type is \(colour) (\(names[colour] ?? "unknown"))",
        advice: "write one grey value a pixel")
    }
    guard depth == 8 || depth == 16 else {
      throw Fault(
        .data, "pictures of few grey levels are not read", at: path, cause: "it has \(depth) bits a pixel",
        advice: "write 16 bits a pixel")
    }
    let format = PictureFormat(
      kind: .png, width: number(16), height: number(20),
      sample: SampleFormat(depth == 16 ? .uint16 : .uint8, isBigEndian: true))
    try format.check(at: path, fileBytes: fileBytes)
    return format
  }
}
