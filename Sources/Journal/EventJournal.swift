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
    thread = Mutex(WorkerThread(name: "journal") { writer.run() })
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

  /// Waits until all that was handed over is on disk; false when it can't be written, after one more try.
  @discardableResult
  package func barrier() -> Bool {
    let answer = Monitor<Bool?>(nil)
    inlet.put(
      .barrier { written in
        answer.withLock { value, held in
          value = written
          held.wakeAll()
        }
      })
    return answer.withLock { value, held in
      while true {
        if let value { return value }
        held.wait(&value)
      }
    }
  }

  /// Any thread; doesn't wait for the disk.
  package var status: JournalStatus { inlet.status }

  /// Writes what waits and closes the file. Nothing may be handed over after it; later calls do nothing.
  package func close() {
    let own = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let own else { return }
    inlet.close()
    own.join()
  }

  deinit { close() }
}
