import Base

/// What a model wrote, and what that took.
package struct ChatResult: Hashable, Sendable {
  package var content = ""
  /// What the server told apart as thoughts.
  package var reasoning = ""
  /// As the server calls it; nil where it doesn't say.
  package var model: String?
  /// `stop`, `length`, …; nil when the stream was left before it said so.
  package var finish: String?
  /// As the server counted; nil where it didn't.
  package var promptTokens: Int?
  package var completionTokens: Int?
  /// How many of the prompt's tokens the server had computed before.
  package var cachedTokens: Int?
  /// From the start of the call, on the monotonic clock.
  package var firstToken: Nanoseconds?
  package var latency: Nanoseconds = 0

  package init() {}
}
