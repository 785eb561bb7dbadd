import Base

/// One question about pictures, with all that a model needs to answer it.
package struct LanguageAsk: Sendable {
  package var instruction: ChatInstruction
  /// In the order of their times. Whoever asks has cropped and encoded them.
  package var pictures: [TimedPicture]
  /// What is known of this one event; empty for nothing.
  package var context: String
  package var question: Question
  /// An answer after this is of no use.
  package var deadline: MonotonicTime
  /// LoRA adapters by their number at the server, with their scale, where the server is a llama-server.
  package var adapters: [Int: Double]

  package init(
    instruction: ChatInstruction = ChatInstruction(), pictures: [TimedPicture], context: String = "",
    question: Question, deadline: MonotonicTime, adapters: [Int: Double] = [:]
  ) {
    self.instruction = instruction
    self.pictures = pictures
    self.context = context
    self.question = question
    self.deadline = deadline
    self.adapters = adapters
  }
}

/// What became of a question.
package struct LanguageReply: Sendable {
  package enum Verdict: Hashable, Sendable {
    case answered(Answer)
    case unknown(UnknownReason)
  }

  package var ticket: LanguageTicket
  package var verdict: Verdict
  package var evidence: LanguageEvidence
}

/// What an answer rests on, and what it took.
package struct LanguageEvidence: Hashable, Sendable {
  /// Of the pictures that were shown.
  package var times: [MediaTime] = []
  package var pictures: [Fingerprint] = []
  /// The server's name in the configuration; nil when the question was never sent.
  package var server: String?
  /// As the server calls it, else as the configuration does.
  package var model: String?
  package var sends = 0
  /// From the question to its end.
  package var latency: Nanoseconds = 0
  /// Of the last request alone: until its first token, and in all.
  package var firstToken: Nanoseconds?
  package var exchange: Nanoseconds?
  /// Of the last request; nil where the server doesn't count.
  package var promptTokens: Int?
  package var cachedTokens: Int?
  package var completionTokens: Int?

  package init() {}
}
