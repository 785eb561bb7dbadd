import Base
import Glibc

/// Who may do something: users and groups.
package struct AccessList: Hashable, Sendable {
  package var users: Set<UInt32> = []
  package var groups: Set<UInt32> = []

  package init(users: Set<UInt32> = [], groups: Set<UInt32> = []) {
    self.users = users
    self.groups = groups
  }

  /// Reads `user:alice,group:video,user:1000`.
  ///
  /// - Parameter place: Where the text stands, such as `--allow-subscribe`.
  package init(_ text: String, at place: String, accounts: Accounts) throws(Fault) {
    let items = text.split(separator: ",", omittingEmptySubsequences: false)
    for item in items.map({ $0.drop { $0 == " " } }) {
      let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[1].isEmpty else { throw Self.misread(item, place) }
      let name = String(parts[1])
      switch parts[0] {
      case "user": users.insert(try Self.number(name, "user", place, accounts.users))
      case "group": groups.insert(try Self.number(name, "group", place, accounts.groups))
      default: throw Self.misread(item, place)
      }
    }
  }

  package func allows(_ peer: Peer) -> Bool {
    users.contains(peer.user) || peer.groups.contains(where: groups.contains)
  }

  private static func number(
    _ name: String, _ what: String, _ place: String, _ book: Accounts.Book
  ) throws(Fault) -> UInt32 {
    let isNumber = name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    // The last number stands for none (chown(2)).
    guard let number = isNumber ? UInt32(name) : book.number(name), number != .max else {
      throw Fault(
        .configuration, "there is no \(what) `\(name)` on this machine", at: place,
        advice: "`getent \(what == "user" ? "passwd" : "group")` lists them")
    }
    guard book.isTold(number) else {
      throw Fault(
        .configuration, "\(what) `\(name)` can't be told from others here", at: place,
        cause: "this process runs in a user namespace without it",
        advice: "in a unit, that is `PrivateUsers=yes`: set it to `no`")
    }
    return number
  }

  private static func misread(_ item: Substring, _ place: String) -> Fault {
    Fault(
      .usage, "`\(item)` is neither a user nor a group", at: place,
      advice: "it is a list such as user:alice,group:video")
  }
}

/// The machine's users and groups.
package struct Accounts: Sendable {
  package struct Book: Sendable {
    /// The number that a name stands for; nil for none.
    package var number: @Sendable (String) -> UInt32?
    /// Whether the kernel tells this one's processes from those of others.
    package var isTold: @Sendable (UInt32) -> Bool

    package init(
      number: @escaping @Sendable (String) -> UInt32?, isTold: @escaping @Sendable (UInt32) -> Bool
    ) {
      self.number = number
      self.isTold = isTold
    }
  }

  package var users: Book
  package var groups: Book

  package init(users: Book, groups: Book) {
    self.users = users
    self.groups = groups
  }

  /// As the machine knows them; a look may take as long as its name service.
  package static let system = Accounts(
    users: Book(
      number: { getpwnam($0)?.pointee.pw_uid }, isTold: { isMapped($0, "/proc/self/uid_map") }),
    groups: Book(
      number: { getgrnam($0)?.pointee.gr_gid }, isTold: { isMapped($0, "/proc/self/gid_map") }))

  /// user_namespaces(7): lines of first number inside, first number outside, how many.
  static func isMapped(_ number: UInt32, _ file: String) -> Bool {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    // A kernel without namespaces tells everyone from everyone.
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &bytes, bytes.count)
    return isMapped(number, inMap: String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
  }

  package static func isMapped(_ number: UInt32, inMap text: String) -> Bool {
    text.split(separator: "\n").contains { line in
      let numbers = line.split(separator: " ").compactMap { UInt64($0) }
      return numbers.count == 3 && (numbers[0]..<numbers[0] + numbers[2]).contains(UInt64(number))
    }
  }
}
