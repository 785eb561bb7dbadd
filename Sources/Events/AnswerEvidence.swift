/// What a model was shown and what it took to answer; part of the `update` that tells the answer.
public struct AnswerEvidence: Hashable, Sendable {
  public struct Tokens: Hashable, Sendable {
    public var prompt: Int
    /// Of the prompt's, those that the server still knew from an earlier one; nil where it doesn't say.
    public var cached: Int?
    public var completion: Int

    public init(prompt: Int, cached: Int?, completion: Int) {
      self.prompt = prompt
      self.cached = cached
      self.completion = completion
    }
  }

  /// The question's name in the pipeline.
  public var question: String
  /// Of the frames that were shown, as records number them, and their media times in seconds.
  public var frames: [UInt64]
  public var times: [Double]
  /// Of whom it was asked; empty for the scene.
  public var objects: [UInt64]
  /// As the server calls it; nil when it was never asked.
  public var model: String?
  public var server: String?
  /// From the question to its end.
  public var latencyMilliseconds: Int64
  /// Nil where the server doesn't count.
  public var tokens: Tokens?
  /// How many questions shared the call; its tokens are those of all of them together.
  public var sharers: Int
  /// Why there is no answer; nil when there is one.
  public var cause: String?

  public init(
    question: String, frames: [UInt64] = [], times: [Double] = [], objects: [UInt64] = [],
    model: String? = nil, server: String? = nil, latencyMilliseconds: Int64 = 0, tokens: Tokens? = nil,
    sharers: Int = 1, cause: String? = nil
  ) {
    self.question = question
    self.frames = frames
    self.times = times
    self.objects = objects
    self.model = model
    self.server = server
    self.latencyMilliseconds = latencyMilliseconds
    self.tokens = tokens
    self.sharers = sharers
    self.cause = cause
  }
}
