import Base
import Conditions
import Media
import Semantics
import Vision
import Yams

/// Turns one pipeline file's nodes into a `Pipeline`.
struct PipelineReader {
  let draft: Draft
  let document: Document
  let values: Values
  let references: References
  /// What the user gave in place of the file's `source`.
  let input: String?
  let compiling: PipelineFiles.Compiling

  static let keys = [
    "name", "source", "rate", "rotate", "loop", "start", "masks", "zones", "lines", "scale", "language",
    "events", "instruction", "encoder", "detector", "questions", "language_model", "signal_lost",
    "socket", "sweep",
  ]
  static let encoderKeys = ["minimum_object", "sensitivity", "budget", "economy"]

  init(
    _ text: String, draft: Draft, environment: [String: String], input: String?,
    compiling: PipelineFiles.Compiling = .none
  ) {
    self.compiling = compiling
    self.draft = draft
    document = Document(text, draft: draft)
    values = Values(draft: draft)
    self.input = input
    references = References(environment: environment, folder: draft.folder)
  }

  /// Nil, with faults noted in the draft, when the file is no pipeline.
  func pipeline() -> Pipeline? {
    guard let root = document.root else {
      guard let input, draft.faults.isEmpty else {
        if draft.faults.isEmpty { noSource(at: Place.start) }
        return nil
      }
      var pipeline = Pipeline(name: nameOfFile() ?? "", source: .input(input))
      pipeline.file = draft.path
      return pipeline
    }
    guard case .mapping = root else {
      draft.fault(
        at: root, "a pipeline is a mapping of keys", cause: "this is \(Values.described(root))",
        advice: "the least that works is `source: PATH-OR-URL`")
      return nil
    }
    let section = Section(
      root, keys: Self.keys, elsewhere: Self.places(outside: "at the top"), document: document, draft: draft)
    let name = section["name"].map(readName) ?? nameOfFile()
    let source = section["source"].flatMap { SourceReader(self).source($0) }
    if section["source"] == nil, input == nil { noSource(at: section.place) }

    var pipeline = Pipeline(name: name ?? "", source: source ?? SourceConfiguration(url: ""))
    if let input { pipeline.source.replace(with: input) }
    pipeline.file = draft.path
    if let entry = section["rate"] {
      pipeline.rate = values.whole(entry, 1...120, unit: " of records a second") ?? pipeline.rate
    }
    if let entry = section["rotate"] { pipeline.source.rotation = rotation(entry) }
    if let entry = section["loop"], input == nil { loop(entry, &pipeline) }
    if let entry = section["start"] { pipeline.start = start(entry) }
    let polygons = PolygonReader(self)
    if let entry = section["masks"] { pipeline.source.masks = polygons.masks(entry) }
    let places = PlacesReader(self)
    if let entry = section["zones"] { pipeline.setting.zones = places.zones(entry) }
    if let entry = section["lines"] { pipeline.setting.lines = places.lines(entry) }
    if let entry = section["scale"] { pipeline.setting.scale = places.scale(entry) }
    if let entry = section["sweep"] {
      pipeline.sweep = SweepReader(self).plan(entry)
      for name in SweepReader.notForSweeps {
        guard let entry = section[name] else { continue }
        draft.fault(
          at: entry.key, "`\(name)` is for cameras, and this pipeline has a `sweep`",
          advice: "what of a sweep is reported, `instruction` says")
      }
    }
    if let entry = section["detector"] {
      pipeline.detector = DetectorReader(self).detector(entry)
      // What a model knows is only known once it is loaded.
      pipeline.setting.labels = nil
    }
    if let entry = section["language"] { pipeline.tongue = values.choice(entry) ?? .en }
    if let entry = section["language_model"] {
      pipeline.languageModel = LanguageModelReader(self).model(entry)
    }
    if let entry = section["questions"] {
      pipeline.questions = QuestionsReader(self).questions(entry)
      pipeline.setting.questions = pipeline.questions.map(\.asked)
      if section["language_model"] == nil {
        draft.fault(
          at: entry.key, "`questions` are asked, and nobody is there to answer",
          advice: "add `language_model:` with a server's address, such as http://127.0.0.1:8080")
      }
    }
    if let entry = section["events"] {
      // A scale that was written wrong is not also missing.
      var vocabulary = pipeline.vocabulary
      vocabulary.hasScale = section["scale"] != nil
      pipeline.events = EventsReader(self, vocabulary).events(entry)
    }
    if let entry = section["questions"] {
      QuestionsReader(self).check(
        pipeline.questions, of: entry, against: pipeline.events, pipeline.languageModel?.calls ?? .usual)
    }
    if let entry = section["instruction"] {
      var vocabulary = pipeline.vocabulary
      if pipeline.sweep == nil { vocabulary.hasScale = section["scale"] != nil }
      InstructionReader(self).read(entry, vocabulary, into: &pipeline)
    }
    if let entry = section["encoder"] { pipeline.encoder = encoder(entry) }
    if let entry = section["signal_lost"] {
      pipeline.signalLostAfter =
        values.duration(entry, .milliseconds(200) ... .seconds(3600)) ?? pipeline.signalLostAfter
    }
    if let entry = section["socket"] { pipeline.socket = socket(entry) }
    return draft.faults.isEmpty ? pipeline : nil
  }

  /// Where each key may stand, but for those of `place`.
  static func places(outside place: String) -> [String: String] {
    var places: [String: String] = [:]
    for (names, where_) in [
      (SweepReader.keys, "under `sweep`"), (DetectorReader.keys, "under `detector`"),
      (QuestionsReader.keys, "under `questions`"), (LanguageModelReader.keys, "under `language_model`"),
      (encoderKeys, "under `encoder`"),
      (SourceReader.keys, "under `source`"), (keys, "at the top"),
    ] where where_ != place {
      for name in names { places[name] = where_ }
    }
    return places
  }

  private func noSource(at place: Place) {
    draft.fault(
      at: place, "no `source`", advice: "add `source:` with a file, a URL or a device, such as /dev/video0")
  }

  private func readName(_ entry: Section.Entry) -> String? {
    guard let name = values.text(entry, takes: "a name") else { return nil }
    if let wrong = Self.wrongName(name) {
      draft.fault(at: entry.value, "`name` \(wrong)")
      return nil
    }
    return name
  }

  private func nameOfFile() -> String? {
    var name = draft.path.split(separator: "/").last.map(String.init) ?? draft.path
    for ending in [".yaml", ".yml"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
    if let wrong = Self.wrongName(name) {
      draft.fault(
        at: Place.start, "the file's name `\(name)` can't name the stream: it \(wrong)",
        advice: "add `name:`, or rename the file")
      return nil
    }
    return name
  }

  /// Why a stream or zone can't bear this name; nil when it can. Names stand in event ids, in requests
  /// and in shell commands.
  static func wrongName(_ name: String) -> String? {
    guard name.utf8.count <= 64 else { return "is longer than 64 bytes" }
    guard name.first.map({ $0.isLetter || $0.isNumber }) ?? false,
      name.allSatisfy({ $0.isLetter || $0.isNumber || "_-.".contains($0) })
    else { return "may hold letters, digits, `_`, `-` and `.`, and begins with a letter or digit" }
    return nil
  }

  private func rotation(_ entry: Section.Entry) -> Rotation? {
    if case .scalar(let scalar) = entry.value {
      if scalar.string == "auto" { return nil }
      if let turn = Int(scalar.string).flatMap(Rotation.init(rawValue:)) { return turn }
    }
    draft.fault(
      at: entry.value,
      "`rotate` takes `auto`, 0, 90, 180 or 270 (degrees clockwise); this is \(Values.described(entry.value))"
    )
    return nil
  }

  private func loop(_ entry: Section.Entry, _ pipeline: inout Pipeline) {
    guard let loop = values.flag(entry) else { return }
    if pipeline.source.loop, !loop {
      draft.fault(at: entry.key, "`loop` is false here and true under `source`", advice: "leave one out")
    }
    pipeline.source.loop = loop
  }

  private func start(_ entry: Section.Entry) -> WallTime? {
    let what = "a time with its zone, such as `2026-11-23T13:45:20Z`"
    guard let text = values.text(entry, takes: what) else { return nil }
    guard let time = WallTime(rfc3339: text) else {
      draft.fault(at: entry.value, "`start` takes \(what); this is `\(text)`")
      return nil
    }
    return time
  }

  private func encoder(_ entry: Section.Entry) -> EncoderConfiguration {
    var encoder = EncoderConfiguration()
    guard case .mapping = entry.value else {
      draft.fault(
        at: entry.value, "`encoder` takes a mapping of keys; this is \(Values.described(entry.value))",
        advice: "the keys are " + Self.encoderKeys.map { "`\($0)`" }.joined(separator: ", "))
      return encoder
    }
    let section = Section(
      entry.value, keys: Self.encoderKeys, elsewhere: Self.places(outside: "under `encoder`"),
      document: document, draft: draft)
    if let entry = section["minimum_object"] { minimumObject(entry, &encoder) }
    if let entry = section["sensitivity"] {
      encoder.sensitivity = values.number(entry, 0...1) ?? encoder.sensitivity
    }
    if let entry = section["budget"] { encoder.budget = values.share(entry, 1...100) }
    if let entry = section["economy"] { encoder.economy = values.flag(entry) ?? encoder.economy }
    return encoder
  }

  private func minimumObject(_ entry: Section.Entry, _ encoder: inout EncoderConfiguration) {
    let what = "a size such as `24 px`, or `3 %` of the picture's height"
    guard let (value, unit) = values.quantity(entry, takes: what, units: ["px", "%"]) else { return }
    switch unit {
    case "%" where (0.5...100).contains(value):
      encoder.minimumObject = Notation.share(percent: value)
    case "px" where (4...4320).contains(value) && value == value.rounded():
      encoder.minimumObjectPixels = Int(value)
    default:
      draft.fault(
        at: entry.value, "`minimum_object` takes 4 px to 4320 px, in whole pixels, or 0.5 % to 100 %")
    }
  }

  private func socket(_ entry: Section.Entry) -> String? {
    guard let path = values.text(entry, takes: "a path") else { return nil }
    let full = path.hasPrefix("/") ? path : draft.folder + path
    // sockaddr_un holds 108 bytes with the closing zero.
    guard full.utf8.count <= 107 else {
      draft.fault(at: entry.value, "`socket` takes a path of at most 107 bytes; this has \(full.utf8.count)")
      return nil
    }
    return full
  }
}
