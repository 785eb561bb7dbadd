import Base

/// One call: questions about pictures, with all that a model needs to answer them.
package struct LanguageAsk: Sendable {
  package var instruction: ChatInstruction
  /// At least one. Several share the call, and get their answers together or none of them.
  package var cases: [LanguageCase]
  /// An answer after this is of no use.
  package var deadline: MonotonicTime
  /// LoRA adapters by their number at the server, with their scale, where the server is a llama-server.
  package var adapters: [Int: Double]

  package init(
    instruction: ChatInstruction = ChatInstruction(), cases: [LanguageCase], deadline: MonotonicTime,
    adapters: [Int: Double] = [:]
  ) {
    precondition(!cases.isEmpty, "a call that asks nothing")
    self.instruction = instruction
    self.cases = cases
    self.deadline = deadline
    self.adapters = adapters
  }

  package init(
    instruction: ChatInstruction = ChatInstruction(), pictures: [TimedPicture], context: String = "",
    question: Question, deadline: MonotonicTime, adapters: [Int: Double] = [:]
  ) {
    self.init(
      instruction: instruction,
      cases: [LanguageCase(pictures: pictures, context: context, question: question)],
      deadline: deadline, adapters: adapters)
  }

  package var pictures: [TimedPicture] { cases.flatMap(\.pictures) }
}

/// What became of a call.
package struct LanguageReply: Sendable {
  package enum Verdict: Hashable, Sendable {
    /// One for each case, in their order.
    case answered([Answer])
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
