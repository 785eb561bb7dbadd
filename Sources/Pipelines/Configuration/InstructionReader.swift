import Base
import Conditions
import Yams

/// Reads `instruction`: what is reported, in four layers.
struct InstructionReader {
  private let draft: Draft
  private let document: Document
  private let values: Values
  private let compiling: PipelineFiles.Compiling

  static let keys = Instruction.Layer.allCases.map(\.rawValue)

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
    values = reader.values
    compiling = reader.compiling
  }

  func read(_ entry: Section.Entry, _ vocabulary: Vocabulary, into pipeline: inout Pipeline) {
    pipeline.instruction = layers(entry, vocabulary, &pipeline)
  }

  private func layers(
    _ entry: Section.Entry, _ vocabulary: Vocabulary, _ pipeline: inout Pipeline
  ) -> Instruction.Layers {
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
      guard let entry = section[error.layer.rawValue] else { return layers }
      guard error.layer == .constraint, pipeline.languageModel?.compiles ?? false,
        let sentence = layers.constraint
      else {
        draft.fault(in: entry.value, error.problem)
        return layers
      }
      layers.constraint = compiled(sentence, entry, error.problem, vocabulary, &pipeline)
    }
    return layers
  }

  /// The condition that a model made of a sentence which the grammar refuses. Nil where there is none that fits: noted as
  /// a fault, or left to whoever compiles.
  private func compiled(
    _ sentence: String, _ entry: Section.Entry, _ problem: Problem, _ vocabulary: Vocabulary,
    _ pipeline: inout Pipeline
  ) -> String? {
    let kept: CompiledSentences.Entry?
    do throws(Fault) {
      kept = try CompiledSentences(beside: draft.path)[sentence]
    } catch {
      draft.fault(at: entry.value, error.what, cause: error.cause, advice: error.advice)
      return nil
    }
    let misfit = kept.flatMap { Self.problem(of: $0.condition, vocabulary) }
    if let kept, misfit == nil, compiling != .all {
      pipeline.compiled = kept
      return kept.condition
    }
    guard compiling == .none else {
      pipeline.uncompiled = sentence
      return nil
    }
    if let kept, let misfit {
      draft.fault(
        at: entry.value, "what this was compiled to, `\(kept.condition)`, fits no longer", cause: misfit.what,
        advice: "run `saccade compile --again \(draft.path)`")
    } else {
      let advice = "`saccade compile \(draft.path)` has the language model turn the sentence into a condition"
      draft.fault(in: entry.value, Problem(problem.range, problem.what, advice: advice))
    }
    return nil
  }

  private static func problem(of condition: String, _ vocabulary: Vocabulary) -> Problem? {
    do throws(Problem) {
      _ = try Instruction.read(condition, vocabulary)
      return nil
    } catch {
      return error
    }
  }
}
