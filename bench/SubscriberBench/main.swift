import Base
import Events
import Glibc
import Logging
import Service

// How much of a core the event socket takes for many subscribers of one live stream, and whether any of them
// loses a record.
//
//     bench/subscribers.sh [subscribers=500] [seconds=20] [stuck=1] [objects=2]
//
// This process is the daemon: it publishes 30 records a second and serves. A second one, started by it, holds all
// subscribers, so that their work isn't counted here.

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "readers", arguments.count == 5 {
  let readers = Readers(
    path: arguments[1], count: Int(arguments[2]) ?? 0, stuck: Int(arguments[3]) ?? 0,
    last: UInt64(arguments[4]) ?? 0)
  exit(readers.run())
}

func option(_ name: String, _ standard: Int) -> Int {
  for argument in arguments where argument.hasPrefix(name + "=") {
    return Int(argument.dropFirst(name.count + 1)) ?? standard
  }
  return standard
}

let subscribers = option("subscribers", 500)
let seconds = option("seconds", 20)
let stuck = option("stuck", 1)
let ticks = seconds * 30
let path = "/tmp/saccade-bench-\(getpid()).sock"

var limit = rlimit()
getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
limit.rlim_cur = limit.rlim_max
setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)

let clocks = SystemClocks()
let server = EventServer(
  path: path, clocks: clocks, version: "bench",
  logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
do {
  try server.start()
} catch {
  print(error)
  exit(error.code.rawValue)
}
let publisher = server.addStream(name: "lobby", kind: .live, rate: 30, epoch: "b000")
let child = spawn(["readers", path, "\(subscribers)", "\(stuck)", "\(ticks)"])
// The readers say when all are connected.
var ready: UInt8 = 0
guard read(child.output, &ready, 1) == 1 else {
  print("the readers didn't start")
  exit(70)
}

let objects = (0..<option("objects", 2)).map { number in
  ObjectReport(
    id: UInt64(number + 1), label: "moving", score: 0.93,
    box: Box(x: 0.4121, y: 0.2335, width: 0.0613, height: 0.1822), velocityX: 0.0213, velocityY: -0.0042,
    age: 2.133, still: 0, zones: ["door"], seen: .observed)
}
let before = usage()
let start = clocks.monotonic()
for tick in 0..<ticks {
  waitUntil(start + Nanoseconds(tick) * 1_000_000_000 / 30)
  let wall = clocks.wall()
  publisher.publish(
    frame: FrameRecord(
      stream: "lobby", seq: UInt64(tick + 1), time: Timestamp(milliseconds: wall.nanoseconds / 1_000_000),
      mediaTime: Double(tick) / 30, segment: 1, frame: UInt64(tick + 1), freshness: .fresh,
      ageMilliseconds: 0,
      // The publishing time, for the readers to take the delay.
      encoder: EncoderReport(
        ran: ["patch-grid"], skipped: nil, milliseconds: Double(clocks.monotonic().nanoseconds) / 1e6),
      scene: SceneReport(state: .ok, mode: .colour, motion: 0.034, luma: 0.521, sharpness: 0.813),
      objects: objects))
}
let elapsed = (clocks.monotonic() - start).inSeconds
let used = usage() - before
var status: Int32 = 0
waitpid(child.process, &status, 0)
server.stop(reason: "done")
print(
  "daemon: \(rounded(used)) s CPU in \(rounded(elapsed)) s = \(rounded(used / elapsed)) of a core for \(subscribers) subscribers at 30 Hz, \(stuck) stuck"
)
exit(status == 0 ? 0 : 1)
