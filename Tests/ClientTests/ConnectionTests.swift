import Base
import Events
import Glibc
import SaccadeClient
import TestKit
import Testing

@Suite struct ConnectionTests {
  @Test func `the status comes whole, whatever comes in between`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    // Their entries are longer than a line.
    let publishers = (0..<800).map { number in
      daemon.server.addStream(name: "camera-\(number)", kind: .live, rate: 30, epoch: "e")
    }
    #expect(publishers.count == 800)
    daemon.publish(ticks: 50)
    var connection = try EventConnection(paths: [scratch.file("a.sock")])
    daemon.publish(ticks: 50)
    let status = try connection.status()
    #expect(status["server"] == "saccade/0.0.0" && status["clients"] == 1)
    #expect(status["streams"]?.items?.count == 801)
    #expect(status["part"] == nil)
  }

  @Test func `the first place at which a daemon listens is taken`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("b.sock"))
    defer { daemon.stop() }
    let connection = try EventConnection(paths: [scratch.file("a.sock"), scratch.file("b.sock")])
    #expect(connection.path == scratch.file("b.sock"))
  }

  @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n", String(repeating: "x", count: 200_000)])
  func `what is not saccade is told so`(answer: String) throws {
    let scratch = Scratch("client")
    let path = scratch.file("a.sock")
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafeBytes(of: &address) {
      bind(listener, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    #expect(bound == 0 && listen(listener, 1) == 0)
    let thread = WorkerThread(name: "imposter") {
      let peer = acceptPrivately(listener)
      let bytes = Array(answer.utf8)
      _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      close(peer)
    }
    var connection = try EventConnection(paths: [path])
    do throws(ClientError) {
      _ = try connection.next(within: 10_000)
      Issue.record("nothing was wrong")
    } catch {
      #expect(error.kind == .badProtocol, "\(error)")
    }
    thread.join()
  }

  @Test func `a daemon that says nothing is waited for as long as asked`() throws {
    let scratch = Scratch("client")
    let daemon = try Daemon(scratch.file("a.sock"))
    defer { daemon.stop() }
    var connection = try EventConnection(paths: [scratch.file("a.sock")])
    _ = try connection.next()
    do throws(ClientError) {
      _ = try connection.next(within: 5)
      Issue.record("something came")
    } catch {
      #expect(error.kind == .timedOut)
    }
  }

  @Test(
    arguments: [
      ("x.sock", [:], ["x.sock"]),
      (nil, ["SACCADE_SOCKET": "/y.sock", "XDG_RUNTIME_DIR": "/run/user/7"], ["/y.sock"]),
      (
        nil, ["XDG_RUNTIME_DIR": "/run/user/7"],
        ["/run/user/7/saccade/events.sock", "/tmp/saccade-7/events.sock", "/run/saccade/events.sock"]
      ),
      (nil, ["SACCADE_SOCKET": ""], ["/tmp/saccade-7/events.sock", "/run/saccade/events.sock"]),
    ] as [(String?, [String: String], [String])])
  func `the socket is looked for where the protocol says`(
    option: String?, environment: [String: String], paths: [String]
  ) {
    #expect(SocketPath.candidates(option: option, environment: { environment[$0] }, user: 7) == paths)
  }
}
