import Base
import Foundation
import Logging
import Media
import Pipelines
import TestKit
import Testing

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

private func pipeline(_ name: String, _ url: String = "lavfi:testsrc2=s=320x180:r=30:d=300") -> Pipeline {
  Pipeline(name: name, source: SourceConfiguration(url: url))
}

@Suite("A reload of the pipelines")
struct LineReloadTests {
  @Test("leaves what is the same alone, restarts what changed, ends what is gone, and starts what is new")
  func difference() throws {
    let board = CollectingBoard()
    let camera = pipeline("camera", "tcp://127.0.0.1:1")
    let supervisor = Supervisor(
      [pipeline("kept"), pipeline("changed"), pipeline("gone"), camera], clocks: SystemClocks(), logger: quiet
    )
    supervisor.start(on: board)
    for place in board.places { #expect(place.outlet.wait { $0.sink.frames.count >= 3 }) }
    var changed = pipeline("changed")
    changed.rate = 10
    let done = try #require(
      supervisor.reload([camera, pipeline("kept"), changed, pipeline("new", "tcp://127.0.0.1:1")]))
    #expect(done.kept == ["kept", "camera"])
    #expect(done.restarted == ["changed"])
    #expect(done.removed == ["gone"])
    #expect(done.added == ["new"])
    let before = board.places.map { ($0.name, $0.outlet.sink.frames.count) }
    #expect(before.map(\.0).sorted() == ["camera", "changed", "changed", "gone", "kept", "new"])
    for name in ["kept", "changed", "camera", "new"] {
      let count = board[name].sink.frames.count
      #expect(board[name].wait { $0.sink.frames.count >= count + 10 })
      #expect(board[name].sink.frames.first?.seq == 1)
      #expect(board[name].sink.firstBrokenSeq == nil)
    }
    #expect(board["gone"].states == [.running, .ended, .removed])
    #expect(Set(board.places.filter { $0.name == "changed" }.map(\.epoch)).count == 2)
    #expect(
      supervisor.health(at: SystemClocks().monotonic()).map(\.name) == ["kept", "camera", "changed", "new"])
    supervisor.stop()
    #expect(supervisor.wait() == nil)
    #expect(board["kept"].states == [.running, .ended])
  }

  @Test("doesn't end the daemon while its only stream begins anew, and does nothing once all is over")
  func onlyOne() throws {
    let board = CollectingBoard()
    let supervisor = Supervisor([pipeline("a")], clocks: SystemClocks(), logger: quiet)
    supervisor.start(on: board)
    let hasEnded = Monitor(false)
    let waiting = WorkerThread(name: "wait") {
      _ = supervisor.wait()
      hasEnded.withLock { hasEnded, _ in hasEnded = true }
    }
    for rate in 11...15 {
      var next = pipeline("a")
      next.rate = rate
      #expect(supervisor.reload([next])?.restarted == ["a"])
      #expect(board["a"].wait { $0.sink.frames.count >= 2 })
    }
    #expect(hasEnded.withLock { hasEnded, _ in hasEnded } == false)
    supervisor.stop()
    waiting.join()
    #expect(supervisor.reload([pipeline("a")]) == nil)
    #expect(board.places.count == 6)
  }

  @Test("brings streams back that were halted; until then the daemon waits, also with none that runs")
  func halted() throws {
    let board = CollectingBoard()
    let pipelines = [pipeline("a"), pipeline("b"), pipeline("camera", "tcp://127.0.0.1:1")]
    let supervisor = Supervisor(pipelines, clocks: SystemClocks(), logger: quiet)
    supervisor.start(on: board)
    let hasEnded = Monitor(false)
    let waiting = WorkerThread(name: "wait") {
      _ = supervisor.wait()
      hasEnded.withLock { hasEnded, _ in hasEnded = true }
    }
    #expect(board["a"].wait { $0.sink.frames.count >= 2 } && board["b"].wait { $0.sink.frames.count >= 2 })
    let first = try supervisor.halt(["a"])
    #expect(first.stopped == ["a"] && first.notRunning == [])
    #expect(board["a"].states == [.running, .ended])
    let rest = try supervisor.halt(["a", "camera", "b"])
    #expect(rest.stopped == ["camera", "b"] && rest.notRunning == ["a"])
    let unknown = #expect(throws: Supervisor.UnknownStream.self) { try supervisor.halt(["a", "x"]) }
    #expect(unknown?.index == 1 && unknown?.name == "x" && unknown?.known == ["a", "b", "camera"])
    #expect(throws: Supervisor.UnknownStream.self) { try supervisor.retry(["x"]) }
    #expect(try supervisor.retry(nil).notWaiting == ["a", "b", "camera"])
    #expect(hasEnded.withLock { hasEnded, _ in hasEnded } == false)
    #expect(supervisor.reload(pipelines)?.restarted == ["a", "b", "camera"])
    #expect(board["a"].wait { $0.sink.frames.count >= 2 })
    #expect(try supervisor.halt(["a", "b", "camera"]).stopped.count == 3)
    // One that had ended goes from the board, too.
    #expect(supervisor.reload([pipelines[1], pipelines[2]])?.removed == ["a"])
    #expect(board["a"].states == [.running, .ended, .removed])
    #expect(try supervisor.halt(["b", "camera"]).stopped.count == 2)
    // Told to stop, it doesn't wait for anybody.
    supervisor.stop()
    waiting.join()
    #expect(supervisor.reload(pipelines) == nil)
  }

  @Test("starts a stream again that had failed, and forgets its fault")
  func failed() throws {
    let scratch = Scratch()
    let clip = scratch.file("clip.mp4")
    let board = CollectingBoard()
    let supervisor = Supervisor(
      [pipeline("clip", clip), pipeline("b")], clocks: SystemClocks(), logger: quiet)
    supervisor.start(on: board)
    #expect(board["clip"].wait { $0.states == [.failed] })
    _ = try Analysis(
      pipeline("x", "lavfi:testsrc2=s=320x180:r=30:d=0.2"), epoch: "test", sink: CollectingSink(),
      clocks: SystemClocks(), overlay: clip
    ).run()
    #expect(supervisor.reload([pipeline("clip", clip), pipeline("b")])?.restarted == ["clip"])
    #expect(board["clip"].wait { $0.states == [.running, .ended] })
    supervisor.stop()
    #expect(supervisor.wait() == nil)
  }
}
