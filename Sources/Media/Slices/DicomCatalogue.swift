import Base
import CSlices
import Glibc

/// One slice as its file's header describes it.
struct DicomImage: Sendable {
  /// Indices in the catalogue.
  var file: Int32
  var kind: Int32
  /// From 0.
  var frame: Int32
  var instance: Int32?
  /// Millimetres in the scanner's space.
  var position: SIMD3<Double>?
  var slope: Double
  var intercept: Double
  var place: DicomPixelPlace
}

struct DicomSeries: Sendable {
  var identifier: String
  var number: Int32?
  var images: [DicomImage] = []
}

/// All headers of a folder or of a file: about 150 bytes a slice, and no pixels.
struct DicomCatalogue: Sendable {
  /// Nil for a single file.
  private(set) var folder: String?
  /// Names within the folder, or the one path.
  private(set) var files: [String] = []
  private(set) var kinds: [DicomKind] = []
  /// In the order of their numbers.
  private(set) var series: [DicomSeries] = []
  private(set) var warnings = DicomWarnings()
  /// Files that are not of any series, and why: what is said where nothing else is left.
  private(set) var leftOut: [(file: String, reason: String)] = []

  private var kindIndices: [DicomKind: Int32] = [:]
  private var seriesIndices: [String: Int] = [:]
  private var otherFiles = 0
  private(set) var withoutPixels = 0

  /// Reads the headers of what lies at `path`. Blocks: about 0.1 ms a file.
  init(path: String, _ library: DicomLibrary) throws(Fault) {
    if DicomFolder.isFolder(path) {
      folder = path
      for name in try DicomFolder.files(in: path) { add(name, library) }
      noteOthers()
    } else {
      addOnly(path, library)
    }
    series.sort { ($0.number ?? .max, $0.identifier) < ($1.number ?? .max, $1.identifier) }
    kindIndices = [:]
    seriesIndices = [:]
  }

  /// Names and kinds stay.
  mutating func forgetSeries() { series = [] }

  func path(_ file: Int32) -> String {
    let name = files[Int(file)]
    return folder.map { "\($0)/\(name)" } ?? name
  }

  /// How a slice is called: its file's name, and the number of its frame where the file has several.
  func name(_ image: DicomImage) -> String {
    let file = files[Int(image.file)]
    let name = folder == nil ? DicomFolder.lastPart(of: file) : file
    return image.place.frames > 1 ? "\(name)#\(image.frame + 1)" : name
  }

  func kind(_ image: DicomImage) -> DicomKind { kinds[Int(image.kind)] }

  private mutating func addOnly(_ path: String, _ library: DicomLibrary) {
    switch DicomSniff(path: path) {
    case .dicom:
      if case .other(let reason) = read(path, library) { leftOut.append((path, reason)) }
    case .empty: leftOut.append((path, "is empty"))
    case .other(let what):
      leftOut.append((path, "is \(what ?? "not DICOM")\(what == nil ? "" : ", not DICOM")"))
    case .unreadable(let reason): leftOut.append((path, "can't be opened: \(reason)"))
    }
  }

  private mutating func add(_ name: String, _ library: DicomLibrary) {
    // An index of a disc can be long. One of another name is found by its class.
    if DicomFolder.lastPart(of: name) == "DICOMDIR" { return }
    switch DicomSniff(path: "\(folder ?? "")/\(name)") {
    case .dicom:
      switch read(name, library) {
      case .images: break
      case .directory: break
      case .withoutPixels: withoutPixels += 1
      case .other(let reason): leaveOut(name, reason, "unreadable_file")
      }
    case .empty: leaveOut(name, "is empty", "unreadable_file")
    case .other(let what):
      if DicomFolder.isNamedDicom(name) {
        leaveOut(name, what.map { "is \($0), not DICOM" } ?? "is not DICOM", "unreadable_file")
      } else {
        otherFiles += 1
      }
    case .unreadable(let reason): leaveOut(name, "can't be opened: \(reason)", "unreadable_file")
    }
  }

  private mutating func leaveOut(_ name: String, _ reason: String, _ code: String) {
    leftOut.append((name, reason))
    warnings.add(code, "\(name) \(reason)")
  }

  private mutating func noteOthers() {
    if otherFiles > 0 { warnings.add("other_files", "\(otherFiles) files that are not DICOM are left out") }
    if withoutPixels > 0 {
      warnings.add("no_pixels", "\(withoutPixels) DICOM files without pixels are left out")
    }
  }

  private enum Outcome {
    case images
    case directory
    case withoutPixels
    case other(String)
  }

  /// The storage class of a DICOMDIR.
  private static let directoryClass = "1.2.840.10008.1.3.10"

  private mutating func read(_ name: String, _ library: DicomLibrary) -> Outcome {
    let path = folder.map { "\($0)/\(name)" } ?? name
    do {
      return try library.withHeader(path) { header in
        if DicomText.string(header.class_uid) == Self.directoryClass {
          if folder == nil {
            leftOut.append((name, "is a DICOMDIR, an index of other files: give the folder"))
          }
          return .directory
        }
        return take(name, header)
      }
    } catch {
      return .other(error.text)
    }
  }

  private mutating func take(_ name: String, _ header: saccade_dicom_header) -> Outcome {
    guard let frames = header.frames else {
      let kind = DicomKind(header, saccade_dicom_frame())
      if let refusal = kind.refusal, kind.layout.coding == SACCADE_DICOM_UNREADABLE { return .other(refusal) }
      if folder == nil { leftOut.append((name, "has no pixels")) }
      return .withoutPixels
    }
    let kind = DicomKind(header, frames[0])
    if let refusal = kind.refusal { return .other(refusal) }
    let count = Int(header.layout.frames)
    let place = DicomPixelPlace(
      frames: count, offset: header.layout.pixels_at, length: header.layout.pixels_length)
    let bits = kind.layout.bitsPerFrame
    if kind.layout.coding == SACCADE_DICOM_NATIVE, bits > 0, place.length >= 0,
      Int(place.length) * 8 / bits > count
    {
      warnings.add(
        "surplus_pixels",
        "\(DicomFolder.lastPart(of: name)) has pixels for \(Int(place.length) * 8 / bits) frames and says it has \(count)"
      )
    }
    files.append(name)
    let identifier = DicomText.string(header.series_uid)
    let index = seriesIndex(identifier, header.has_series_number != 0 ? header.series_number : nil)
    for frame in 0..<count {
      let described = frames[frame]
      series[index].images.append(
        DicomImage(
          file: Int32(files.count - 1), kind: kindIndex(DicomKind(header, described)), frame: Int32(frame),
          instance: header.has_instance_number != 0 ? header.instance_number : nil,
          position: described.says(SACCADE_DICOM_HAS_POSITION)
            ? [described.position.0, described.position.1, described.position.2] : nil,
          slope: described.slope, intercept: described.intercept, place: place))
    }
    return .images
  }

  private mutating func kindIndex(_ kind: DicomKind) -> Int32 {
    if let index = kindIndices[kind] { return index }
    let index = Int32(kinds.count)
    kinds.append(kind)
    kindIndices[kind] = index
    return index
  }

  private mutating func seriesIndex(_ identifier: String, _ number: Int32?) -> Int {
    if let index = seriesIndices[identifier] { return index }
    series.append(DicomSeries(identifier: identifier, number: number))
    seriesIndices[identifier] = series.count - 1
    return series.count - 1
  }
}
