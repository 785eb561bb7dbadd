import Base

/// Where frames come from, and how to read them.
package struct SourceConfiguration: Sendable, Hashable {
  package enum Transport: String, Sendable, Hashable, CaseIterable { case tcp, udp }
  package enum Hardware: String, Sendable, Hashable, CaseIterable { case none, auto, vaapi, cuda }

  /// What FFmpeg opens: a path, a URL, `-` for standard input, `lavfi:GRAPH`, `/dev/videoN`. References such
  /// as `${CAM_PASSWORD}` are already replaced: print `shownURL` instead.
  package var url: String
  /// As the user wrote it, with credentials left out: for logs, errors, status.
  package var shownURL: String
  package var transport: Transport = .tcp
  package var hardware: Hardware = .none
  package var decodeThreads = 1
  /// The in-loop deblocking filter: off where only the peripheral encoder looks, a fifth cheaper.
  package var loopFilter = false
  /// The longest that opening, or waiting for the next packet, may take.
  package var timeout: Nanoseconds = .seconds(10)
  /// A finite source starts again at its end.
  package var loop = false
  /// The demuxer's name where it can't be guessed.
  package var format: String?
  /// Further options of the demuxer or protocol.
  package var options: [String: String] = [:]
  /// Turn that shows the picture upright; nil takes the source's own metadata.
  package var rotation: Rotation?
  /// Polygons to black out before anything looks.
  package var masks: [Polygon] = []

  package init(url: String, shownURL: String? = nil) {
    self.url = url
    self.shownURL = shownURL ?? url
  }
}
