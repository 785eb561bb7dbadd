import Base
import Media
import Yams

/// Reads the `source` key: a string, or a mapping with `url` and how to read it.
struct SourceReader {
  private let draft: Draft
  private let document: Document
  private let values: Values
  private let references: References
  /// The file's own `url` and `options` don't count then, and their references need not be set.
  private let isReplaced: Bool

  static let keys = [
    "url", "transport", "hwaccel", "threads", "timeout", "loop", "loop_filter", "format", "options",
  ]

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
    values = reader.values
    references = reader.references
    isReplaced = reader.input != nil
  }

  func source(_ entry: Section.Entry) -> SourceConfiguration? {
    guard case .mapping = entry.value else { return url(entry) }
    let section = Section(
      entry.value, keys: Self.keys, elsewhere: PipelineReader.places(outside: "under `source`"),
      document: document, draft: draft)
    guard let address = section["url"] ?? (isReplaced ? entry : nil) else {
      draft.fault(at: entry.key, "`source` has no `url`", advice: "add `url:` with a file, URL or device")
      return nil
    }
    var source = url(address) ?? SourceConfiguration(url: "")
    if let entry = section["transport"] { source.transport = values.choice(entry) ?? source.transport }
    if let entry = section["hwaccel"] { source.hardware = values.choice(entry) ?? source.hardware }
    if let entry = section["threads"] {
      source.decodeThreads = values.whole(entry, 1...16) ?? source.decodeThreads
    }
    if let entry = section["timeout"] {
      source.timeout = values.duration(entry, .milliseconds(100) ... .seconds(600)) ?? source.timeout
    }
    if let entry = section["loop"] { source.loop = values.flag(entry) ?? false }
    if let entry = section["loop_filter"] { source.loopFilter = values.flag(entry) ?? source.loopFilter }
    if let entry = section["format"] { source.format = values.text(entry, takes: "a demuxer's name") }
    if let entry = section["options"] { source.options = options(entry) }
    return source
  }

  private func url(_ entry: Section.Entry) -> SourceConfiguration? {
    if isReplaced { return SourceConfiguration(url: "") }
    guard let text = values.text(entry, takes: "a file, a URL, a device, or `-`") else { return nil }
    guard let resolved = resolved(text, entry, asURL: true) else { return nil }
    let folder = Self.isRelativePath(text) ? draft.folder : ""
    return SourceConfiguration(url: folder + resolved, shownURL: Credentials.hidden(in: folder + text))
  }

  private func options(_ entry: Section.Entry) -> [String: String] {
    guard case .mapping = entry.value else {
      draft.fault(
        at: entry.value,
        "`options` takes a mapping of FFmpeg's option names to values; this is \(Values.described(entry.value))"
      )
      return [:]
    }
    var options: [String: String] = [:]
    for option in Section.entries(of: entry.value, document: document, draft: draft) {
      guard let text = values.text(option) else { continue }
      options[option.name] = resolved(text, option, asURL: false)
    }
    return options
  }

  private func resolved(_ text: String, _ entry: Section.Entry, asURL: Bool) -> String? {
    if isReplaced { return text }
    do {
      return try references.resolved(text, asURL: asURL)
    } catch {
      draft.fault(at: entry.value, error.what, advice: error.advice)
      return nil
    }
  }

  /// Whether it names a file from the pipeline's folder on: no absolute path, no scheme such as `rtsp:`
  /// or `lavfi:`, no standard input.
  static func isRelativePath(_ text: String) -> Bool {
    guard text != "-", !text.hasPrefix("/"), !text.hasPrefix("$") else { return false }
    let scheme = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    let isScheme =
      scheme.count >= 2 && scheme.first?.isLetter == true && text[scheme.endIndex...].hasPrefix(":")
    return !isScheme
  }
}

extension SourceConfiguration {
  /// What a user names on the command line, with nothing else said about it.
  package static func input(_ text: String) -> SourceConfiguration {
    SourceConfiguration(url: text, shownURL: Credentials.hidden(in: text))
  }

  /// Reads `input` instead. What describes the old address is dropped; what describes the decoding, the
  /// masks and the rotation stay.
  mutating func replace(with input: String) {
    url = input
    shownURL = Credentials.hidden(in: input)
    transport = .tcp
    format = nil
    options = [:]
    loop = false
  }
}
