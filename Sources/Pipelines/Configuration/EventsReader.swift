import Base
import Conditions
import Semantics
import Yams

/// Reads `events`: what is looked for, by the kind that its events bear.
struct EventsReader {
  private let draft: Draft
  private let document: Document
  private let values: Values
  private let references: References
  private let vocabulary: Vocabulary
  private static let hookKeys = ["exec", "http"]
  private static let mostHooks = 8

  static let keys = ["when", "text", "cooldown", "active", "on_event"]
  private static let most = 200
  /// What Saccade tells by itself.
  static let reserved: Set<String> = [
    "object", "motion", "frozen", "dark", "bright", "covered", "defocused", "moved", "signal_lost",
    "mode_change",
    "light_change", "warning", "slices_missing", "journal_failed", "model_failed",
  ]

  init(_ reader: PipelineReader, _ vocabulary: Vocabulary) {
    draft = reader.draft
    document = reader.document
    values = reader.values
    references = reader.references
    self.vocabulary = vocabulary
  }

  func events(_ entry: Section.Entry) -> [EventSetting] {
    Section.named(
      entry, takes: "a mapping of kinds to conditions", most: Self.most, of: "kinds",
      example: "loitering: object in door for 10 s", document: document, draft: draft
    ).compactMap(event)
  }

  private func event(_ entry: Section.Entry) -> EventSetting? {
    if let wrong = PipelineReader.wrongName(entry.name) {
      draft.fault(at: entry.key, "an event's kind \(wrong)")
    }
    if Self.reserved.contains(entry.name) {
      draft.fault(
        at: entry.key, "`\(entry.name)` is a kind of event that there is already",
        advice: "give this one a name of its own")
    }
    guard case .mapping = entry.value else {
      return condition(entry).map { EventSetting(rule: EventRule(name: entry.name, condition: $0)) }
    }
    let section = Section(entry.value, keys: Self.keys, document: document, draft: draft)
    guard let when = section["when"] else {
      draft.fault(
        at: entry.key, "event `\(entry.name)` has no `when`", advice: "add `when:` with its condition")
      return nil
    }
    guard let condition = condition(when) else { return nil }
    var setting = EventSetting(rule: EventRule(name: entry.name, condition: condition))
    if let entry = section["cooldown"] {
      setting.rule.cooldown = values.duration(entry, .milliseconds(1) ... .seconds(31 * 86400)) ?? 0
    }
    if let entry = section["active"] { setting.rule.hours = hours(entry) }
    if let entry = section["text"], let text = values.text(entry, takes: "a sentence") {
      setting.template = noting(entry) { () throws(Problem) in
        try SentenceTemplate(text, names: condition.attributeNames(vocabulary.questions))
      }
    }
    if let entry = section["on_event"] { setting.hooks = hooks(entry) }
    return setting
  }

  private func hooks(_ entry: Section.Entry) -> [Hook] {
    guard case .sequence(let list) = entry.value, list.count <= Self.mostHooks else {
      draft.fault(
        at: entry.value,
        "`on_event` takes a list of at most \(Self.mostHooks) commands and addresses; this is \(Values.described(entry.value))",
        advice: "write it such as `- exec: COMMAND` or `- http: URL`")
      return []
    }
    return list.compactMap { node in
      guard case .mapping = node else {
        draft.fault(
          at: node,
          "an entry of `on_event` is `exec: COMMAND` or `http: URL`; this is \(Values.described(node))")
        return nil
      }
      let section = Section(node, keys: Self.hookKeys, document: document, draft: draft)
      switch (section["exec"], section["http"]) {
      case (let command?, nil): return values.text(command, takes: "a shell command").map { .command($0) }
      case (nil, let address?): return hook(address)
      default:
        draft.fault(at: node, "an entry of `on_event` has one of `exec` and `http`")
        return nil
      }
    }
  }

  private func hook(_ entry: Section.Entry) -> Hook? {
    guard let text = values.text(entry, takes: "an address") else { return nil }
    guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
      draft.fault(
        at: entry.value, "`http` takes an address that begins with http:// or https://; this is `\(text)`")
      return nil
    }
    do {
      return .address(try references.resolved(text, asURL: true))
    } catch {
      draft.fault(at: entry.value, error.what, advice: error.advice)
      return nil
    }
  }

  private func condition(_ entry: Section.Entry) -> Condition? {
    guard case .scalar(let scalar) = entry.value else {
      draft.fault(at: entry.value, "a condition is a text; this is \(Values.described(entry.value))")
      return nil
    }
    return noting(entry) { () throws(Problem) in try ConditionParser.read(scalar.string, vocabulary) }
  }

  /// Nil, with the problem noted at its place in the file, where `read` throws one.
  private func noting<T>(_ entry: Section.Entry, _ read: () throws(Problem) -> T) -> T? {
    do {
      return try read()
    } catch {
      draft.fault(in: entry.value, error)
      return nil
    }
  }

  // MARK: - Active hours

  private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

  /// `22:00-06:00`, `mon-fri 08:00-18:00`, `sat,sun`, each with `UTC` or `+08:00` at the end where the machine's own
  /// time is not meant.
  private func hours(_ entry: Section.Entry) -> ActiveHours? {
    let what = "hours such as `22:00-06:00` or `mon-fri 08:00-18:00 UTC`"
    guard let text = values.text(entry, takes: what) else { return nil }
    var hours = ActiveHours(from: 0, to: 0)
    for word in text.lowercased().split(separator: " ") {
      if let days = Self.days(word) {
        hours.days = days
      } else if let (from, to) = Self.range(word) {
        (hours.from, hours.to) = (from, to)
      } else if let offset = Self.offset(word) {
        hours.offset = offset
      } else {
        draft.fault(at: entry.value, "`active` takes \(what); `\(word)` is none of that")
        return nil
      }
    }
    return hours
  }

  private static func days(_ word: Substring) -> UInt8? {
    var mask: UInt8 = 0
    for part in word.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { end in
        days.firstIndex(of: String(end))
      }
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil else { return nil }
      var day = first
      mask |= 1 << UInt8(day)
      while day != last {
        day = (day + 1) % 7
        mask |= 1 << UInt8(day)
      }
    }
    return mask
  }

  private static func range(_ word: Substring) -> (Int, Int)? {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { minutes($0, most: 1440) }
    guard ends.count == 2, let from = ends[0], let to = ends[1], from < 1440 else { return nil }
    return (from, to)
  }

  private static func minutes(_ word: Substring, most: Int) -> Int? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { ("0"..."9").contains($0) } }),
      let hours = Int(parts[0]), let minutes = Int(parts[1]), minutes < 60, hours * 60 + minutes <= most
    else { return nil }
    return hours * 60 + minutes
  }

  private static func offset(_ word: Substring) -> Int? {
    if word == "utc" || word == "z" { return 0 }
    guard let sign = word.first, sign == "+" || sign == "-",
      let offset = minutes(word.dropFirst(), most: 14 * 60)
    else { return nil }
    return sign == "-" ? -offset : offset
  }
}
