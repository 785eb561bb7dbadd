import Base

/// How long a request may take. All from its start.
package struct ExchangeLimits: Hashable, Sendable {
  /// Connecting, TLS included.
  package var connect: Nanoseconds = .seconds(3)
  /// Until the first token: a picture of 640×352 takes 20 s to encode on two cores.
  package var firstToken: Nanoseconds = .seconds(60)
  package var total: Nanoseconds = .seconds(120)
  /// Once the answer is whole: what may still come is the count of tokens, after one more token, which takes a large model on a
  /// processor a second or two.
  package var afterAnswer: Nanoseconds = .seconds(5)
  package var health: Nanoseconds = .seconds(5)

  package init() {}
}
