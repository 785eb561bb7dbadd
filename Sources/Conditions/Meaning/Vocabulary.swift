import Base

/// What a condition may speak of: the places and possibilities of one pipeline.
package struct Vocabulary: Sendable {
  package var domain: Domain
  /// Names in the order of their numbers.
  package var zones: [String]
  package var lines: [String]
  /// Lengths in metres are known: a camera's pipeline has a `scale`, a sweep has its spacing.
  package var hasScale: Bool
  /// The words that objects are labelled with; nil where they aren't known beforehand.
  package var labels: [String]?
  /// In the order of their numbers.
  package var questions: [AskedQuestion]
  /// Facts that there are not here, and why.
  package var missing: [String: String]

  package init(
    domain: Domain = .camera, zones: [String] = [], lines: [String] = [], hasScale: Bool = false,
    labels: [String]? = ["moving"], questions: [AskedQuestion] = [], missing: [String: String] = [:]
  ) {
    self.domain = domain
    self.zones = zones
    self.lines = lines
    self.hasScale = hasScale
    self.labels = labels
    self.questions = questions
    self.missing = missing
  }

  /// The kinds that objects with these labels can be of.
  package var kinds: [String]? {
    guard domain == .camera, let labels else { return WordFact.kind.words(in: domain) }
    let possible = Set(labels.map(Self.kind))
    return WordFact.kind.words(in: domain)?.filter(possible.contains)
  }

  /// The kind of thing that a label of the usual detectors (COCO's 80 classes) names.
  package static func kind(of label: String) -> String {
    switch label {
    case "person", "pedestrian", "face", "child", "man", "woman": "person"
    case "car", "truck", "bus", "motorcycle", "motorbike", "bicycle", "train", "van", "boat", "airplane",
      "aeroplane", "vehicle", "license_plate":
      "vehicle"
    case "dog", "cat", "bird", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "deer", "fox",
      "animal":
      "animal"
    default: "object"
    }
  }
}
