/// Remembers pictures that servers failed of. Two strikes, and a picture isn't sent again. Bounded: the oldest are forgotten.
struct Quarantine {
  static let full = 2

  private let capacity: Int
  private var strikes: [Fingerprint: Int] = [:]
  private var order: [Fingerprint] = []

  init(capacity: Int) { self.capacity = max(1, capacity) }

  /// The first of these that must not be sent.
  func poison(in pictures: [Fingerprint]) -> Fingerprint? {
    strikes.isEmpty ? nil : pictures.first { strikes[$0, default: 0] >= Self.full }
  }

  /// Which of several pictures it was isn't known: all of them are blamed.
  mutating func blame(_ pictures: [Fingerprint], strikes count: Int) {
    for picture in Set(pictures) {
      if strikes[picture] == nil {
        order.append(picture)
        if order.count > capacity { strikes[order.removeFirst()] = nil }
      }
      strikes[picture, default: 0] += count
    }
  }

  /// A server answered about these: what they were suspected of was something else.
  mutating func acquit(_ pictures: [Fingerprint]) {
    guard !strikes.isEmpty else { return }
    for picture in pictures where strikes[picture] != nil {
      strikes[picture] = nil
      order.removeAll { $0 == picture }
    }
  }

  var count: Int { strikes.values.count { $0 >= Self.full } }
}
