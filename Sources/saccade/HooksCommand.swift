import ArgumentParser
import Base
import Events
import Glibc
import Pipelines
import SaccadeClient

/// The process that runs the pipelines' hooks, started by `run`: a subscriber like any other, so that no hook can hold up
/// the analysis.
struct HooksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hooks", abstract: "Run what pipelines ask for on events; started by `run`.",
    shouldDisplay: false)

  @Argument var pipelines: [String]
  @Option var socket: String

  /// Before each further try of what failed.
  private static let pauses: [Nanoseconds] = [.seconds(1), .seconds(2), .seconds(4)]

  func run() throws {
    let surroundings = Surroundings.current
    let parent = getppid()
    let hooks = Self.hooks(try PipelineFiles.load(pipelines, environment: surroundings.environment))
    let subscriber = EventSubscriber(
      Subscription(
        streams: Set(hooks.keys.map(\.stream)).sorted(), types: [.event],
        kinds: Set(hooks.keys.map(\.kind)).sorted()),
      paths: [socket])
    let signals = Signals { _ in subscriber.cancel() }
    let pool = HookPool(pauses: Self.pauses, in: surroundings)
    var isOver = false
    while !isOver {
      switch try? subscriber.next() {
      case .received(let received):
        switch received.message {
        case .event(let record) where record.event.phase == .begin || record.event.phase == .point:
          let key = Key(stream: record.stream, kind: record.event.kind)
          for hook in hooks[key] ?? [] { pool.add(HookPool.Job(hook, record, received.line)) }
        case .bye: isOver = true
        default: break
        }
      // Without its daemon it has nothing to do.
      case .disconnected: isOver = getppid() != parent
      case nil: isOver = true
      default: break
      }
    }
    let lost = pool.finish(runsWaiting: signals.received == nil)
    if lost > 0 { Console.tell("saccade: \(lost) events were told to no hook in all") }
  }

  struct Key: Hashable {
    var stream: String
    var kind: String
  }

  static func hooks(_ pipelines: [Pipeline]) -> [Key: [Hook]] {
    var hooks: [Key: [Hook]] = [:]
    for pipeline in pipelines {
      for event in pipeline.events where !event.hooks.isEmpty {
        hooks[Key(stream: pipeline.name, kind: event.rule.name)] = event.hooks
      }
    }
    return hooks
  }
}
