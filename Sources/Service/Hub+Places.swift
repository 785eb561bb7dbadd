import Events

/// Where a subscription starts in one stream.
struct SubscriptionPlace {
  var stream: ServedStream
  var from: UInt64
  var sieve: Sieve?
  /// What the archive knows of the start; nil where memory reaches back so far.
  var archived: ArchivePlace?
}

extension Hub {
  /// What the archive has found, by the streams' names; a nil where it can't be read.
  typealias Found = [String: ArchivePlace?]

  /// The places at which a subscription starts, or why it can't. Where `unknown` comes back full, the archive is to be
  /// asked for these first.
  func places(
    for subscription: Subscription, found: Found = [:]
  ) throws(Refusal) -> (places: [SubscriptionPlace], unknown: [ArchivePlaceRequest]) {
    let positions = try positions(of: subscription)
    let names = subscription.streams.map(Set.init)
    var places: [SubscriptionPlace] = []
    var unknown: [ArchivePlaceRequest] = []
    for stream in served where names?.contains(stream.name) ?? true {
      let log = stream.log
      let sieve = try Sieve.make(subscription, log)
      var place = SubscriptionPlace(stream: stream, from: log.nextSeq, sieve: sieve)
      switch subscription.from {
      case .live: break
      case .oldest: place.from = log.oldestSeq
      case .time(let time): place.from = log.seq(at: time)
      case .positions: place.from = positions[stream.name] ?? log.nextSeq
      }
      if let start = archivedStart(of: subscription, place) {
        if let answer = found[stream.name] {
          if let answer {
            place.archived = answer
            place.from = answer.from
          }
        } else {
          unknown.append(
            ArchivePlaceRequest(stream: stream.name, epoch: stream.epoch, start: start, end: log.oldestSeq))
        }
      }
      if place.archived == nil { sieve?.warmUp(before: place.from) }
      places.append(place)
    }
    return (places, unknown)
  }

  /// Nil where the subscription begins with what is in memory, or the archive is of no use.
  private func archivedStart(
    of subscription: Subscription, _ place: SubscriptionPlace
  ) -> ArchivePlaceRequest.Start? {
    let log = place.stream.log
    guard let oldest = archive?.oldest(of: log.name, epoch: log.epoch), oldest < log.oldestSeq,
      place.sieve?.judgesEachTickAlone ?? true
    else { return nil }
    switch subscription.from {
    case .live: return nil
    case .oldest: return .seq(oldest)
    case .time(let time): return log.holds(time) ? nil : .time(time)
    case .positions: return place.from < log.oldestSeq ? .seq(place.from) : nil
    }
  }

  private func positions(of subscription: Subscription) throws(Refusal) -> [String: UInt64] {
    let known = Dictionary(uniqueKeysWithValues: served.map { ($0.name, $0) })
    func unknown(_ name: String, _ place: String) -> Refusal {
      let names = known.keys.sorted().prefix(20).joined(separator: ", ")
      return Refusal(
        .unknownStream, "there is no stream \(name); there is \(names.isEmpty ? "none" : names)", at: place)
    }
    for (index, name) in (subscription.streams ?? []).enumerated() where known[name] == nil {
      throw unknown(name, "subscribe.streams[\(index)]")
    }
    guard case .positions(let list) = subscription.from else { return [:] }
    var positions: [String: UInt64] = [:]
    for position in list {
      let place = "subscribe.from.\(position.stream)"
      guard let stream = known[position.stream] else { throw unknown(position.stream, place) }
      if let streams = subscription.streams, !streams.contains(position.stream) {
        throw Refusal(.badValue, "\(position.stream) is not among the streams asked for", at: place)
      }
      guard stream.epoch == position.epoch else {
        throw Refusal(
          .unknownEpoch, "\(position.stream) is at epoch \(stream.epoch), which starts at seq 1",
          at: "\(place).epoch")
      }
      guard position.seq <= stream.log.nextSeq else {
        throw Refusal(
          .futureSeq, "the next seq of \(position.stream) is \(stream.log.nextSeq)", at: "\(place).seq")
      }
      positions[position.stream] = position.seq
    }
    return positions
  }

  func subscribed(id: JSON?, _ subscription: Subscription, _ places: [SubscriptionPlace]) -> [[UInt8]] {
    let filter = Filter(subscription)
    return AnswerWriter.subscribed(
      id: id, subscription,
      positions: places.map {
        StreamPosition(
          stream: $0.stream.name, epoch: $0.stream.epoch, fromSeq: $0.from, liveSeq: $0.stream.log.nextSeq)
      },
      openEvents: places.flatMap { $0.open(filter).map { Array($0.line.readableBytesView.dropLast()) } })
  }
}

extension SubscriptionPlace {
  /// The events that are open just before its start and are for the subscriber.
  fileprivate func open(_ filter: Filter) -> [LogEntry] {
    guard let archived else {
      return stream.log.open(before: from, filter).filter { entry in
        guard let sieve, case .event(let mark) = entry.content else { return true }
        return sieve.takes(mark)
      }
    }
    var open: [String: LogEntry] = [:]
    for entry in archived.open where filter.events {
      let passed = sieve == nil ? entry : sieve?.sift(entry)
      guard let passed, case .event = passed.content else { continue }
      // An update may be the first that is for him.
      if case .event(let mark) = passed.content, open[mark.id] == nil { open[mark.id] = passed }
      StreamLog.follow(passed, in: &open)
    }
    return open.values.filter(filter.takes).sorted { $0.seq < $1.seq }
  }
}
