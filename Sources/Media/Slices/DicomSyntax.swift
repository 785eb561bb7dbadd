/// Transfer syntaxes: how a file's pixels are coded (DICOM PS3.6, annex A).
struct DicomSyntax: Sendable, Hashable {
  let identifier: String
  /// In words; the identifier where it isn't known.
  let name: String
  let isLossy: Bool

  init(_ identifier: String) {
    self.identifier = identifier
    let known = Self.known[identifier]
    name = known?.name ?? (identifier.isEmpty ? "no transfer syntax" : "transfer syntax \(identifier)")
    isLossy = known?.isLossy ?? false
  }

  private static let known: [String: (name: String, isLossy: Bool)] = [
    "1.2.840.10008.1.2": ("uncompressed", false),
    "1.2.840.10008.1.2.1": ("uncompressed", false),
    "1.2.840.10008.1.2.1.99": ("deflated", false),
    "1.2.840.10008.1.2.2": ("uncompressed, big-endian", false),
    "1.2.840.10008.1.2.5": ("RLE lossless", false),
    "1.2.840.10008.1.2.4.50": ("JPEG baseline", true),
    "1.2.840.10008.1.2.4.51": ("JPEG extended", true),
    "1.2.840.10008.1.2.4.53": ("JPEG spectral selection", true),
    "1.2.840.10008.1.2.4.55": ("JPEG progressive", true),
    "1.2.840.10008.1.2.4.57": ("JPEG lossless", false),
    "1.2.840.10008.1.2.4.70": ("JPEG lossless", false),
    "1.2.840.10008.1.2.4.80": ("JPEG-LS lossless", false),
    "1.2.840.10008.1.2.4.81": ("JPEG-LS near-lossless", true),
    "1.2.840.10008.1.2.4.90": ("JPEG 2000 lossless", false),
    "1.2.840.10008.1.2.4.91": ("JPEG 2000", true),
    "1.2.840.10008.1.2.4.92": ("JPEG 2000 multi-component", false),
    "1.2.840.10008.1.2.4.93": ("JPEG 2000 multi-component", true),
    "1.2.840.10008.1.2.4.94": ("JPIP", false),
    "1.2.840.10008.1.2.4.95": ("JPIP", false),
    "1.2.840.10008.1.2.4.100": ("MPEG-2 video", true),
    "1.2.840.10008.1.2.4.101": ("MPEG-2 video", true),
    "1.2.840.10008.1.2.4.102": ("H.264 video", true),
    "1.2.840.10008.1.2.4.103": ("H.264 video", true),
    "1.2.840.10008.1.2.4.104": ("H.264 video", true),
    "1.2.840.10008.1.2.4.105": ("H.264 video", true),
    "1.2.840.10008.1.2.4.106": ("H.264 video", true),
    "1.2.840.10008.1.2.4.107": ("H.265 video", true),
    "1.2.840.10008.1.2.4.108": ("H.265 video", true),
    "1.2.840.10008.1.2.4.110": ("JPEG XL", false),
    "1.2.840.10008.1.2.4.111": ("JPEG XL", true),
    "1.2.840.10008.1.2.4.112": ("JPEG XL", true),
    "1.2.840.10008.1.2.4.201": ("HTJ2K (high-throughput JPEG 2000)", false),
    "1.2.840.10008.1.2.4.202": ("HTJ2K (high-throughput JPEG 2000)", false),
    "1.2.840.10008.1.2.4.203": ("HTJ2K (high-throughput JPEG 2000)", true),
    "1.2.840.10008.1.2.8.1": ("deflated frames", false),
    "1.2.840.113619.5.2": ("GE's private big-endian pixels", false),
  ]
}
