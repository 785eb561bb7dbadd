import CFFmpeg
import Glibc

/// What kind of place a source's URL names, decided before anything is opened.
enum SourceLocation: Equatable {
  case standardInput
  /// A named pipe.
  case pipe(String)
  case file(String)
  /// Numbered pictures (`%03d`) or, for a glob, those that match.
  case pictures(String, isGlob: Bool)
  /// A graph of FFmpeg's filters that makes pictures.
  case graph(String)
  /// A V4L2 device.
  case camera(String)
  case network(scheme: String, String)

  init(_ url: String) {
    if url == "-" {
      self = .standardInput
    } else if url.hasPrefix("lavfi:") {
      self = .graph(String(url.dropFirst("lavfi:".count)))
    } else if url.hasPrefix("/dev/video") {
      self = .camera(url)
    } else if let scheme = Self.scheme(of: url), Self.mode(of: url) == nil {
      if scheme == "file" {
        self.init(path: String(url.dropFirst(url.hasPrefix("file://") ? "file://".count : "file:".count)))
      } else {
        self = .network(scheme: scheme, url)
      }
    } else {
      self.init(path: url)
    }
  }

  private init(path: String) {
    switch Self.mode(of: path) {
    case .some(S_IFIFO): self = .pipe(path)
    case .some: self = .file(path)
    case nil:
      if path.contains(where: { "*?[".contains($0) }) {
        self = .pictures(path, isGlob: true)
      } else if Self.isNumbered(path) {
        self = .pictures(path, isGlob: false)
      } else {
        self = .file(path)
      }
    }
  }

  /// Live until the open source says otherwise.
  var looksLive: Bool {
    switch self {
    case .camera: true
    case .network(let scheme, let url):
      switch scheme {
      case "http", "https":
        !["mp4", "mkv", "mov", "avi", "webm", "m4v", "jpg", "png"].contains {
          Self.path(of: url, endsWith: $0)
        }
      default: true
      }
    default: false
    }
  }

  /// The type bits of what is at this path; nil for nothing.
  static func mode(of path: String) -> mode_t? {
    var facts = stat()
    return stat(path, &facts) == 0 ? facts.st_mode & S_IFMT : nil
  }

  /// Letters, digits, `+`, `-`, `.` before `:`, when they name a protocol or are followed by `//`.
  private static func scheme(of url: String) -> String? {
    guard let colon = url.firstIndex(of: ":"), colon > url.startIndex else { return nil }
    let name = url[..<colon].lowercased()
    guard
      name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || [43, 45, 46].contains($0) })
    else { return nil }
    if url[colon...].hasPrefix("://") { return name }
    var cursor: UnsafeMutableRawPointer?
    while let protocolName = avio_enum_protocols(&cursor, 0) {
      if String(cString: protocolName) == name { return name }
    }
    return nil
  }

  private static func path(of url: String, endsWith ending: String) -> Bool {
    url.prefix { $0 != "?" && $0 != "#" }.lowercased().hasSuffix("." + ending)
  }

  /// Holds `%d` or `%0Nd`.
  private static func isNumbered(_ path: String) -> Bool {
    var rest = Substring(path)
    while let percent = rest.firstIndex(of: "%") {
      rest = rest[rest.index(after: percent)...]
      if rest.drop(while: \.isNumber).hasPrefix("d") { return true }
    }
    return false
  }
}
