import Base

/// When a question is asked about events, and of what. What its words are and who answers is known elsewhere.
package struct QuestionPlan: Hashable, Sendable {
  package var name: String
  /// The kinds of event that it is asked about.
  package var kinds: Set<String>
  /// It is about the whole picture; else about the event's objects, and shows them alone.
  package var isOfScene: Bool
  /// How many pictures are shown, and the least time between two.
  package var pictures: Int
  package var spread: Nanoseconds
  /// The least time between two askings about one event, and how many there are at most.
  package var pause: Nanoseconds
  package var most: Int
  /// Asked again after so long even when the event takes no turn; nil for at turns alone.
  package var every: Nanoseconds?
  /// What has waited longer for a call isn't asked any more.
  package var deadline: Nanoseconds

  package init(
    name: String, kinds: Set<String> = ["object"], isOfScene: Bool = false, pictures: Int = 2,
    spread: Nanoseconds = .milliseconds(500), pause: Nanoseconds = .seconds(10), most: Int = 5,
    every: Nanoseconds? = nil, deadline: Nanoseconds = .seconds(60)
  ) {
    self.name = name
    self.kinds = kinds
    self.isOfScene = isOfScene
    self.pictures = pictures
    self.spread = spread
    self.pause = pause
    self.most = most
    self.every = every
    self.deadline = deadline
  }
}

/// How often a stream may call a model. What is asked while it may not waits, and shares the next call.
package struct CallAllowance: Hashable, Sendable {
  package var perSecond: Double

  /// A thirtieth of what asking every second takes.
  package static let usual = CallAllowance(perSecond: 1.0 / 30)

  /// Calls that are saved up while there is nothing to ask: those of a minute.
  package var mostSaved: Double { max(1, perSecond * 60) }

  package init(perSecond: Double) { self.perSecond = perSecond }
}

/// What is to be done for questions with the frame that was observed last.
package struct QuestionOrders: Hashable, Sendable {
  /// The frame, or a part of it, is to be shown.
  package struct Picture: Hashable, Sendable {
    /// Names one asking of one question.
    package var ticket: UInt64
    package var question: Int
    /// A part of the upright picture, 0…1, or all of it.
    package var part: Rect?
  }

  /// One asking in a call. Its pictures were ordered before.
  package struct Case: Hashable, Sendable {
    package var ticket: UInt64
    package var question: Int
    /// What is known of the event, for the model.
    package var context: String
    /// Since it was to be asked, on the media clock.
    package var waited: Nanoseconds

    package init(ticket: UInt64, question: Int, context: String, waited: Nanoseconds) {
      self.ticket = ticket
      self.question = question
      self.context = context
      self.waited = waited
    }
  }

  package var pictures: [Picture] = []
  /// To be made after the pictures are taken. None is empty.
  package var calls: [[Case]] = []
  /// Won't be asked: their pictures can go.
  package var dropped: [UInt64] = []

  package init() {}

  package var isEmpty: Bool { pictures.isEmpty && calls.isEmpty && dropped.isEmpty }
}

/// How an asking ended.
package struct QuestionAnswer: Hashable, Sendable {
  package enum Said: Hashable, Sendable {
    /// One of the question's words, by its place among them, as the language takes it.
    case word(Int, String)
    case number(Double)
    case text(String)
    /// There is no answer, for a reason in one word.
    case nothing(String)
  }

  package var ticket: UInt64
  package var said: Said
  /// Of the frames that were shown.
  package var frames: [UInt64]
  package var times: [MediaTime]
  package var model: String?
  package var server: String?
  package var latency: Nanoseconds
  /// How many askings shared the call; its tokens are those of all of them together.
  package var sharers: Int
  package var promptTokens: Int?
  package var cachedTokens: Int?
  package var completionTokens: Int?

  package init(
    ticket: UInt64, said: Said, frames: [UInt64] = [], times: [MediaTime] = [], model: String? = nil,
    server: String? = nil, latency: Nanoseconds = 0, sharers: Int = 1,
    promptTokens: Int? = nil, cachedTokens: Int? = nil, completionTokens: Int? = nil
  ) {
    self.ticket = ticket
    self.said = said
    self.frames = frames
    self.times = times
    self.model = model
    self.server = server
    self.latency = latency
    self.sharers = sharers
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
    self.completionTokens = completionTokens
  }
}
