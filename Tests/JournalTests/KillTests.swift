import Base
import Events
import Foundation
import Glibc
import Journal
import TestKit
import Testing

@Suite("A journal whose writer is killed")
struct KillTests {
  /// `make kill` sets it to hundreds.
  private static let rounds = ProcessInfo.processInfo.environment["KILL_ROUNDS"].flatMap { Int($0) } ?? 20

  private static let livesOfAFile = 20

  private struct Told: Hashable {
    var seq: UInt64
    var phase: String
    var id: String
  }

  @Test("opens again each time, with all that was told as written, and every open event ended")
  func kill() throws {
    var random = SplitMix(state: 5)
    var scratch = Scratch("kill")
    var told: Set<Told> = []
    var seqs: Set<UInt64> = []
    for round in 0..<Self.rounds {
      // Each round reads the whole file, which grows.
      if round > 0, round % Self.livesOfAFile == 0 {
        scratch = Scratch("kill")
        told = []
        seqs = []
      }
      let path = scratch.file("journal.db")
      let lines = try Self.live(path, seed: UInt64(round), upTo: Int.random(in: 0...3000, using: &random))
      for line in lines {
        #expect(told.insert(line).inserted, "round \(round): \(line) was told of twice")
        #expect(seqs.insert(line.seq).inserted, "round \(round): seq \(line.seq) was given twice")
      }
      try Self.prove(path, holds: told, round)
    }
    #expect(!told.isEmpty)
  }

  /// One life of the writer, which ends by SIGKILL somewhere behind that many of its lines; returns all that it told.
  private static func live(_ path: String, seed: UInt64, upTo wanted: Int) throws -> [Told] {
    let victim = Process()
    victim.executableURL = URL(fileURLWithPath: executable)
    victim.arguments = [path, String(seed)]
    let output = Pipe()
    victim.standardOutput = output
    try victim.run()
    var printed = Data()
    var count = 0
    while count < wanted {
      let piece = output.fileHandleForReading.availableData
      guard !piece.isEmpty else { break }
      count += piece.count { $0 == 10 }
      printed.append(piece)
    }
    Glibc.kill(victim.processIdentifier, SIGKILL)
    printed.append(output.fileHandleForReading.readDataToEndOfFile())
    victim.waitUntilExit()
    #expect(
      victim.terminationReason == .uncaughtSignal && victim.terminationStatus == SIGKILL,
      "the writer ended by itself")
    return String(decoding: printed, as: UTF8.self).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      // The last line may be cut.
      guard words.count == 4, words[3].count == "victim-life-000000".count, let seq = UInt64(words[1]) else {
        return nil
      }
      return Told(seq: seq, phase: String(words[2]), id: String(words[3]))
    }
  }

  private static func prove(_ path: String, holds told: Set<Told>, _ round: Int) throws {
    // The file as the next start finds it, and that start's own part.
    let copy = path + ".copy"
    for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + ending) }
    for ending in ["", "-wal"] where FileManager.default.fileExists(atPath: path + ending) {
      try FileManager.default.copyItem(atPath: path + ending, toPath: copy + ending)
    }
    guard FileManager.default.fileExists(atPath: copy) else { return }
    let journal = try EventJournal(path: copy, clocks: SystemClocks()) { notice in
      Issue.record("round \(round): \(notice)")
    }
    let start = journal.enter("victim") { "life" }.start
    journal.close()
    let reader = try JournalReader(path: copy)
    #expect(try reader.damage().isEmpty, "round \(round)")
    var kept: Set<Told> = []
    var open: Set<String> = []
    var last: UInt64 = 0
    try reader.each(JournalQuery(streams: ["victim"], order: .bySeq)) { row in
      guard case .event(let record) = try RecordReader.read(row.line.utf8) else { return true }
      #expect(record.seq > last, "round \(round): seq \(record.seq) behind \(last)")
      last = record.seq
      kept.insert(Told(seq: record.seq, phase: record.event.phase.rawValue, id: record.event.id))
      switch record.event.phase {
      case .begin: #expect(open.insert(record.event.id).inserted, "round \(round): two begins")
      case .end: #expect(open.remove(record.event.id) != nil, "round \(round): an end without a begin")
      case .update, .point: break
      }
      return true
    }
    let missing = told.subtracting(kept).map(\.seq).sorted()
    #expect(missing.count == 0, "round \(round): told as written and missing: \(missing.prefix(5))…")
    #expect(open.isEmpty, "round \(round): \(open.count) events never end")
    #expect(start.next.seq > last && start.next.seq > told.map(\.seq).max() ?? 0)
  }

  /// It lies beside the bundle of the tests.
  private static let executable: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("journal-victim")
      .path
  }()
}
