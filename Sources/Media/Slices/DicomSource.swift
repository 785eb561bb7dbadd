import Base
import CSlices

/// A sweep of DICOM slices: a folder of files, or one file with one or more frames.
///
/// All headers are read when it opens, about 0.1 ms a file; then one slice after the other in the order of their
/// positions along the normal.
package final class DicomSource: SliceSource {
  package let sweep: SweepDescription

  private let library: DicomLibrary
  private let catalogue: DicomCatalogue
  private let stack: DicomStack
  private let plan: DicomPlan
  private let shear: DicomShear?
  private let path: String
  private var frames: DicomFrameReader
  private var at = 0
  private var slicesRead = 0
  /// Why the first slice that couldn't be read couldn't.
  private var firstFailure: String?

  /// Whether what lies at `path` is to be read as DICOM: a DICOM file, a folder with one in it, however deep, or
  /// a file whose name claims to be one, so that the error says what it is. To be asked before anything else: FFmpeg
  /// reads some DICOM files as pictures, and wrongly. Blocks while it looks.
  package static func isDicom(_ path: String) -> Bool {
    guard DicomFolder.isFolder(path) else {
      let what = DicomSniff(path: path)
      if case .unreadable = what { return false }
      return what == .dicom || DicomFolder.isNamedDicom(path)
    }
    let files = (try? DicomFolder.files(in: path)) ?? []
    return files.contains { DicomSniff(path: "\(path)/\($0)") == .dicom }
  }

  /// Reads all headers. Throws where there is no one sweep, naming the file and the value that stand against it.
  package init(_ configuration: SweepConfiguration) throws(Fault) {
    path = configuration.path
    library = try DicomLibrary()
    var catalogue = try DicomCatalogue(path: path, library)
    var warnings = catalogue.warnings
    let series = try DicomSeriesChoice(catalogue: catalogue).choose(configuration.series, at: path, &warnings)
    let selection = try DicomSelection(series, catalogue, at: path)
    stack = try DicomStack(selection.images, catalogue, at: path)
    catalogue.forgetSeries()
    self.catalogue = catalogue
    guard let first = stack.slices.first else {
      throw Fault(.data, "no slice of the sweep has a position", at: path)
    }
    let kind = catalogue.kind(first.image)
    shear = try DicomShear(stack, kind, configuration.spacing, at: path)

    var told = warnings.all + selection.warnings.all + stack.warnings.all
    if let disorder = DicomPlan.disorder(stack, catalogue) { told.append(disorder) }
    if let shear { told.append(shear.warning) }
    let kinds = Set(stack.slices.map(\.image.kind)).map { [catalogue] in catalogue.kinds[Int($0)] }
    if kinds.contains(where: \.isInverted) {
      told.append(
        SweepWarning(
          code: "inverted",
          text: "the slices are MONOCHROME1 (low is bright): values are inverted, so that more is denser"))
    }
    let spacing = configuration.spacing ?? Self.spacing(kind, stack.step)
    if spacing == nil { told.append(Self.noSpacing(kind)) }
    plan = try DicomPlan(stack, catalogue, at: path, first: told)
    sweep = SweepDescription(
      format: "DICOM, \(kind.syntax.name)", width: shear?.width ?? kind.width,
      height: shear?.height ?? kind.height, count: plan.count, spacing: spacing,
      precision: Self.precision(kinds),
      isHounsfield: kinds.allSatisfy(\.isHounsfield))
    frames = DicomFrameReader(library)
    if catalogue.folder == nil {
      do { try frames.open(catalogue.path(0), kind, first.image.place) } catch {
        throw Fault(.data, "can't read the sweep: it \(error.text)", at: path)
      }
    }
  }

  package func next(into values: UnsafeMutableBufferPointer<Float>) throws(Fault) -> SliceReading? {
    precondition(values.count >= sweep.width * sweep.height, "\(values.count) values are too few for a slice")
    guard at < plan.entries.count else {
      if slicesRead == 0, let firstFailure {
        throw Fault(.data, "no slice of the sweep can be read", at: path, cause: firstFailure)
      }
      return nil
    }
    let entry = plan.entries[at]
    at += 1
    switch entry {
    case .missing(let gap): return .missing(gap)
    case .warning(let warning): return .warning(warning)
    case .slice(let at, let index):
      let slice = stack.slices[at]
      let name = catalogue.name(slice.image)
      do {
        try read(slice, into: values)
      } catch {
        let reason = "\(name) \(error.text)"
        firstFailure = firstFailure ?? reason
        return .missing(SliceGap(indices: index..<(index + 1), reason: reason))
      }
      slicesRead += 1
      return .slice(SliceInfo(index: index, z: slice.z, source: name))
    }
  }

  private func read(
    _ slice: DicomStack.Slice, into values: UnsafeMutableBufferPointer<Float>
  ) throws(DicomLibrary.Refusal) {
    let image = slice.image
    let kind = catalogue.kind(image)
    try frames.open(catalogue.path(image.file), kind, image.place)
    // Safety: a slice has pixels, and the buffer room for them.
    let out = values.baseAddress!
    if let shear {
      try shear.read(slice, into: out) { (straight) throws(DicomLibrary.Refusal) in
        try frames.read(image, kind, into: straight)
      }
    } else {
      try frames.read(image, kind, into: out)
    }
  }

  private static func spacing(_ kind: DicomKind, _ step: Double?) -> VoxelSpacing? {
    guard let pixel = kind.spacing, let step else { return nil }
    return VoxelSpacing(x: pixel.x, y: pixel.y, z: step)
  }

  private static func noSpacing(_ kind: DicomKind) -> SweepWarning {
    let what =
      kind.spacing == nil ? "the slices have no PixelSpacing" : "nothing says how far slices lie apart"
    return SweepWarning(code: "no_spacing", text: "\(what): give `--spacing` for sizes in millimetres")
  }

  private static func precision(_ kinds: [DicomKind]) -> SweepDescription.Precision {
    if let lossy = kinds.first(where: \.isLossy) {
      return .lossy(lossy.syntax.isLossy ? lossy.syntax.name : "an earlier lossy compression")
    }
    return kinds.allSatisfy { $0.layout.isInteger && $0.layout.raw.bits_stored <= 8 } ? .eightBit : .exact
  }
}
