import Base

/// The files of a sweep of pictures, told from others beside them.
struct PictureList {
  /// What most of the files looked at are: PNG, TIFF, PGM or DICOM.
  let kind: SliceMagic
  /// In natural order.
  private(set) var paths: [String]
  private(set) var warnings: [SweepWarning] = []

  /// Files looked into to tell what the folder holds.
  private static let most = 64

  /// - Parameter files: Paths in natural order, at least one.
  init(_ files: [String], at place: String) throws(Fault) {
    var counts: [SliceMagic: Int] = [:]
    var endings: [SliceMagic: Set<String>] = [:]
    var unread: Fault?
    for path in Self.sample(files) {
      let magic: SliceMagic
      do {
        let file = try SliceFile(path)
        magic = SliceMagic(try file.head(512))
      } catch {
        unread = unread ?? error
        continue
      }
      counts[magic, default: 0] += 1
      endings[magic, default: []].insert(Self.ending(path))
    }
    let usable: [SliceMagic] = [.dicom, .tiff, .png, .pgm]
    guard
      let kind = usable.filter({ counts[$0] != nil }).max(by: {
        counts[$0, default: 0] < counts[$1, default: 0]
      })
    else { throw Self.nothing(files, at: place, counts, unread) }
    self.kind = kind
    let wanted = endings[kind] ?? []
    paths = files.filter { wanted.contains(Self.ending($0)) }
    if paths.count < files.count {
      let others = files.filter { !wanted.contains(Self.ending($0)) }
      let names = others.prefix(3).map(lastComponent).joined(separator: ", ")
      let more = others.count > 3 ? " and \(others.count - 3) more" : ""
      warnings.append(
        SweepWarning(
          code: "other_files",
          text: "the slices are \(kind.name); not read: \(names)\(more)"))
    }
  }

  /// The first files and some of the others.
  private static func sample(_ files: [String]) -> [String] {
    guard files.count > most else { return files }
    let half = most / 2
    return files.prefix(half) + (0..<half).map { files[half + $0 * (files.count - half) / half] }
  }

  /// What follows a name's last dot, without regard to case; numbers are no ending.
  private static func ending(_ path: String) -> String {
    let name = lastComponent(path)
    guard let dot = name.lastIndex(of: ".") else { return "" }
    let ending = name[name.index(after: dot)...]
    return ending.utf8.allSatisfy(NaturalOrder.isDigit) ? "" : ending.lowercased()
  }

  private static func nothing(
    _ files: [String], at place: String, _ counts: [SliceMagic: Int], _ unread: Fault?
  ) -> Fault {
    if let unread, counts.isEmpty { return unread }
    let kinds = counts.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key.name)" }
    return Fault(
      .data, "there are no slices among these files", at: place,
      cause: "\(files.count) files, the first is \(lastComponent(files[0])); looked at: "
        + kinds.joined(separator: ", "),
      advice: "slices are DICOM, PNG, TIFF or PGM; a volume is named by its `.mhd` or `.nrrd` file")
  }
}
