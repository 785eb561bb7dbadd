import Base
import Pipelines
import Testing

/// A text that is no pipeline, and what its reader tells about it.
struct BadText: CustomTestStringConvertible, Sendable {
  let text: String
  /// `line:column: what happened`, in the order of the text.
  let faults: [String]
  /// Somewhere in the advice.
  var advice: String?

  var testDescription: String { text.replacing("\n", with: "⏎") }

  static let source = "source: a.mp4\n"
}

@Suite("A wrong pipeline file")
struct ConfigurationFaultTests {
  static let keys: [BadText] = [
    BadText(text: "source: a.mp4\nzons: {}\n", faults: ["2:1: unknown key `zons`"], advice: "`zones`"),
    BadText(
      text: "sorce: a.mp4\n", faults: ["1:1: unknown key `sorce`", "1:1: no `source`"], advice: "`source`"),
    BadText(
      text: "source: a.mp4\nsignalLost: 2 s\n", faults: ["2:1: unknown key `signalLost`"],
      advice: "`signal_lost`"),
    BadText(
      text: "source: a.mp4\ntransport: udp\n", faults: ["2:1: unknown key `transport`"],
      advice: "it belongs under `source`"),
    BadText(
      text: "source: a.mp4\nsensitvity: 1\n", faults: ["2:1: unknown key `sensitvity`"],
      advice: "did you mean `sensitivity`? It belongs under `encoder`"),
    BadText(
      text: "source: a.mp4\ncolour: red\n", faults: ["2:1: unknown key `colour`"], advice: "the keys here are"
    ),
    BadText(
      text: "source:\n  url: a.mp4\n  hwacel: auto\n", faults: ["3:3: unknown key `hwacel`"],
      advice: "`hwaccel`"),
    BadText(
      text: "source: a.mp4\nrate: 30\nzones: {}\nrate: 25\n",
      faults: ["4:1: `rate` stands twice; the first is in line 2"]),
    BadText(
      text: "source: a.mp4\n\"rate\": 30\nrate: fast\nsocket: x\nsocket: y\n",
      faults: [
        "3:1: `rate` stands twice; the first is in line 2",
        "3:7: `rate` takes a whole number of records a second from 1 to 120; this is `fast`",
        "5:1: `socket` stands twice; the first is in line 4",
      ]),
    BadText(text: "source: a.mp4\nzones:\n", faults: ["2:1: `zones` has no value"]),
    BadText(text: "source: a.mp4\n? [a]\n: 1\n", faults: ["2:3: a key must be a word"]),
    BadText(text: "source: a.mp4\n<<: {rate: 3}\n", faults: ["2:1: unknown key `<<`"]),
    BadText(text: "", faults: ["1:1: no `source`"]),
    BadText(text: "# nothing\n", faults: ["1:1: no `source`"]),
    BadText(text: "rate: 30\n", faults: ["1:1: no `source`"]),
    BadText(text: "- a\n- b\n", faults: ["1:1: a pipeline is a mapping of keys: this is a list of 2"]),
    BadText(text: "a.mp4\n", faults: ["1:1: a pipeline is a mapping of keys: this is `a.mp4`"]),
    BadText(text: "source: {transport: tcp}\n", faults: ["1:1: `source` has no `url`"]),
  ]

  static let sweeps: [BadText] = [
    BadText(
      text: "source: a\nsweep: yes\n",
      faults: ["2:8: `sweep` takes a mapping of keys; this is `yes`"], advice: "`sweep: {}`"),
    BadText(
      text: "source: a\nsweep: {spacng: 1}\n", faults: ["2:9: unknown key `spacng`"], advice: "`spacing`"),
    BadText(
      text: "source: a\nsweep: {spacing: 0.5 0.5}\n",
      faults: [
        "2:18: `spacing` takes the sides of a voxel, such as `0.5 0.5 0.8 mm`, or one for all three; this is `0.5 0.5`"
      ]),
    BadText(
      text: "source: a\nsweep: {spacing: -1 mm}\n",
      faults: [
        "2:18: `spacing` takes the sides of a voxel, such as `0.5 0.5 0.8 mm`, or one for all three; this is `-1 mm`"
      ]),
    BadText(
      text: "source: a\nsweep: {find: [pore, hole]}\n", faults: ["2:22: `find` knows no such kind"],
      advice: "`inclusion`"),
    BadText(
      text: "source: a\nsweep: {find: pore}\n", faults: ["2:15: `find` takes a list, such as `[pore, crack]`"]
    ),
    BadText(
      text: "source: a\nsweep: {material: {from: 5, to: 1, contrast: 3}}\n",
      faults: ["2:19: `from` is not below `to`"]),
    BadText(
      text: "source: a\nsweep: {material: {from: 5, to: 9}}\n", faults: ["2:19: `material` has no `contrast`"]
    ),
    BadText(
      text: "source: a\nsweep: {use: clinical}\n",
      faults: ["2:14: `use` takes one of `industrial`, `medical`; this is `clinical`"]),
    BadText(
      text: "source: a\nsweep: {}\nzones: {}\n",
      faults: ["3:1: `zones` is for cameras, and this pipeline has a `sweep`"], advice: "`instruction`"),
    BadText(
      text: "source: a\nsweep: {}\ninstruction: {input: a camera}\n",
      faults: ["3:22: this source is a CT sweep, not a camera"]),
  ]

  static let values: [BadText] = [
    (
      "rate: thirty", "7: `rate` takes a whole number of records a second from 1 to 120; this is `thirty`",
      nil
    ),
    ("rate: 0", "7: `rate` takes a whole number of records a second from 1 to 120; this is `0`", nil),
    ("rate: 29.97", "7: `rate` takes a whole number of records a second from 1 to 120; this is `29.97`", nil),
    (
      "rate: \"30\"",
      "7: `rate` takes a whole number of records a second from 1 to 120; this is text in quotes", nil
    ),
    (
      "rate: [30]", "7: `rate` takes a whole number of records a second from 1 to 120; this is a list of 1",
      nil
    ),
    ("rotate: 45", "9: `rotate` takes `auto`, 0, 90, 180 or 270 (degrees clockwise); this is `45`", nil),
    ("loop: yes", "7: `loop` takes `true` or `false`; this is `yes`", "write `true`, without quotes"),
    ("loop: \"true\"", "7: `loop` takes `true` or `false`; this is text in quotes", "without quotes"),
    ("loop: 2", "7: `loop` takes `true` or `false`; this is `2`", nil),
    (
      "signal_lost: 2", "14: `signal_lost` takes a time such as `2 s` or `500 ms`; `2` has no unit",
      "write `2 s`"
    ),
    (
      "signal_lost: 2 sec",
      "14: `signal_lost` takes a time such as `2 s` or `500 ms`; `sec` is no unit of it",
      "did you mean `2 s`?"
    ),
    (
      "signal_lost: 2 px", "14: `signal_lost` takes a time such as `2 s` or `500 ms`; `px` is no unit of it",
      nil
    ),
    ("signal_lost: soon", "14: `signal_lost` takes a time such as `2 s` or `500 ms`; this is `soon`", nil),
    ("signal_lost: 5 ms", "14: `signal_lost` takes a time from 200 ms to 1 h; this is `5 ms`", nil),
    ("signal_lost: -2 s", "14: `signal_lost` takes a time from 200 ms to 1 h; this is `-2 s`", nil),
    (
      "start: 2026-11-23",
      "8: `start` takes a time with its zone, such as `2026-11-23T13:45:20Z`; this is `2026-11-23`", nil
    ),
    (
      "start: 2026-02-30T00:00:00Z",
      "8: `start` takes a time with its zone, such as `2026-11-23T13:45:20Z`; this is `2026-02-30T00:00:00Z`",
      nil
    ),
    (
      "name: a b", "7: `name` may hold letters, digits, `_`, `-` and `.`, and begins with a letter or digit",
      nil
    ),
    ("name: !secret x", "7: tags such as `!secret` are not known here", nil),
    ("socket: ''", "9: `socket` takes a path of one line, not empty", nil),
    ("encoder: fast", "10: `encoder` takes a mapping of keys; this is `fast`", "`minimum_object`"),
    (
      "encoder: {minimum_object: 3}",
      "27: `minimum_object` takes a size such as `24 px`, or `3 %` of the picture's height; `3` has no unit",
      "`3 px`"
    ),
    (
      "encoder: {minimum_object: 24 pixels}",
      "27: `minimum_object` takes a size such as `24 px`, or `3 %` of the picture's height; `pixels` is no unit of it",
      "`24 px`"
    ),
    (
      "encoder: {minimum_object: 200 %}",
      "27: `minimum_object` takes 4 px to 4320 px, in whole pixels, or 0.5 % to 100 %", nil
    ),
    ("encoder: {sensitivity: 1.5}", "24: `sensitivity` takes a number from 0 to 1; this is `1.5`", nil),
    ("encoder: {sensitivity: nan}", "24: `sensitivity` takes a number from 0 to 1; this is `nan`", nil),
    ("encoder: {budget: 0 %}", "19: `budget` takes 1 % to 100 %; this is `0 %`", nil),
    ("encoder: {budget: 0.5}", "19: `budget` takes a share such as `30 %`; `0.5` has no unit", nil),
  ].map { BadText(text: BadText.source + $0.0 + "\n", faults: ["2:" + $0.1], advice: $0.2) }

  static let polygons: [BadText] = [
    ("zones: [a]", "8: `zones` takes a mapping of names to polygons; this is a list of 1", nil),
    ("zones: {door: [[0, 0], [1, 1]]}", "15: zone `door` has 2 points; a polygon has 3 or more", nil),
    (
      "zones: {door: [[0, 0], [1, 1], [0, 0]]}",
      "15: zone `door` has 2 points; a polygon has 3 or more", nil
    ),
    (
      "zones: {door: [[0, 0], [0.5, 1.5], [1, 0]]}",
      "30: a coordinate is a number from 0 to 1; this is `1.5`", "divide pixels"
    ),
    (
      "zones: {door: [[0, 0], [0.5, -0.5], [1, 0]]}",
      "30: a coordinate is a number from 0 to 1; this is `-0.5`", nil
    ),
    ("zones: {door: [[0, 0], [0.5], [1, 0]]}", "24: a point is `[x, y]`; this is a list of 1", nil),
    ("zones: {door: [0, 0, 1, 1]}", "16: a point is `[x, y]`; this is `0`", nil),
    ("zones: {door: 1}", "15: zone `door` takes a list of points; this is `1`", nil),
    (
      "zones: {door: [[0, 0], [1, 1], [1, 0], [0, 1]]}",
      "32: zone `door` crosses itself: its edge from point 3 meets the one from point 1", "order"
    ),
    (
      "zones: {my door: [[0, 0], [1, 1], [1, 0]]}",
      "9: a zone's name may hold letters, digits, `_`, `-` and `.`, and begins with a letter or digit", nil
    ),
    ("masks: [[0, 0], [1, 1], [1, 0]]", "8: `masks` takes a list of polygons; this is one polygon", nil),
    ("masks: {a: 1}", "8: `masks` takes a list of polygons; this is a mapping", nil),
  ].map { BadText(text: BadText.source + $0.0 + "\n", faults: ["2:" + $0.1], advice: $0.2) }

  static let sources: [BadText] = [
    BadText(
      text: "source: [a]\n",
      faults: ["1:9: `source` takes a file, a URL, a device, or `-`; this is a list of 1"]),
    BadText(
      text: "source: {url: a, transport: tpc}\n",
      faults: ["1:29: `transport` takes one of `tcp`, `udp`; this is `tpc`"], advice: "did you mean `tcp`?"),
    BadText(
      text: "source: {url: a, hwaccel: nvidia}\n",
      faults: ["1:27: `hwaccel` takes one of `none`, `auto`, `vaapi`, `cuda`; this is `nvidia`"]),
    BadText(
      text: "source: {url: a, threads: 99}\n",
      faults: ["1:27: `threads` takes a whole number from 1 to 16; this is `99`"]),
    BadText(
      text: "source: {url: a, timeout: 10}\n",
      faults: ["1:27: `timeout` takes a time such as `2 s` or `500 ms`; `10` has no unit"]),
    BadText(
      text: "source: {url: a, options: fast}\n",
      faults: ["1:27: `options` takes a mapping of FFmpeg's option names to values; this is `fast`"]),
    BadText(
      text: "source: {url: a, loop: true}\nloop: false\n",
      faults: ["2:1: `loop` is false here and true under `source`"]),
    BadText(
      text: "source: rtsp://admin:${NO_SUCH}@cam/\n",
      faults: ["1:9: the environment variable `NO_SUCH` is not set"], advice: "${file:/path}"),
    BadText(
      text: "source: rtsp://admin:${file:/no/such}@cam/\n",
      faults: ["1:9: the secret in `/no/such` can't be read: No such file or directory"]),
    BadText(
      text: "source: rtsp://admin:${1X}@cam/\n", faults: ["1:9: `${1X}` is no reference"]),
    BadText(
      text: "source: rtsp://admin:${X\n", faults: ["1:9: `${X` has no closing brace"]),
  ]

  @Test(
    "is refused with every fault at its place, and what to do",
    arguments: keys + values + polygons + sources + sweeps)
  func faults(_ bad: BadText) throws {
    let found = try #require(throws: PipelineFaults.self) {
      try PipelineFiles.read(bad.text, path: "x.yaml", environment: [:])
    }
    let told = found.faults.map {
      "\($0.place ?? ""): \($0.what)" + ($0.cause.map { ": " + $0 } ?? "")
    }
    #expect(told == bad.faults.map { "x.yaml:" + $0 })
    if let advice = bad.advice {
      #expect(found.faults.contains { $0.advice?.contains(advice) ?? false }, "\(found)")
    }
    #expect(found.code == .configuration)
  }

  @Test(
    "is refused at the place where its YAML breaks",
    arguments: [
      ("source: a.mp4\nzones: [\n", 3), ("source: \"a.mp4\n", 2), ("source: a\n\tb: c\n", 2),
      ("source: a\n  rate: 3\n", 2), ("source: *nobody\n", 1), ("a: 1\n---\nb: 2\n", 2),
      ("source: a\u{0}b\n", 1),
    ])
  func brokenYAML(_ text: String, line: Int) throws {
    let found = try #require(throws: PipelineFaults.self) {
      try PipelineFiles.read(text, path: "x.yaml", environment: [:])
    }
    #expect(found.faults.count == 1)
    let fault = try #require(found.faults.first)
    #expect(fault.code == .configuration)
    #expect(fault.place?.hasPrefix("x.yaml:\(line):") ?? false, "\(fault)")
  }

  @Test("shows the line with a caret under the fault and the nearest key")
  func excerpt() {
    let told = #expect(throws: PipelineFaults.self) {
      try PipelineFiles.read(
        "source: lobby.mp4\nencoder:\n  sensitivty: 0.7\n", path: "lobby.yaml", environment: [:])
    }
    #expect(
      told?.description == """
        lobby.yaml:3:3: unknown key `sensitivty`
           3 |   sensitivty: 0.7
             |   ^^^^^^^^^^
          did you mean `sensitivity`?
        """)
  }

  @Test("never surprises the reader, whatever a typing error makes of it")
  func mutations() throws {
    let text = Array(
      """
      name: lobby
      source: {url: "rtsp://a:${PW}@h/1", transport: tcp, options: {a: b}}
      rate: 30
      masks: [[[0, 0], [1, 0], [1, 1]]]
      zones:
        door: &door [[0.1, 0.2], [0.5, 0.2], [0.5, 0.9]]
        again: *door
      encoder:
        minimum_object: 24 px
        budget: 30 %
      signal_lost: 2 s
      start: 2026-11-23T13:45:20+01:00
      """.unicodeScalars)
    let spare = Array("{}[]:,-&*!|>'\"%@`#?~ \t\n\r0aé\u{E000}\u{1F600}".unicodeScalars)
    var random = Steady(state: 7)
    var refused = 0
    for _ in 0..<4000 {
      var scalars = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<scalars.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: scalars.remove(at: at)
        case 1: scalars.insert(spare.randomElement(using: &random) ?? "x", at: at)
        default: scalars.swapAt(at, Int.random(in: 0..<scalars.count, using: &random))
        }
      }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      let lines = view.count { $0 == "\n" || $0 == "\r" } + 1
      do {
        _ = try PipelineFiles.read(String(view), path: "x", environment: ["PW": "hunter2"])
      } catch {
        refused += 1
        for fault in error.faults {
          let place = (fault.place ?? "").split(separator: ":")
          #expect(place.count == 3 && (1...(lines + 1)).contains(Int(place[1]) ?? 0), "\(fault)")
          #expect(!fault.description.contains("hunter2"))
        }
      }
    }
    #expect(refused > 2000)
  }

  @Test("shows the right line whatever ends the lines", arguments: ["\n", "\r\n", "\r"])
  func lineEnds(_ end: String) throws {
    let text = ["source: a.mp4", "# Tür", "rate: x", "loop: 1", ""].joined(separator: end)
    let found = try #require(throws: PipelineFaults.self) {
      try PipelineFiles.read(text, path: "x.yaml", environment: [:])
    }
    #expect(found.faults.map(\.place) == ["x.yaml:3:7", "x.yaml:4:7"])
    #expect(found.faults[0].excerpt == "   3 | rate: x\n     |       ^")
  }

  @Test("never shows a password, neither in the text nor in the excerpt")
  func secretsStayHidden() throws {
    let text = """
      source: {url: "rtsp://admin:hunter2@10.0.0.9/main?token=abcdef", transport: tpc}
      name: rtsp://me:hunter2@host/
      """
    let found = try #require(throws: PipelineFaults.self) {
      try PipelineFiles.read(text, path: "x.yaml", environment: [:])
    }
    #expect(found.faults.count == 2)
    #expect(!found.description.contains("hunter2"))
    #expect(!found.description.contains("abcdef"))
    // The caret still stands under the value that is wrong.
    let excerpt = try #require(found.faults[0].excerpt).split(separator: "\n")
    let caret = try #require(excerpt[1].firstIndex(of: "^"))
    let column = excerpt[1].distance(from: excerpt[1].startIndex, to: caret)
    #expect(excerpt[0].dropFirst(column).hasPrefix("tpc"), "\(found)")
  }
}

/// The same numbers in every run (Steele and Vigna's SplitMix64).
private struct Steady: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
