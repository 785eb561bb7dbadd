import Base
import Conditions
import Language
import Semantics
import Yams

/// Reads `questions`: what models are asked about events, by the name under which conditions know the answer.
struct QuestionsReader {
  private let draft: Draft
  private let document: Document
  private let values: Values

  static let keys = [
    "ask", "answer", "of", "about", "pictures", "spread", "pause", "most", "every", "deadline", "size",
    "unit",
    "range", "longest",
  ]
  private static let most = 32
  private enum About: String, CaseIterable { case object, scene }

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
    values = reader.values
  }

  func questions(_ entry: Section.Entry) -> [QuestionSetting] {
    Section.named(
      entry, takes: "a mapping of names to questions", most: Self.most, of: "questions",
      example: "helmet: {ask: is the person wearing a helmet?, of: intrusion}", document: document,
      draft: draft
    ).compactMap(question)
  }

  /// Whether each is asked about events that there are, and that fit: what an event is about, its condition says.
  func check(
    _ questions: [QuestionSetting], of entry: Section.Entry, against events: [EventSetting],
    _ calls: CallAllowance
  ) {
    // Once more for their places; what is wrong with them was told when they were read.
    let entries = Section.entries(
      of: entry.value, document: document, draft: Draft(path: draft.path, text: ""))
    for (index, setting) in questions.enumerated() {
      guard let own = entries.first(where: { $0.name == setting.plan.name }) else { continue }
      if let every = setting.plan.every?.inSeconds, every * calls.perSecond < 0.999 {
        draft.fault(
          at: own.key,
          "question `\(own.name)` is to be asked every \(Quantity.plain(every)) s, and models may be called only every "
            + "\(Quantity.plain(1 / calls.perSecond)) s",
          advice: "add `calls: \(Quantity.plain((60 / every).rounded(.up))) 1/min` to `language_model`")
      }
      for kind in setting.plan.kinds.sorted() where kind != "object" {
        guard let event = events.first(where: { $0.rule.name == kind }) else {
          if EventsReader.reserved.contains(kind) {
            if !setting.plan.isOfScene { needsScene(kind, own) }
            continue
          }
          let known = events.map(\.rule.name) + EventsReader.reserved.sorted()
          draft.fault(
            at: own.key, "question `\(own.name)` is asked of `\(kind)`, and there is no such kind of event",
            advice: NearestWord.find(kind, in: known).map { "did you mean `\($0)`?" }
              ?? "the kinds are `object`, `motion` and those under `events`")
          continue
        }
        if event.rule.condition.scope == .scene, !setting.plan.isOfScene { needsScene(kind, own) }
        if event.rule.condition.contains({
          if case .answer(question: index, _, _) = $0 { true } else { false }
        }) {
          draft.fault(
            at: own.key,
            "question `\(own.name)` is asked once `\(kind)` has begun, and that waits for its answer: neither ever happens",
            advice: "ask it of another kind of event, such as `object`")
        }
      }
    }
  }

  private func needsScene(_ kind: String, _ entry: Section.Entry) {
    draft.fault(
      at: entry.key, "question `\(entry.name)` is about objects, and `\(kind)` is an event of the scene",
      advice: "add `about: scene`")
  }

  private func question(_ entry: Section.Entry) -> QuestionSetting? {
    if let wrong = PipelineReader.wrongName(entry.name) {
      draft.fault(at: entry.key, "a question's name \(wrong)")
    }
    guard case .mapping = entry.value else {
      return values.text(entry, takes: "a question").flatMap { made(entry, $0, .yesNo) }.map {
        QuestionSetting(plan: QuestionPlan(name: entry.name), question: $0)
      }
    }
    let section = Section(
      entry.value, keys: Self.keys, elsewhere: PipelineReader.places(outside: "under `questions`"),
      document: document, draft: draft)
    guard let ask = section["ask"] else {
      draft.fault(
        at: entry.key, "question `\(entry.name)` has no `ask`", advice: "add `ask:` with its sentence")
      return nil
    }
    guard let text = values.text(ask, takes: "a question"), let form = form(section),
      let question = made(ask, text, form)
    else { return nil }
    var plan = QuestionPlan(name: entry.name)
    if let entry = section["of"] { plan.kinds = kinds(entry) }
    if let entry = section["about"] { plan.isOfScene = values.choice(entry, About.self) == .scene }
    if let entry = section["pictures"] { plan.pictures = values.whole(entry, 1...16) ?? plan.pictures }
    let times: ClosedRange<Nanoseconds> = .milliseconds(33) ... .seconds(86_400)
    if let entry = section["spread"] { plan.spread = values.duration(entry, times) ?? plan.spread }
    if let entry = section["pause"] { plan.pause = values.duration(entry, times) ?? plan.pause }
    if let entry = section["every"] { plan.every = values.duration(entry, .seconds(1) ... .seconds(86_400)) }
    if let entry = section["most"] { plan.most = values.whole(entry, 1...1_000_000) ?? plan.most }
    if let entry = section["deadline"] {
      plan.deadline = values.duration(entry, .seconds(1) ... .seconds(3600)) ?? plan.deadline
    }
    var setting = QuestionSetting(plan: plan, question: question)
    if let entry = section["size"] {
      setting.longestSide = values.whole(entry, 64...4096) ?? setting.longestSide
    }
    return setting
  }

  private func made(_ entry: Section.Entry, _ text: String, _ form: Question.Form) -> Question? {
    do throws(Fault) {
      return try Question(text, form)
    } catch {
      draft.fault(at: entry.value, error.what, cause: error.cause, advice: error.advice)
      return nil
    }
  }

  /// `yes/no`, `number`, `text`, or a list of words.
  private func form(_ section: Section) -> Question.Form? {
    let entry = section["answer"]
    if case .sequence(let list)? = entry?.value {
      return .choice(
        list.compactMap { node in
          if case .scalar(let scalar) = node { return scalar.string }
          draft.fault(at: node, "a choice is a word or a few; this is \(Values.described(node))")
          return nil
        })
    }
    let word = entry.map { values.text($0, takes: "how it is answered") ?? "" } ?? "yes/no"
    switch word {
    case "yes/no": break
    case "number": return number(section)
    case "text":
      return .text(
        longest: section["longest"].flatMap { values.whole($0, 1...Question.longestAnswer) } ?? 200)
    default:
      if let entry, !word.isEmpty {
        draft.fault(
          at: entry.value, "`answer` takes `yes/no`, `number`, `text` or a list of words; this is `\(word)`",
          advice: "write such as `answer: [red, green, blue]`")
      }
      return nil
    }
    for name in ["unit", "range", "longest"] {
      if let wrong = section[name] { draft.fault(at: wrong.key, "`\(name)` doesn't go with a yes or no") }
    }
    return .yesNo
  }

  private func number(_ section: Section) -> Question.Form {
    var range: ClosedRange<Double>?
    if let entry = section["range"] {
      let ends: [Double]
      if case .sequence(let list) = entry.value {
        ends = list.compactMap { node in
          if case .scalar(let scalar) = node { Notation.decimal(scalar.string) } else { nil }
        }
      } else {
        ends = []
      }
      if ends.count == 2, ends[0] < ends[1] {
        range = ends[0]...ends[1]
      } else {
        draft.fault(at: entry.value, "`range` takes the least and the greatest, such as `[0, 20]`")
      }
    }
    return .number(unit: section["unit"].flatMap { values.text($0, takes: "a unit") }, range: range)
  }

  private func kinds(_ entry: Section.Entry) -> Set<String> {
    if case .sequence(let list) = entry.value {
      return Set(
        list.compactMap { node in
          if case .scalar(let scalar) = node { return scalar.string }
          draft.fault(at: node, "`of` takes kinds of event; this is \(Values.described(node))")
          return nil
        })
    }
    return values.text(entry, takes: "a kind of event, or a list of them").map { [$0] } ?? []
  }
}
