import Base
import Events
import Glibc
import Service
import TestKit
import Testing

@Suite(.serialized) struct CrowdTests {
  /// Both ends of each connection are of this process.
  init() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, 8192)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private func frames(_ client: RawClient, _ count: Int) throws -> [UInt64] {
    var seqs: [UInt64] = []
    while seqs.count < count {
      switch try client.message() {
      case .frame(let record): seqs.append(record.seq)
      case .gap(let gap): Issue.record("lost \(gap)")
      default: break
      }
    }
    return seqs
  }

  @Test func `five hundred subscribers get every record`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let clients = try (0..<500).map { _ in try RawClient(server.path) }
    for client in clients { _ = try client.hello() }
    for round in 0..<5 {
      stream.publish(ticks: 30)
      for client in clients {
        #expect(try frames(client, 30) == Array(UInt64(round * 30 + 1)...UInt64(round * 30 + 30)))
      }
    }
  }

  @Test func `storms of clients that come and go cost those that stay nothing`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let good = try (0..<20).map { _ in try RawClient(server.path) }
    for client in good { _ = try client.hello() }
    let path = server.path
    let isOver = Monitor(0)
    let storms = (0..<4).map { number in
      WorkerThread(name: "storm") {
        for turn in 0..<500 {
          guard let client = try? RawClient(path) else { continue }
          // Some go at once, some in the middle of a request, some after an answer.
          if turn % 3 == number % 3 { _ = try? client.hello() }
          if turn % 2 == 0 { _ = client.sendSome(Array(#"{"subscribe":{"from":"oldest"}}"#.utf8)) }
        }
        isOver.withLock { count, held in
          count += 1
          held.wakeAll()
        }
      }
    }
    var told: UInt64 = 0
    while isOver.withLock({ count, _ in count < 4 }) {
      stream.publish(ticks: 10)
      for client in good { #expect(try frames(client, 10) == Array(told + 1...told + 10)) }
      told += 10
    }
    for storm in storms { storm.join() }
    stream.publish(ticks: 10)
    for client in good { #expect(try frames(client, 10) == Array(told + 1...told + 10)) }
  }
}
