import Base
import Events
import Glibc

/// Sentences that a language model turned into conditions, in a file beside the pipeline's: `lobby.yaml` has
/// `lobby.compiled.json`. Only `saccade compile` writes it, so that what was compiled never changes by itself.
package struct CompiledSentences: Sendable {
  package struct Entry: Hashable, Sendable {
    package var sentence: String
    /// In the event language.
    package var condition: String
    /// Which model it was, as its server calls it.
    package var model: String

    package init(sentence: String, condition: String, model: String) {
      self.sentence = sentence
      self.condition = condition
      self.model = model
    }
  }

  package private(set) var entries: [Entry] = []
  package let path: String

  private static let longest = 1 << 20

  /// - Parameter pipeline: The path of a pipeline's file. Blocks on the disk. A file that isn't there has no sentences.
  package init(beside pipeline: String) throws(Fault) {
    var stem = pipeline
    for ending in [".yaml", ".yml"] where stem.hasSuffix(ending) { stem.removeLast(ending.count) }
    path = stem + ".compiled.json"
    guard let text = try TextFile.readIfThere(path, limit: Self.longest) else { return }
    let json: JSON
    do throws(JSONReader.Failure) { json = try JSONReader.read(text.utf8) } catch {
      throw Self.wrong(path, "\(error)")
    }
    guard let items = json["compiled"]?.items else { throw Self.wrong(path, "it has no list `compiled`") }
    for item in items {
      guard let sentence = item["sentence"]?.text, let condition = item["condition"]?.text else {
        throw Self.wrong(path, "an entry has no `sentence` or no `condition`")
      }
      entries.append(Entry(sentence: sentence, condition: condition, model: item["model"]?.text ?? ""))
    }
  }

  package subscript(sentence: String) -> Entry? { entries.first { $0.sentence == sentence } }

  /// Adds one, or replaces what there was for its sentence, and writes the file: whole, or as it was.
  package mutating func keep(_ entry: Entry) throws(Fault) {
    entries.removeAll { $0.sentence == entry.sentence }
    entries.append(entry)
    let lines = entries.map { entry in
      JSON.object([
        .init("sentence", .text(entry.sentence)), .init("condition", .text(entry.condition)),
        .init("model", .text(entry.model)),
      ]).description
    }
    let text = "{\"compiled\":[\n  \(lines.joined(separator: ",\n  "))\n]}\n"
    let unfinished = path + ".part"
    guard let file = fopen(unfinished, "we") else { throw Self.cannotWrite(path) }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten, rename(unfinished, path) == 0 else {
      let fault = Self.cannotWrite(path)
      unlink(unfinished)
      throw fault
    }
  }

  private static func wrong(_ path: String, _ cause: String) -> Fault {
    Fault(
      .configuration, "the compiled sentences can't be read", at: path, cause: cause,
      advice: "delete the file and run `saccade compile` again")
  }

  private static func cannotWrite(_ path: String) -> Fault {
    Fault(
      .cannotCreate, "can't write the compiled sentences", at: path, cause: String(cString: strerror(errno)),
      advice: "check that the folder may be written to")
  }
}
