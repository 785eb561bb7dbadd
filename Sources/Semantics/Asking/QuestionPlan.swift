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

  package init(
    name: String, kinds: Set<String> = ["object"], isOfScene: Bool = false, pictures: Int = 2,
    spread: Nanoseconds = .milliseconds(500), pause: Nanoseconds = .seconds(10), most: Int = 5,
    every: Nanoseconds? = nil
  ) {
    self.name = name
    self.kinds = kinds
    self.isOfScene = isOfScene
    self.pictures = pictures
    self.spread = spread
    self.pause = pause
    self.most = most
    self.every = every
  }
}

/// What is to be done for a question with the frame that was observed last.
package struct QuestionOrder: Hashable, Sendable {
  /// Names one asking of one question.
  package var ticket: UInt64
  package var question: Int
  /// A part of the upright picture, 0…1, to be shown, or all of it.
  package var part: Rect?
  /// False where the pictures taken before must do.
  package var takesPicture: Bool
  /// Nothing more will be shown: it can be asked.
  package var isComplete: Bool
  /// What is known of the event, for the model.
  package var context: String

  package init(
    ticket: UInt64, question: Int, part: Rect?, takesPicture: Bool, isComplete: Bool, context: String
  ) {
    self.ticket = ticket
    self.question = question
    self.part = part
    self.takesPicture = takesPicture
    self.isComplete = isComplete
    self.context = context
  }
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
  package var promptTokens: Int?
  package var cachedTokens: Int?
  package var completionTokens: Int?

  package init(
    ticket: UInt64, said: Said, frames: [UInt64] = [], times: [MediaTime] = [], model: String? = nil,
    server: String? = nil, latency: Nanoseconds = 0, promptTokens: Int? = nil, cachedTokens: Int? = nil,
    completionTokens: Int? = nil
  ) {
    self.ticket = ticket
    self.said = said
    self.frames = frames
    self.times = times
    self.model = model
    self.server = server
    self.latency = latency
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
    self.completionTokens = completionTokens
  }
}
