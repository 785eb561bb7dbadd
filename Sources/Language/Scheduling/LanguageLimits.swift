import Base

/// What bounds the language core.
package struct LanguageLimits: Hashable, Sendable {
  package var exchange = ExchangeLimits()
  /// Questions that wait for a slot. When one more comes, the one that has waited longest is dropped: the newest event
  /// matters most.
  package var waiting = 32
  package var picturesPerQuestion = 16
  /// Of all pictures of one question together. With all places taken that bounds the core's memory, at 64 MB.
  package var bytesPerQuestion = 2 << 20
  /// Sends that failed on the way, of one question.
  package var failures = 2
  /// Further attempts after an answer that was none.
  package var retries = 1
  /// Between looks at a server that is up and has nothing to do.
  package var healthEvery: Nanoseconds = .seconds(30)
  /// Before a server that failed is looked at again: doubled from the first to the last.
  package var firstPause: Nanoseconds = .seconds(1)
  package var longestPause: Nanoseconds = .seconds(60)
  /// Pictures that are remembered as suspect; the oldest are forgotten.
  package var suspects = 1024

  package init() {}
}
