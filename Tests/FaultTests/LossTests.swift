import Base
import Events
import Foundation
import Glibc
import TestKit
import Testing

/// A network of its own for the processes of one test, in which a share of all UDP packets gets lost.
private final class LossyNetwork: Sendable {
  /// Its first process, which holds it.
  private let holder: RunningCommand

  /// What runs a command in it.
  var wrapper: [String] { ["/usr/bin/nsenter", "--net=/proc/\(holder.id)/ns/net"] }

  init(percent: Int) async throws {
    let rules = """
      ip link set lo up && nft -f - <<RULES && echo ready && exec cat
      table inet loss {
        chain in {
          type filter hook input priority 0;
          meta l4proto udp numgen random mod 100 < \(percent) counter drop
        }
      }
      RULES
      """
    holder = try Self.inNamespace(["/bin/sh", "-c", rules])
    try #require(await holder.wait(within: 20) { output, _ in output.contains("ready") }, "\(holder.error)")
  }

  private static func inNamespace(_ command: [String]) throws -> RunningCommand {
    try RunningCommand(
      "/usr/bin/unshare", ["--net"] + command, isFed: true,
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
  }

  deinit { holder.signal(SIGKILL) }

  private func nft(_ arguments: String...) async throws -> String {
    let command = wrapper + ["/usr/sbin/nft"] + arguments
    return await (try RunningCommand(command[0], Array(command.dropFirst()))).end(within: 20).output
  }

  func lostPackets() async throws -> Int {
    try await nft("list", "ruleset").firstMatch(of: /packets (\d+)/).flatMap { Int($0.1) } ?? 0
  }

  func mend() async throws { _ = try await nft("flush", "ruleset") }

  /// Needs root, and a kernel that has network namespaces and nftables.
  static func isPossible() async -> Bool {
    await (try? inNamespace(["nft", "add", "table", "inet", "loss"]))?.end(within: 20).code == 0
  }
}

@Suite("A network that loses packets")
struct LossTests {
  @Test(
    "a third of them costs frames, and each record says so; then all is as before",
    .enabled("needs root, network namespaces and nftables") { await LossyNetwork.isPossible() })
  func loss() async throws {
    let network = try await LossyNetwork(percent: 30)
    let camera = CameraServer(wrapper: network.wrapper)
    try await camera.start()
    let watchman = try await Watchman(
      ["cam": CameraFaultTests.pipeline(camera.url, transport: "udp")], wrapper: network.wrapper)
    #expect(
      await watchman.wait { account in
        let cam = account["cam"]
        return cam.frames.count > 240 && cam.frames.count { $0.isFresh } > 40
      }, "\(watchman.log)")
    #expect(try await network.lostPackets() > 30)
    let during = watchman.account["cam"].frames
    #expect(during.contains { !$0.isFresh && $0.frame > 0 })
    try await network.mend()
    #expect(
      await watchman.wait { account in
        let newest = account["cam"].frames.suffix(90)
        return newest.count { $0.isFresh } >= 36 && newest.allSatisfy { $0.state != .signalLost }
      }, "\(watchman.log)")
    #expect(Holdings.peakMemory(of: watchman.process.id) < 200)
    #expect(await watchman.stop() == 0, "\(watchman.log)")
    #expect(watchman.account.faults(of: "cam") == [])
  }
}
