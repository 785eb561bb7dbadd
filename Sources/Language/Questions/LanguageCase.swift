import Base

/// One thing that a model is asked about: its pictures, what is known of it, and the question.
package struct LanguageCase: Hashable, Sendable {
  /// In the order of their times. Whoever asks has cropped and encoded them.
  package var pictures: [TimedPicture]
  /// What is known of this one event, such as `object 7 entered the zone "door"`; empty for nothing.
  package var context: String
  package var question: Question

  package init(pictures: [TimedPicture], context: String = "", question: Question) {
    self.pictures = pictures
    self.context = context
    self.question = question
  }
}
