import Base
import Conditions
import Yams

/// Reads `instruction`: what is reported, in four layers.
struct InstructionReader {
  private let draft: Draft
  private let document: Document
  private let values: Values

  static let keys = Instruction.Layer.allCases.map(\.rawValue)

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
    values = reader.values
  }

  func layers(_ entry: Section.Entry, _ vocabulary: Vocabulary) -> Instruction.Layers {
    var layers = Instruction.Layers()
    guard case .mapping = entry.value else {
      draft.fault(
        at: entry.value, "`instruction` takes a mapping of layers; this is \(Values.described(entry.value))",
        advice: "the layers are " + Self.keys.map { "`\($0)`" }.joined(separator: ", "))
      return layers
    }
    let section = Section(entry.value, keys: Self.keys, document: document, draft: draft)
    func text(_ layer: Instruction.Layer) -> String? {
      guard let entry = section[layer.rawValue] else { return nil }
      guard case .scalar(let scalar) = entry.value else {
        draft.fault(
          at: entry.value,
          "`\(layer.rawValue)` takes a sentence or a condition; this is \(Values.described(entry.value))")
        return nil
      }
      return scalar.string
    }
    layers.system = text(.system)
    layers.input = text(.input)
    layers.constraint = text(.constraint)
    layers.output = text(.output)
    do throws(Instruction.Refused) {
      _ = try Instruction(layers, vocabulary)
    } catch {
      if let entry = section[error.layer.rawValue] { draft.fault(in: entry.value, error.problem) }
    }
    return layers
  }
}
