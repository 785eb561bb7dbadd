import Base

/// UTC of a live stream's frames from their media times.
///
/// Wall time is media time plus an offset. Each frame proposes one: its arrival (or its sender's UTC) minus
/// its media time. Network and queues only ever delay, so the least of the last 20 s is nearest to the truth,
/// and the offset moves there by at most 500 ppm. Within 2 s of a start it may step back, as sources begin
/// with a burst of older frames. It also steps when the machine's own clock was set by more than a second,
/// and when it is more than 5 s off, which no delay explains.
package struct WallSlew: Sendable {
  static let slew = 500  // parts in a million
  static let settling: Nanoseconds = .seconds(2)
  static let window: Nanoseconds = .seconds(2)
  static let windows = 10
  static let clockStep: Nanoseconds = .seconds(1)
  static let hopeless: Nanoseconds = .seconds(5)
  /// A sender's clock is believed when it says that the frame was made at most this long ago …
  static let senderDelay: Nanoseconds = .seconds(30)
  /// … or this far in the future.
  static let senderAhead: Nanoseconds = .seconds(1)
  /// Without a word from it for this long, arrivals count again.
  static let senderSilence: Nanoseconds = .seconds(60)

  private var offset: Nanoseconds?
  private var last = MediaTime.zero
  private var lastWallMinusMono: Nanoseconds = 0
  private var settledAt = MonotonicTime(nanoseconds: 0)
  private var least: [Nanoseconds] = []
  private var windowEnd = MediaTime.zero
  private var senderHeard: MonotonicTime?
  /// Times that the offset had to step after settling.
  package private(set) var steps = 0

  package init() {}

  /// The connection is new: frames may come in a burst again.
  package mutating func restart(arrival: MonotonicTime) {
    settledAt = arrival + Self.settling
    least.removeAll(keepingCapacity: true)
    senderHeard = nil
  }

  /// - Parameters:
  ///   - wallMinusMono: This machine's UTC minus its monotonic time, read just now.
  ///   - sender: UTC at which the sender says it made the frame.
  package mutating func wall(
    of time: MediaTime, arrival: MonotonicTime, wallMinusMono: Nanoseconds, sender: WallTime? = nil
  ) -> WallTime {
    let arrived = arrival.nanoseconds + wallMinusMono
    guard var offset else {
      restart(arrival: arrival)
      lastWallMinusMono = wallMinusMono
      last = time
      windowEnd = time + Self.window
      let first = proposal(time, arrived, arrival, sender) ?? arrived - time.nanoseconds
      least.append(first)
      self.offset = first
      return WallTime(nanoseconds: first + time.nanoseconds)
    }
    let set = wallMinusMono - lastWallMinusMono
    lastWallMinusMono = wallMinusMono
    if abs(set) > Self.clockStep {
      offset += set
      for index in least.indices { least[index] += set }
      steps += 1
    }
    if let proposal = proposal(time, arrived, arrival, sender) { keep(proposal, at: time) }
    let target = least.min() ?? offset
    if arrival < settledAt {
      offset = min(offset, target)
    } else if abs(target - offset) > Self.hopeless {
      offset = target
      steps += 1
    } else {
      let most = (time - last) / 1_000_000 * Int64(Self.slew)
      offset += max(-most, min(most, target - offset))
    }
    last = time
    self.offset = offset
    return WallTime(nanoseconds: offset + time.nanoseconds)
  }

  /// Nil when this frame has nothing to say: others carry the sender's clock, this one doesn't.
  private mutating func proposal(
    _ time: MediaTime, _ arrived: Nanoseconds, _ arrival: MonotonicTime, _ sender: WallTime?
  ) -> Nanoseconds? {
    if let sender {
      let delay = arrived - sender.nanoseconds
      if delay > -Self.senderAhead && delay < Self.senderDelay {
        if senderHeard == nil { least.removeAll(keepingCapacity: true) }
        senderHeard = arrival
        // A clock ahead of ours notwithstanding, nothing arrives before it was made.
        return min(sender.nanoseconds, arrived) - time.nanoseconds
      }
    }
    if let heard = senderHeard {
      if arrival - heard < Self.senderSilence { return nil }
      senderHeard = nil
      least.removeAll(keepingCapacity: true)
    }
    return arrived - time.nanoseconds
  }

  private mutating func keep(_ proposal: Nanoseconds, at time: MediaTime) {
    if least.isEmpty || time >= windowEnd {
      if least.count == Self.windows { least.removeFirst() }
      least.append(proposal)
      windowEnd = time + Self.window
    } else {
      least[least.count - 1] = min(least[least.count - 1], proposal)
    }
  }
}
