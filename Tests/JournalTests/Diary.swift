import Base
import Events
import Foundation
import Journal
import Synchronization
import TestKit

/// Writes what a stream would: a frame record each 30th of a second, and events when asked for.
final class Diary {
  let stream: JournalStream
  let start: JournalStart
  private let name: String
  private var seq: UInt64
  private var tick: Int
  private(set) var number: UInt64

  init(_ journal: EventJournal, _ name: String = "lobby", epoch: String = "k3f9") {
    self.name = name
    (stream, start) = journal.enter(name) { epoch }
    seq = start.next.seq
    number = start.next.event
    tick = 0
  }

  var nextSeq: UInt64 { seq }
  private var mediaTime: Double { Double(tick) / 30 }
  private var time: Timestamp { Timestamp(milliseconds: 1_795_441_520_000 + Int64(tick) * 1000 / 30) }

  /// So many frame records in a row, with these objects in sight.
  func frames(_ count: Int, objects: [UInt64] = []) {
    for _ in 0..<count {
      tick += 1
      stream.write(
        FrameRecord(
          stream: name, seq: takeSeq(), time: time, mediaTime: mediaTime, segment: 1, frame: UInt64(tick),
          freshness: .fresh, ageMilliseconds: 0,
          encoder: EncoderReport(ran: [], skipped: nil, milliseconds: 0),
          scene: SceneReport(state: .ok, mode: .colour, motion: 0, luma: 0.5, sharpness: 1),
          objects: objects.map {
            ObjectReport(
              id: $0, label: "moving", score: 1, box: Box(x: 0, y: 0, width: 0.1, height: 0.1), velocityX: 0,
              velocityY: 0, age: 1, still: 0, zones: [], seen: .observed)
          }), [])
    }
  }

  @discardableResult
  func begin(
    _ kind: String = "loitering", objects: [UInt64] = [], done: (@Sendable (Bool) -> Void)? = nil
  ) -> Event {
    let event = Event(
      id: "\(name)-\(start.epoch)-\(String(format: "%06d", Int(number)))", kind: kind, phase: .begin,
      since: mediaTime, lastSeen: mediaTime, objects: objects, text: "\(kind) begins")
    number += 1
    tell(event, done: done)
    return event
  }

  func end(_ event: Event, done: (@Sendable (Bool) -> Void)? = nil) {
    var event = event
    event.phase = .end
    event.reason = .condition
    event.lastSeen = mediaTime
    tell(event, done: done)
  }

  func point(_ kind: String, text: String = "", done: (@Sendable (Bool) -> Void)? = nil) {
    var event = Event(
      id: "\(name)-\(start.epoch)-\(String(format: "%06d", Int(number)))", kind: kind, phase: .point,
      since: mediaTime, lastSeen: mediaTime, text: text)
    event.attributes = []
    number += 1
    tell(event, done: done)
  }

  private func tell(_ event: Event, done: (@Sendable (Bool) -> Void)?) {
    stream.write(
      nil,
      [
        EventRecord(
          stream: name, seq: takeSeq(), time: time, mediaTime: mediaTime, segment: 1, frame: UInt64(tick),
          event: event)
      ], done: done)
  }

  private func takeSeq() -> UInt64 {
    defer { seq += 1 }
    return seq
  }
}

/// What a journal told about itself.
final class Notices: Sendable {
  private let all = Mutex<[String]>([])

  var texts: [String] { all.withLock { $0 } }

  func take(_ notice: JournalNotice) {
    let text =
      switch notice {
      case .failing(let fault): "failing: \(fault.what)"
      case .resumed(let lost): "resumed, \(lost) lost"
      case .setAside(let fault, let target): "aside: \(fault.what), to \(target)"
      }
    all.withLock { $0.append(text) }
  }
}

/// Lists what a journal holds.
func events(_ path: String, _ query: JournalQuery = JournalQuery()) throws -> [EventRecord] {
  var found: [EventRecord] = []
  try JournalReader(path: path).each(query) { row in
    if case .event(let record) = try RecordReader.read(row.line.utf8) { found.append(record) }
    return true
  }
  return found
}

/// The files as a process that is killed at this moment leaves them.
func killedCopy(of path: String, to target: String) throws {
  for ending in ["", "-wal"] {
    try FileManager.default.copyItem(atPath: path + ending, toPath: target + ending)
  }
}
