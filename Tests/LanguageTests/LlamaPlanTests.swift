import Base
import Language
import TestKit
import Testing

struct LlamaPlanTests {
  private static func plan(in scratch: Scratch) throws -> LlamaPlan {
    try LlamaPlan(
      program: "/bin/sh", model: scratch.write("x", to: "m.gguf"),
      projector: scratch.write("x", to: "p.gguf"),
      door: .unix(path: scratch.file("llama.sock")), threads: 2)
  }

  @Test func `the arguments say all that llama-server would else guess`() throws {
    var plan = LlamaPlan(
      program: "/opt/llama-server", model: "/m.gguf", projector: "/p.gguf", door: .unix(path: "/run/l.sock"),
      threads: 2)
    plan.adapters = [.init(path: "/a.gguf", scale: 1), .init(path: "/b.gguf", scale: 0.25)]
    plan.slots = 2
    plan.tokensPerPicture = 300
    #expect(
      plan.arguments.joined(separator: " ") == """
        --model /m.gguf --alias m.gguf --mmproj /p.gguf --lora-scaled /a.gguf:1.0,/b.gguf:0.25 --host /run/l.sock \
        --threads 2 --threads-batch 2 --ctx-size 16384 --parallel 2 --threads-http 4 --cache-ram 256 --image-max-tokens 300 \
        --offline --no-ui --no-slots --fit off --log-colors off
        """)
    plan.door = .loopback(port: 8081)
    #expect(plan.arguments.joined(separator: " ").contains("--host 127.0.0.1 --port 8081"))
    #expect(try plan.address.description == "http://127.0.0.1:8081")
  }

  @Test func `variables that would overrule the plan aren't handed on`() {
    let given = ["LLAMA_ARG_CTX_SIZE": "1", "GGML_X": "1", "PATH": "/bin", "CAM_PASSWORD": "hunter2"]
    #expect(LlamaPlan.environment(from: given) == ["PATH": "/bin"])
  }

  @Test func `a plan that works is taken`() throws {
    let scratch = Scratch("llama")
    try Self.plan(in: scratch).check()
  }

  @Test(
    arguments: [
      { $0.model = "/no/such.gguf" }, { $0.program = "/etc/passwd" }, { $0.projector = "/no/such.gguf" },
      { $0.adapters = [.init(path: "/no/such.gguf", scale: 1)] }, { $0.door = .unix(path: "/tmp/llama") },
      { $0.door = .unix(path: "llama.sock") }, { $0.door = .loopback(port: 0) }, { $0.threads = 0 },
      { $0.slots = 0 },
      { $0.context = 100 },
    ] as [@Sendable (inout LlamaPlan) -> Void])
  func `a plan that can't work is refused before anything is started`(
    change: @Sendable (inout LlamaPlan) -> Void
  ) throws {
    let scratch = Scratch("llama")
    var plan = try Self.plan(in: scratch)
    change(&plan)
    #expect(throws: Fault.self) { try plan.check() }
  }
}

struct LlamaWatchTests {
  private static let start = MonotonicTime(nanoseconds: 5_000_000_000)

  private static func watch(limit: Int? = nil) -> LlamaWatch {
    LlamaWatch(readyWithin: .seconds(300), memoryLimit: limit, now: start)
  }

  @Test func `it is started, looked at until it is loaded, then every five seconds`() {
    var watch = Self.watch()
    var now = Self.start
    #expect(watch.tick(now: now) == .start)
    watch.started(now: now)
    for _ in 0..<4 {
      #expect(watch.nextTick == now + .milliseconds(500))
      now = now + .milliseconds(500)
      #expect(watch.tick(now: now) == .look)
      #expect(watch.tick(now: now) == nil)
      #expect(watch.looked(isWell: false, now: now).loadedIn == nil)
    }
    now = now + .milliseconds(500)
    _ = watch.tick(now: now)
    #expect(watch.looked(isWell: true, now: now).loadedIn == .milliseconds(2500))
    #expect(watch.nextTick == now + .seconds(5))
  }

  @Test func `one that doesn't load in time is ended`() {
    var watch = Self.watch()
    watch.started(now: Self.start)
    #expect(watch.tick(now: Self.start + .seconds(300)) == .kill(.neverReady))
    #expect(watch.ended(now: Self.start + .seconds(301)).cause == .neverReady)
  }

  @Test func `one that misses three looks in a row is ended`() {
    var watch = Self.watch()
    watch.started(now: Self.start)
    var now = Self.start
    #expect(watch.looked(isWell: true, now: now).loadedIn != nil)
    for isWell in [false, false, true, false, false] {
      now = now + .seconds(5)
      #expect(watch.tick(now: now) == .look)
      #expect(watch.looked(isWell: isWell, now: now).action == nil)
    }
    #expect(watch.looked(isWell: false, now: now).action == .kill(.silent))
    #expect(watch.nextTick == nil)
  }

  @Test func `one that takes more memory than it may is ended once`() {
    var watch = Self.watch(limit: 1000)
    watch.started(now: Self.start)
    #expect(watch.measured(bytes: 1000) == nil)
    #expect(watch.measured(bytes: 1001) == .kill(.overMemory(bytes: 1001, limit: 1000)))
    #expect(watch.measured(bytes: 2000) == nil)
    #expect(watch.ended(now: Self.start).cause == .overMemory(bytes: 1001, limit: 1000))
  }

  @Test func `pauses double up to a minute, and begin anew after one that ran well`() {
    var watch = Self.watch()
    var now = Self.start
    var pauses: [Double] = []
    for _ in 0..<8 {
      #expect(watch.tick(now: now) == .start)
      watch.started(now: now)
      pauses.append(watch.ended(now: now).nextIn.inSeconds)
      #expect(watch.tick(now: now) == nil)
      now = now + .seconds(pauses.last ?? 0)
    }
    #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
    watch.started(now: now)
    #expect(watch.looked(isWell: true, now: now).loadedIn != nil)
    #expect(watch.ended(now: now + .seconds(61)).nextIn == .seconds(1))
  }
}
