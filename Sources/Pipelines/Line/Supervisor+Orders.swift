import Base
import Events

/// What somebody asked of some streams by their names.
extension Supervisor {
  /// A name that no stream bears.
  package struct UnknownStream: Error, Hashable, Sendable {
    /// In the list that was asked for.
    package var index: Int
    package var name: String
    package var known: [String]
  }

  package struct Retry: Sendable, Equatable {
    package var retried: [String] = []
    /// Whose source isn't lost, or is being tried.
    package var notWaiting: [String] = []
  }

  package struct Halt: Sendable, Equatable {
    package var stopped: [String] = []
    /// That had ended before.
    package var notRunning: [String] = []
  }

  /// Tries the lost sources of these streams now; nil for all. Any thread; returns at once.
  package func retry(_ names: [String]?) throws(UnknownStream) -> Retry {
    var done = Retry()
    for line in try lines(names) {
      if line.reader.retry() {
        done.retried.append(line.pipeline.name)
      } else {
        done.notWaiting.append(line.pipeline.name)
      }
    }
    return done
  }

  /// Ends these streams in order. They stay on the board as ended until a `reload`, which starts them again. Blocks
  /// until they have ended; for one caller at a time, who is also the one who reloads.
  package func halt(_ names: [String]) throws(UnknownStream) -> Halt {
    var done = Halt()
    var halted: [Line] = []
    for line in try lines(names) {
      if [.ended, .failed].contains(line.pulse.state) {
        done.notRunning.append(line.pipeline.name)
      } else {
        line.halt()
        halted.append(line)
        done.stopped.append(line.pipeline.name)
      }
    }
    for line in halted { line.join() }
    return done
  }

  private func lines(_ names: [String]?) throws(UnknownStream) -> [Line] {
    let all = lines
    guard let names else { return all }
    var found: [Line] = []
    for (index, name) in names.enumerated() {
      guard let line = all.first(where: { $0.pipeline.name == name }) else {
        throw UnknownStream(index: index, name: name, known: all.map(\.pipeline.name))
      }
      found.append(line)
    }
    return found
  }
}
