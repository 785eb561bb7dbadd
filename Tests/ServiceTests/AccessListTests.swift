import Base
import Glibc
import Service
import Testing

@Suite struct AccessListTests {
  private static let accounts = Accounts(
    users: .init(number: { ["root": 0, "alice": 1000, "bob": 1001][$0] }, isTold: { $0 != 1001 }),
    groups: .init(number: { ["adm": 4, "video": 44][$0] }, isTold: { _ in true }))

  @Test(arguments: [
    ("user:alice", AccessList(users: [1000])), ("group:video", AccessList(groups: [44])),
    ("user:alice,group:video, user:1234,group:4", AccessList(users: [1000, 1234], groups: [4, 44])),
    ("user:0", AccessList(users: [0])),
  ])
  func `names and numbers are taken`(text: String, list: AccessList) throws {
    #expect(try AccessList(text, at: "here", accounts: Self.accounts) == list)
  }

  @Test(
    arguments: [
      ("", Fault.Code.usage, "``"), ("alice", .usage, "`alice`"), ("users:alice", .usage, "`users:alice`"),
      ("user:", .usage, "`user:`"), ("user:alice,", .usage, "``"),
      ("user:carol", .configuration, "`carol`"), ("group:alice", .configuration, "`alice`"),
      ("user:4294967295", .configuration, "`4294967295`"),
      ("user:99999999999", .configuration, "`99999999999`"),
      ("user:-1", .configuration, "`-1`"), ("user:bob", .configuration, "`bob` can't be told from others"),
    ] as [(String, Fault.Code, String)])
  func `what is nobody is named`(text: String, code: Fault.Code, words: String) {
    let fault = #expect(throws: Fault.self) {
      try AccessList(text, at: "--allow-control", accounts: Self.accounts)
    }
    #expect(fault?.code == code)
    #expect(fault?.what.contains(words) == true)
    #expect(fault?.place == "--allow-control")
  }

  @Test func `a user is allowed by name or by any of the groups`() {
    let list = AccessList(users: [1000], groups: [44])
    let cases: [(Peer, Bool)] = [
      (Peer(process: 1, user: 1000, groups: [1000]), true),
      (Peer(process: 1, user: 1001, groups: [44]), true),
      (Peer(process: 1, user: 1001, groups: [1001, 4, 44]), true),
      (Peer(process: 1, user: 1001, groups: [1001, 4]), false),
      (Peer(process: 1, user: 44, groups: [1000]), false),
      (Peer(process: 1, user: 0, groups: []), false),
    ]
    for (peer, isAllowed) in cases { #expect(list.allows(peer) == isAllowed, "\(peer)") }
  }

  @Test func `a user namespace tells only those apart that it maps`() {
    let whole = "         0          0 4294967295\n"
    // As PrivateUsers=yes of a unit makes it: root and the unit's user.
    let own = "         0          0          1\n       987        987          1\n"
    #expect(Accounts.isMapped(1000, inMap: whole))
    #expect(Accounts.isMapped(0, inMap: own) && Accounts.isMapped(987, inMap: own))
    #expect(!Accounts.isMapped(1000, inMap: own) && !Accounts.isMapped(986, inMap: own))
    #expect(!Accounts.isMapped(0, inMap: ""))
  }

  @Test func `a connected socket tells who connected it`() throws {
    let server = try TestServer()
    let client = try RawClient(server.path)
    // The listening side is this process, too.
    let peer = try #require(Peer(client.descriptor))
    #expect(peer.process == getpid())
    #expect(peer.user == geteuid())
    #expect(peer.groups.first == getegid())
    var own = [gid_t](repeating: 0, count: 65_536)
    let count = Int(getgroups(Int32(own.count), &own))
    #expect(Set(peer.groups) == Set(own.prefix(count) + [getegid()]))
  }
}
