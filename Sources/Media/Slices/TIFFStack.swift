import Base

/// The pages of one TIFF as a sweep.
final class TIFFStack: SliceSource {
  let sweep: SweepDescription
  private let file: TIFFFile
  private let format: PictureFormat
  private let pages: Int
  private let name: String
  private let buffer: UnsafeMutableRawBufferPointer
  private var conversion = SliceConversion()
  private var warnings: [SweepWarning]
  private var position = 0

  /// The sweep in a TIFF: its pages, or the pictures of which ImageJ gave only the first a page.
  static func open(_ path: String, _ configuration: SweepConfiguration) throws(Fault) -> any SliceSource {
    let bytes = try SliceFile(path).size
    let file = try TIFFFile.open(path)
    let page = try file.select(0)
    try page.picture.check(at: path, fileBytes: bytes)
    let (pages, problem) = file.count()
    var warnings: [SweepWarning] = []
    if let problem {
      warnings.append(
        SweepWarning(
          code: "pages_unreachable",
          text: "\(lastComponent(path)): after page \(pages) the chain of pages breaks off: \(problem)"))
    }
    if let imageJ = page.imageJ { warnings += try check(imageJ, at: path) }
    if pages == 1, let imageJ = page.imageJ, imageJ.images > 1 {
      return try RawVolume(volume(page, imageJ, at: path, warnings), configuration)
    }
    return try TIFFStack(consume file, page, pages, warnings, configuration)
  }

  /// Whether a TIFF holds more than one picture.
  static func hasPages(_ path: String) -> Bool {
    guard let file = try? TIFFFile.open(path) else { return false }
    if file.count().pages > 1 { return true }
    return (try? file.select(0))?.imageJ.map { $0.images > 1 } ?? false
  }

  /// Throws where ImageJ's stack has more dimensions than a sweep.
  private static func check(_ imageJ: ImageJDescription, at path: String) throws(Fault) -> [SweepWarning] {
    let extents = ["channels": imageJ.channels, "slices": imageJ.slices, "frames": imageJ.frames]
    let long = extents.filter { $0.value > 1 }.sorted { $0.key < $1.key }
    guard long.count <= 1 else {
      throw Fault(
        .data, "only stacks of one channel and one time are read", at: path,
        cause: long.map { "\($0.key)=\($0.value)" }.joined(separator: ", "),
        advice: "write one channel at one time to a file of its own")
    }
    // Writers that aren't told what the third dimension is call it channels or frames.
    guard let found = long.first, found.key != "slices" else { return [] }
    return [
      SweepWarning(
        code: "taken_for_slices",
        text: "\(lastComponent(path)) says `\(found.key)=\(found.value)`, which are taken for slices")
    ]
  }

  private static func volume(
    _ page: TIFFPage, _ imageJ: ImageJDescription, at path: String, _ warnings: [SweepWarning]
  ) throws(Fault) -> RawVolumeHeader {
    guard let offset = page.offset else {
      throw Fault(
        .data, "this ImageJ stack can't be read", at: path,
        cause: "`images=\(imageJ.images)`, and its one page is compressed or in pieces",
        advice: "write a page for each picture")
    }
    let picture = page.picture
    try RawVolumeHeader.check([picture.width, picture.height, imageJ.images], "images", at: path)
    return RawVolumeHeader(
      format: "ImageJ TIFF", path: path, dataPath: path, offset: offset, width: picture.width,
      height: picture.height, count: imageJ.images,
      sample: SampleFormat(picture.sample.kind, isBigEndian: page.isBigEndian),
      spacing: imageJ.spacing(xResolution: page.xResolution, yResolution: page.yResolution),
      isFollowedByMore: true, warnings: warnings)
  }

  /// Throws where none of the first pages can be read.
  private init(
    _ file: consuming TIFFFile, _ page: TIFFPage, _ pages: Int, _ warnings: [SweepWarning],
    _ configuration: SweepConfiguration
  ) throws(Fault) {
    format = page.picture
    name = lastComponent(file.path)
    self.file = file
    self.pages = pages
    self.warnings = warnings
    let spacing = page.imageJ?.spacing(xResolution: page.xResolution, yResolution: page.yResolution)
    sweep = SweepDescription(
      format: format.name, width: format.width, height: format.height, count: pages,
      spacing: configuration.spacing ?? spacing, precision: format.precision)
    buffer = .allocate(byteCount: format.bytes, alignment: 64)
    try findReadable()
  }

  /// Pages looked into for one that can be read; a stack that begins with more that can't is none.
  private static let mostUnreadable = 16

  private func findReadable() throws(Fault) {
    var first: Fault?
    for index in 0..<min(pages, Self.mostUnreadable) {
      do {
        if format.difference(try file.select(index).picture) == nil {
          try file.read(into: buffer)
          return
        }
      } catch { first = first ?? error }
    }
    throw first ?? Fault(.data, "there are no pages in this TIFF", at: file.path)
  }

  deinit { buffer.deallocate() }

  func next(into values: UnsafeMutableBufferPointer<Float>) throws(Fault) -> SliceReading? {
    if !warnings.isEmpty { return .warning(warnings.removeFirst()) }
    guard position < pages else { return nil }
    let index = position
    position += 1
    let source = "\(name)#\(index + 1)"
    if let reason = load(index, source, into: values) {
      return .missing(SliceGap(indices: index..<index + 1, reason: "\(source): \(reason)"))
    }
    if let warning = conversion.takeWarning() { warnings.append(warning) }
    return .slice(SliceInfo(index: index, z: sweep.spacing.map { Double(index) * $0.z }, source: source))
  }

  /// Returns why the slice can't be used.
  private func load(
    _ index: Int, _ source: String, into values: UnsafeMutableBufferPointer<Float>
  ) -> String? {
    do {
      let page = try file.select(index)
      if let difference = format.difference(page.picture) { return difference }
      try file.read(into: buffer)
    } catch { return error.reason }
    guard let raw = buffer.baseAddress else { return "it holds nothing" }
    let slice = UnsafeMutableBufferPointer(rebasing: values[..<(format.width * format.height)])
    return conversion.fill(slice, width: format.width, from: raw, format.sample, source)
  }
}
