import Base
import Glibc

/// Opens a sweep with the reader for what its first bytes say it is. Names decide nothing where bytes can.
package enum SliceSources {
  /// Blocks while headers are read: of one file, or of all files of a DICOM folder.
  package static func open(_ configuration: SweepConfiguration) throws(Fault) -> any SliceSource {
    let path = configuration.path
    let files: [String]?
    do { files = try PictureListing.files(path) } catch {
      // A disc of a hospital has its files in folders within.
      if DicomFolder.isFolder(path), DicomSource.isDicom(path) { return try dicom(configuration) }
      throw error
    }
    if let files { return try open(files, configuration) }
    let magic = try magic(of: path)
    switch magic {
    case .dicom: return try dicom(configuration)
    case .metaImage: return try RawVolume(MetaImageHeader.read(path), configuration)
    case .nrrd: return try RawVolume(NRRDHeader.read(path), configuration)
    case .tiff: return try TIFFStack.open(path, configuration)
    case .png, .pgm: return try PictureSequence([path], [], configuration)
    case .gzip, .jpeg, .empty:
      throw Fault(
        .data, "this is no sweep that can be read", at: path, cause: "the file is \(magic.name)",
        advice: "name a DICOM folder or file, pictures of 16 bits, a `.mhd` or `.nrrd` volume, or a video")
    case .unknown:
      if DicomSource.isDicom(path) { return try dicom(configuration) }
      return try SweepVideo(configuration)
    }
  }

  private static func open(
    _ files: [String], _ configuration: SweepConfiguration
  ) throws(Fault) -> any SliceSource {
    let list = try PictureList(files, at: configuration.path)
    if list.kind == .dicom { return try dicom(configuration) }
    if list.paths.count == 1, list.kind == .tiff { return try TIFFStack.open(list.paths[0], configuration) }
    return try PictureSequence(list.paths, list.warnings, configuration)
  }

  /// Whether `path` names slices rather than a video: a folder, a volume with its header, a TIFF of several pages,
  /// DICOM.
  package static func looksLikeSweep(_ path: String) -> Bool {
    if SourceLocation.mode(of: path) == S_IFDIR { return true }
    guard let magic = try? magic(of: path) else { return false }
    switch magic {
    case .dicom, .metaImage, .nrrd: return true
    case .tiff: return TIFFStack.hasPages(path)
    // Something else that is called `.dcm` is told as such, not taken for a video.
    default: return DicomSource.isDicom(path)
    }
  }

  private static func magic(of path: String) throws(Fault) -> SliceMagic {
    let file = try SliceFile(path)
    return SliceMagic(try file.head(512))
  }

  private static func dicom(_ configuration: SweepConfiguration) throws(Fault) -> any SliceSource {
    try DicomSource(configuration)
  }
}
