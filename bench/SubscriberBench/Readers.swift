import Base
import Glibc

/// All subscribers, on one thread: counts records, finds holes, takes the delay of each.
struct Readers {
  private struct Reader {
    var held: [UInt8] = []
    var next: UInt64 = 1
  }

  let path: String
  let count: Int
  let stuck: Int
  let last: UInt64

  /// The exit code: 1 when a record was lost.
  func run() -> Int32 {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    var files = (0..<count).map { _ in pollfd(fd: connected(), events: Int16(POLLIN), revents: 0) }
    let silent = (0..<stuck).map { _ in connected() }
    var readers = [Reader](repeating: Reader(), count: count)
    var byte: UInt8 = 1
    var isReady = false
    var lost: UInt64 = 0
    var delays: [Double] = []
    var bytes = 0
    var open = count
    let clocks = SystemClocks()
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var greeted = 0
    while open > 0 {
      guard poll(&files, nfds_t(files.count), 30_000) > 0 else {
        print("readers: nothing came for 30 s")
        return 1
      }
      for index in files.indices where files[index].revents != 0 {
        let got = recv(files[index].fd, &chunk, chunk.count, 0)
        guard got > 0 else {
          print("readers: cut off")
          return 1
        }
        let now = Double(clocks.monotonic().nanoseconds) / 1e6
        bytes += got
        readers[index].held += chunk[..<got]
        while let end = readers[index].held.firstIndex(of: 10) {
          let line = readers[index].held[..<end]
          if let seq = number(line, after: "\"seq\":") {
            if seq != Double(readers[index].next) { lost += 1 }
            readers[index].next = UInt64(seq) + 1
            // A tenth of them is plenty.
            if index % 10 == 0, let sent = number(line, after: "\"ms\":") { delays.append(now - sent) }
            if UInt64(seq) == last {
              files[index].fd = -1
              open -= 1
            }
          } else {
            greeted += 1
          }
          readers[index].held.removeSubrange(...end)
        }
      }
      if !isReady, greeted >= count {
        isReady = true
        write(3, &byte, 1)
      }
    }
    delays.sort()
    let records = UInt64(count) * last
    func quantile(_ share: Double) -> Double { rounded(delays[Int(Double(delays.count - 1) * share)]) }
    print(
      "readers: \(records) records, \(bytes / Int(records)) B each, \(lost) holes; published to read: p50 \(quantile(0.5)) ms, p99 \(quantile(0.99)) ms, longest \(quantile(1)) ms"
    )
    for descriptor in silent { close(descriptor) }
    return lost == 0 ? 0 : 1
  }

  private func connected() -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafeBytes(of: &address) {
      connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    precondition(result == 0, "connect: errno \(errno)")
    return descriptor
  }

  private func number(_ line: ArraySlice<UInt8>, after key: StaticString) -> Double? {
    let found = line.firstRange(of: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    guard let found else { return nil }
    let digits = line[found.upperBound...].prefix { ($0 >= 48 && $0 <= 57) || $0 == 46 }
    return Double(String(decoding: digits, as: UTF8.self))
  }
}
