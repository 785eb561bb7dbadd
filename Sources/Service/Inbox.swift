import Base
import Conditions
import Events
import NIOCore

/// What goes from the streams' threads to the socket's thread, in order. Bounded: when the socket's thread
/// is so far behind that `limit` bytes wait, frame records are replaced by late ones, which are counted and
/// told to the clients; events, a few a minute, always go in.
final class Inbox: Sendable {
  enum Delivery: Sendable {
    case added(ServedStream)
    case records(ServedStream, [LogEntry])
    case picture(ServedStream, Picture)
    case state(ServedStream, StreamEntry.State, String)
    case removed(ServedStream, String)
  }

  private struct Waiting {
    var deliveries: [Delivery] = []
    var bytes = 0
  }

  private let waiting = Monitor(Waiting())
  private let limit: Int
  private let wake: @Sendable () -> Void
  /// Frame records that found no room.
  let overflowed = Counter()

  /// `wake` is called, by any thread, when something lies in an inbox that was empty.
  init(limit: Int, wake: @escaping @Sendable () -> Void) {
    self.limit = limit
    self.wake = wake
  }

  func put(_ delivery: Delivery, bytes: Int) {
    let wasEmpty = waiting.withLock { state, _ in
      let wasEmpty = state.deliveries.isEmpty
      if state.bytes + bytes > limit {
        state.deliveries.append(withoutFrames(delivery))
      } else {
        state.deliveries.append(delivery)
        state.bytes += bytes
      }
      return wasEmpty
    }
    if wasEmpty { wake() }
  }

  private func withoutFrames(_ delivery: Delivery) -> Delivery {
    guard case .records(let stream, var entries) = delivery else { return delivery }
    for index in entries.indices {
      guard case .frame = entries[index].content else { continue }
      entries[index].content = .late
      entries[index].line = ByteBuffer()
      overflowed.add()
    }
    return .records(stream, entries)
  }

  /// Hands over all that waits. The socket's thread calls it, and gives the emptied array back.
  func take(giving back: inout [Delivery]) {
    waiting.withLock { state, _ in
      swap(&state.deliveries, &back)
      state.bytes = 0
    }
  }
}
