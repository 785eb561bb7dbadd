import Events
import Foundation
import Journal
import TestKit
import Testing

/// `make kill` does it hundreds of times; here a few.
@Suite("A daemon that is killed again and again")
struct DaemonKillTests {
  private static let rounds = Int(ProcessInfo.processInfo.environment["KILL_ROUNDS"] ?? "") ?? 4
  private static let seed = UInt64(ProcessInfo.processInfo.environment["KILL_SEED"] ?? "") ?? 7

  @Test("gives a client that resumes every record once or a gap, and loses no event")
  func rounds() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("walk.mp4"))
    // From where somebody is about to come in, so that also a short life has events.
    try await Clip.make(
      folder.file("busy.mp4"), ["-ss", "0.8", "-i", folder.file("walk.mp4"), "-c:v", "libx264"])
    try "source: {url: \(folder.file("busy.mp4")), loop: true}\nname: walk\n".write(
      toFile: folder.file("walk.yaml"), atomically: true, encoding: .utf8)
    let (socket, journal) = (folder.file("s"), folder.file("journal.db"))
    let arguments = ["run", folder.file("walk.yaml"), "--socket", socket, "--journal", journal]
    var dice = SplitMix(state: Self.seed)
    var client = ResumingClient(socket: socket)
    for round in 0..<Self.rounds {
      let daemon = try RunningCommand(Command.path, arguments)
      // Some are killed while they start, the others after any number of records.
      if Int.random(in: 0..<8, using: &dice) > 0 {
        try #require(
          await daemon.wait { _, error in error.contains("clients are taken") },
          "seed \(Self.seed), round \(round): \(daemon.error)")
        try client.connect()
        let records = Int.random(in: 0...75, using: &dice)
        try #require(
          await client.has(records), "seed \(Self.seed), round \(round): \(records) records never came")
      }
      daemon.signal(SIGKILL)
      _ = await daemon.end(within: 10)
      try await client.disconnect()
    }
    // A last time, in order.
    let daemon = try RunningCommand(Command.path, arguments)
    try #require(await daemon.wait { _, error in error.contains("clients are taken") })
    try client.connect()
    #expect(await client.isLive())
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
    try await client.disconnect()

    let faults = client.faults
    #expect(faults.isEmpty, "seed \(Self.seed): \(faults.prefix(5))")
    var kept: [EventRecord] = []
    try JournalReader(path: journal).each(JournalQuery(order: .bySeq)) { row in
      if case .event(let record) = try RecordReader.read(row.line.utf8) { kept.append(record) }
      return true
    }
    #expect(client.events.map(\.seq) == kept.map(\.seq), "seed \(Self.seed)")
    #expect(client.events == kept, "seed \(Self.seed)")
    // Each begin has exactly one end.
    let begun = kept.filter { $0.event.phase == .begin }.map(\.event.id)
    let ended = kept.filter { $0.event.phase == .end }.map(\.event.id)
    #expect(begun.count == Set(begun).count && begun.sorted() == ended.sorted(), "seed \(Self.seed)")
    if Self.rounds > 100 {
      print(
        "kill: \(Self.rounds) rounds, seed \(Self.seed): \(kept.count) events, \(client.frames) frame records and \(client.gaps) gaps, none lost or doubled"
      )
    }
  }
}

/// Reads everything of one stream, and after each break goes on behind the last record it has seen.
private struct ResumingClient {
  private let socket: String
  private var process: RunningCommand?
  private var epoch: String?
  private var next: UInt64 = 1
  private(set) var events: [EventRecord] = []
  private(set) var frames = 0
  private(set) var gaps = 0
  private(set) var faults: [String] = []
  /// Frame seqs up to here are covered by gaps.
  private var framesGoneTo: UInt64 = 0

  init(socket: String) { self.socket = socket }

  mutating func connect() throws {
    // Only events and gaps tell the epoch: who has had neither begins anew.
    if epoch == nil { (next, frames, framesGoneTo) = (1, 0, 0) }
    let from = epoch.map { "walk=\($0):\(next)" } ?? "oldest"
    process = try RunningCommand(Command.path, ["subscribe", "--from", from, "--socket", socket])
  }

  /// Waits until so many lines have come since `connect`.
  func has(_ lines: Int) async -> Bool {
    await process?.wait { output, _ in output.utf8.count { $0 == 10 } >= lines } ?? false
  }

  func isLive() async -> Bool {
    await process?.wait { output, _ in
      output.split(separator: "\n").contains {
        $0.hasPrefix(#"{"type":"frame""#) && !$0.contains(#""replay""#)
      }
    } ?? false
  }

  /// Takes in what came since `connect`. The daemon has ended.
  mutating func disconnect() async throws {
    guard let process else { return }
    self.process = nil
    // It would wait for the daemon's return.
    process.signal(SIGTERM)
    let output = await process.end(within: 20)
    for line in output.lines {
      // A kill may cut the last line.
      guard let message = try? RecordReader.read(line.utf8) else { continue }
      switch message {
      case .gap(let gap):
        gaps += 1
        if gap.fromSeq < next, gap.types.contains(.event) { faults.append("\(gap) after \(next - 1)") }
        if gap.types.contains(.frame) {
          let due = max(next, framesGoneTo + 1)
          if gap.fromSeq > due { faults.append("\(due)…\(gap.fromSeq - 1) is missing") }
          framesGoneTo = max(framesGoneTo, gap.toSeq)
        }
        // An event may be missing in it: only an unclean stop leaves such a gap, and no event is in that.
        if gap.types.contains(.event), gap.reason != .restart { faults.append("\(gap)") }
        epoch = gap.epoch
      case .frame(let record):
        frames += 1
        if record.seq <= framesGoneTo { faults.append("frame \(record.seq) after a gap to \(framesGoneTo)") }
        take(record.seq)
      case .event(var record):
        record.replay = false
        take(record.seq)
        events.append(record)
        epoch = String(record.event.id.split(separator: "-")[1])
      default: break
      }
    }
  }

  private mutating func take(_ seq: UInt64) {
    if seq < next { faults.append("\(seq) after \(next - 1)") }
    if seq > next, framesGoneTo < seq - 1 {
      faults.append("\(max(next, framesGoneTo + 1))…\(seq - 1) is missing")
    }
    next = max(next, seq + 1)
  }
}
