import Base

// Questions to models.
extension SemanticParser {
  /// What is to be done for questions with the frame that was observed last. Answers go to `take`, whenever they come.
  package mutating func questionOrders() -> QuestionOrders {
    guard let newestFrame, questioning.isBusy else { return QuestionOrders() }
    var boxes: [UInt64: Rect] = [:]
    for track in tracker.believed { boxes[track.id] = tracker.toPicture(track.box) }
    for thing in labelling?.standing ?? [] { boxes[thing.id] = thing.box }
    return questioning.orders(at: newestFrame) { boxes[$0] }
  }

  /// At the end of a recording: what is still to be asked, with the pictures that there are.
  package mutating func closeQuestions() -> QuestionOrders {
    newestFrame.map { questioning.close(at: $0) } ?? QuestionOrders()
  }

  /// Takes in how an asking ended.
  package mutating func take(_ answer: QuestionAnswer) { questioning.take(answer, ledger: &ledger) }
}
