import Events

extension SweepReport {
  package enum Form: String, Hashable, Sendable, CaseIterable { case json, csv, html }

  /// In pieces of a few kilobytes, so that a report of any length needs little memory. The bytes are valid within `sink` only.
  package func write<E: Error>(
    as form: Form, to sink: (UnsafeRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    switch form {
    case .json: try writeJSON(to: sink)
    case .csv: try writeCSV(to: sink)
    case .html: try writeHTML(to: sink)
    }
  }

  package var json: String { text(as: .json) }
  package var csv: String { text(as: .csv) }
  package var html: String { text(as: .html) }

  private func text(as form: Form) -> String {
    var bytes: [UInt8] = []
    write(as: form) { bytes.append(contentsOf: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Indices of the entries, in order of the defects' ids.
  var indicesByID: [Int] {
    entries.indices.sorted { entries[$0].defect.id < entries[$1].defect.id }
  }

  var undecided: Int { entries.count { $0.fulfils == nil } }

  /// Lossy and 8-bit scans are named in every measure.
  var precisionName: String { sweep.precision.name }
  var useName: String { isMedical ? Self.researchOnly : "industrial" }
  var isExact: Bool { sweep.precision == .exact }

  /// Width, height, slices.
  var size: (Int, Int, Int) { (sweep.width, sweep.height, sweep.count ?? slices + missing) }
}

extension LineBuffer {
  /// Text that needs no escaping, or has been escaped.
  mutating func append(text: String) {
    var copy = text
    copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Hands on what was written, and starts anew.
  mutating func hand<E: Error>(to sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
    try withBytes(sink)
    removeAll()
  }
}
