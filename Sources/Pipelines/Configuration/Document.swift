import Base
import Yams

/// A YAML text, composed into nodes that know their places.
///
/// Yams gives up at the first key that stands twice in a mapping. So that the other faults are found
/// too, the first of the two is renamed, in a copy of the text, to a name of the same width that no
/// file holds, and the text is composed again.
struct Document {
  let root: Node?
  private var renamed: [String: String] = [:]

  /// Notes faults in `draft`; `root` is nil when the text is no YAML at all.
  init(_ text: String, draft: Draft) {
    var text = text
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    var root: Node?
    var spare: UInt32 = 0xE000
    attempts: while true {
      do {
        root = try Yams.compose(yaml: text, .basic, .default, .utf8)
        break
      } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
        guard spare < 0xE000 + 64, let key = duplicates.first,
          let stand = Unicode.Scalar(spare),
          let changed = Self.rename(key, at: Place(context.mark), in: text, to: stand)
        else {
          draft.fault(at: Place(context.mark), "`\(duplicates.first ?? "")` stands here twice")
          break attempts
        }
        spare += 1
        renamed[changed.name] = key
        text = changed.text
      } catch let error as YamlError {
        Self.note(error, in: draft)
        break
      } catch {
        draft.fault(at: Place.start, "the file is no YAML", cause: "\(error)")
        break
      }
    }
    self.root = root
  }

  /// The name that a key had in the file, if it was renamed because a later one has the same.
  func originalName(_ key: String) -> String? { renamed[key] }

  private static func rename(
    _ key: String, at place: Place, in text: String, to stand: Unicode.Scalar
  ) -> (text: String, name: String)? {
    var scalars = Array(text.unicodeScalars)
    let lines = Place.lines(of: scalars)
    guard lines.indices.contains(place.line - 1) else { return nil }
    var at = lines[place.line - 1].lowerBound + place.column - 1
    if at < scalars.count, scalars[at] == "\"" || scalars[at] == "'" { at += 1 }
    let old = Array(key.unicodeScalars)
    guard !old.isEmpty, at + old.count <= scalars.count, Array(scalars[at..<(at + old.count)]) == old
    else { return nil }
    let new = Array(repeating: stand, count: old.count)
    scalars.replaceSubrange(at..<(at + old.count), with: new)
    return (String(scalars: scalars), String(scalars: new))
  }

  private static func note(_ error: YamlError, in draft: Draft) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let advice = context.map { "\($0.text) at line \($0.mark.line)" }
      draft.fault(at: Place(mark), "the file is no YAML", cause: problem, advice: advice)
    case .reader(let problem, _, _, _):
      draft.fault(at: Place.start, "the file is no YAML", cause: problem)
    default:
      draft.fault(at: Place.start, "the file is no YAML", cause: "\(error)")
    }
  }
}
