import Base
import Events
import Synchronization

/// Events and scene summaries on disk, in an SQLite database.
///
/// Records come from the threads of their streams, which never wait; one thread writes them, all that wait in one
/// transaction. What is told as written survives the end of the process, however it comes; a power cut may
/// take what was written within the last moments, and leaves the file whole. When writing fails, records go
/// on to whoever is told that theirs are not on disk; they are kept within bounds, and written when that is
/// possible again.
package final class EventJournal: Sendable {
  package let path: String
  let options: JournalOptions
  private let inlet: JournalInlet
  private let thread: Mutex<WorkerThread?>
  private let entered = Atomic<Int>(0)

  /// Opens the journal at `path` or makes it. Throws where another process writes it, where the file is none
  /// of saccade's, or of a newer version; a disk that fails is only told of. A damaged file is moved aside.
  ///
  /// - Parameter tell: Called on the thread that opens and on the writer's own.
  package init(
    path: String, options: JournalOptions = JournalOptions(), clocks: any Clocks,
    tell: @escaping @Sendable (JournalNotice) -> Void = { _ in }
  ) throws(Fault) {
    self.path = path
    self.options = options
    let inlet = JournalInlet(most: options.waitingBytes)
    self.inlet = inlet
    let writer = try JournalWriter(path: path, options: options, clocks: clocks, inlet: inlet, tell: tell)
    thread = Mutex(
      WorkerThread(name: "journal") {
        writer.run()
        inlet.end()
      })
  }

  /// Begins or goes on with a stream. Waits for the disk. A stream is written by one at a time.
  package func enter(
    _ name: String, makeEpoch: @escaping @Sendable () -> String
  ) -> (stream: JournalStream, start: JournalStart) {
    let index = entered.add(1, ordering: .relaxed).oldValue
    let answer = Monitor<JournalStart?>(nil)
    inlet.put(
      .enter(stream: index, name: name, makeEpoch: makeEpoch) { start in
        answer.withLock { value, held in
          value = start
          held.wakeAll()
        }
      })
    let start: JournalStart = answer.withLock { value, held in
      while true {
        if let value { return value }
        held.wait(&value)
      }
    }
    return (JournalStream(index, start, options.frames, inlet), start)
  }

  /// Waits until all that was handed over is on disk; false when it can't be written, after one more try, or
  /// isn't by the deadline.
  @discardableResult
  package func barrier(until deadline: MonotonicTime? = nil) -> Bool {
    let answer = Monitor<Bool?>(nil)
    inlet.put(
      .barrier { written in
        answer.withLock { value, held in
          value = written
          held.wakeAll()
        }
      })
    return answer.withLock { value, held in
      while value == nil {
        guard let deadline else {
          held.wait(&value)
          continue
        }
        guard held.wait(&value, until: deadline) else { break }
      }
      return value ?? false
    }
  }

  /// Any thread; doesn't wait for the disk.
  package var status: JournalStatus { inlet.status }

  /// The oldest seq that it holds of a stream in this epoch; nil for none. Any thread; doesn't wait for the disk.
  package func oldest(of stream: String, epoch: String) -> UInt64? {
    inlet.oldest[stream].flatMap { $0.epoch == epoch ? $0.seq : nil }
  }

  /// Writes what waits and closes the file. Nothing may be handed over after it; later calls do nothing.
  ///
  /// - Returns: False where the disk doesn't answer by the deadline: then the writer is left alone with it.
  @discardableResult
  package func close(until deadline: MonotonicTime? = nil) -> Bool {
    let own = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let own else { return true }
    inlet.close()
    guard deadline.map(inlet.waitForEnd) ?? true else { return false }
    own.join()
    return true
  }

  deinit { close() }
}
