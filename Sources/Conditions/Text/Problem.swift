/// What is wrong with the text of a condition.
package struct Problem: Error, Hashable, Sendable {
  /// The part that it is about, in Unicode scalars of the text.
  package var range: Range<Int>
  /// In one sentence without a full stop.
  package var what: String
  package var advice: String?

  package init(_ range: Range<Int>, _ what: String, advice: String? = nil) {
    self.range = range
    self.what = what
    self.advice = advice
  }
}
