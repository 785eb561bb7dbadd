import Glibc
import Logging
import Service

/// How many clients a daemon takes: as many as leave descriptors to its streams, so that no crowd keeps a lost camera
/// from being opened again.
enum ClientLimit {
  /// For what every daemon has: libraries, event loops, the journal, the sockets beside the event socket.
  private static let forDaemon = 64
  /// A camera by RTSP over UDP takes five.
  private static let forStream = 8
  private static let fewest = 16

  static func clients(descriptors: Int, streams: Int, usual: Int) -> Int {
    min(usual, max(fewest, descriptors - forDaemon - forStream * streams))
  }

  /// The bounds of a daemon with so many streams, in this process.
  static func options(streams: Int, logger: Logger) -> ServerOptions {
    var options = ServerOptions()
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return options }
    let descriptors = Int(clamping: limit.rlim_cur)
    let usual = options.clients
    options.clients = clients(descriptors: descriptors, streams: streams, usual: usual)
    if options.clients < usual {
      logger.notice(
        "fewer clients are taken than usual, as few descriptors may be open",
        metadata: ["clients": "\(options.clients)", "descriptors": "\(descriptors)"])
    }
    return options
  }
}
