import SaccadeClient

// Prints events as they happen. The subscriber reconnects by itself and goes on where it was.
//
//     swift run watch [STREAM…]

let streams = Array(CommandLine.arguments.dropFirst())
let subscriber = EventSubscriber(
  Subscription(streams: streams.isEmpty ? nil : streams, types: [.event]))

do {
  for try await update in subscriber.updates {
    switch update {
    case .connected(let hello): print("\(hello.server):", hello.streams.map(\.name).joined(separator: ", "))
    case .subscribed(let answer): print("\(answer.openEvents.count) events are open")
    case .disconnected(let error, _): print("disconnected: \(error)")
    case .received(let received):
      switch received.message {
      case .event(let record):
        print(record.time, record.stream, record.event.phase, record.event.text)
      case .gap(let gap):
        print(gap.stream, "lost", gap.count.map(String.init) ?? "?", "records:", gap.reason.rawValue)
      default: break
      }
    }
  }
} catch {
  print(error)
}
