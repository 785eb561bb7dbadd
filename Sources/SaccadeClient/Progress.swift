import Events

/// What a subscriber has had of each stream, so that it can go on after a disconnection without losing a
/// record or getting one twice.
struct Progress {
  private struct Place {
    var epoch: String
    /// Every frame record, and every event, up to this seq was delivered or told as lost.
    var frames: UInt64
    var events: UInt64
  }

  private var places: [String: Place] = [:]
  private let wantsFrames: Bool
  private let wantsEvents: Bool

  init(_ subscription: Subscription) {
    wantsFrames = subscription.types?.contains(.frame) ?? true
    wantsEvents = subscription.types?.contains(.event) ?? true
  }

  /// Starts where the server says that the subscription starts.
  mutating func start(_ positions: [StreamPosition]) {
    for position in positions {
      if let known = places[position.stream], known.epoch == position.epoch { continue }
      places[position.stream] = Place(
        epoch: position.epoch, frames: position.fromSeq - 1, events: position.fromSeq - 1)
    }
  }

  mutating func note(_ notice: StreamNotice) {
    let entry = notice.entry
    guard places[entry.name]?.epoch != entry.epoch else { return }
    places[entry.name] = Place(epoch: entry.epoch, frames: entry.nextSeq - 1, events: entry.nextSeq - 1)
  }

  /// Notes a record as delivered. False when it, or word of its loss, was delivered before.
  mutating func take(_ type: RecordType, stream: String, seq: UInt64) -> Bool {
    guard var place = places[stream] else { return true }
    let isNew = seq > (type == .frame ? place.frames : place.events)
    // A seq is used once, and what precedes a record is settled for both types.
    place.frames = max(place.frames, seq)
    place.events = max(place.events, seq)
    places[stream] = place
    return isNew
  }

  /// Notes a loss as told. False when all of it was told before.
  mutating func take(_ gap: Gap) -> Bool {
    guard var place = places[gap.stream], place.epoch == gap.epoch else { return true }
    let old = place
    place.frames = max(place.frames, gap.types.contains(.frame) ? gap.toSeq : gap.fromSeq - 1)
    place.events = max(place.events, gap.types.contains(.event) ? gap.toSeq : gap.fromSeq - 1)
    places[gap.stream] = place
    return (gap.types.contains(.frame) && gap.toSeq > old.frames)
      || (gap.types.contains(.event) && gap.toSeq > old.events)
  }

  /// Where to go on at a server that said this hello; nil when nothing was had yet. A stream that has begun
  /// again is taken from the oldest that it holds.
  func resumption(_ streams: [StreamEntry]) -> [Subscription.Position]? {
    guard !places.isEmpty else { return nil }
    return streams.compactMap { entry in
      guard let place = places[entry.name] else {
        // New since: from its beginning, as it would have come.
        return Subscription.Position(stream: entry.name, epoch: entry.epoch, seq: entry.oldestSeq)
      }
      guard place.epoch == entry.epoch else {
        return Subscription.Position(stream: entry.name, epoch: entry.epoch, seq: entry.oldestSeq)
      }
      let had =
        switch (wantsFrames, wantsEvents) {
        case (true, true): min(place.frames, place.events)
        case (true, false): place.frames
        default: place.events
        }
      return Subscription.Position(
        stream: entry.name, epoch: entry.epoch, seq: min(had + 1, entry.nextSeq))
    }
  }
}
