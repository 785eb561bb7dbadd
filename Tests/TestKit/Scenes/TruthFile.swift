import Base
import Foundation

/// Truth as lines of JSON: the clip first, then a line a frame.
package enum TruthFile {
  package static func line(_ clip: ClipTruth) -> String {
    let disturbances = clip.disturbances.map {
      "{\"kind\":\"\($0.kind)\",\"begin\":\(short($0.begin)),\"end\":\(short($0.end))}"
    }
    let health = clip.health.map {
      "{\"kind\":\"\($0.kind)\",\"begin\":\(short($0.begin)),\"full\":\(short($0.full)),\"end\":\(short($0.end)),"
        + "\"over\":\(short($0.over)),\"due\":\($0.due)}"
    }
    let unscored = clip.unscored.map { "[\(short($0.lowerBound)),\(short($0.upperBound))]" }
    return "{\"type\":\"clip\",\"name\":\"\(clip.name)\",\"seed\":\(clip.seed),\"width\":\(clip.width),"
      + "\"height\":\(clip.height),\"fps\":\(short(clip.rate)),\"frames\":\(clip.frames),\"warm_up\":\(short(clip.warmUp)),"
      + "\"disturbances\":[\(disturbances.joined(separator: ","))],\"health\":[\(health.joined(separator: ","))],"
      + "\"unscored\":[\(unscored.joined(separator: ","))]}"
  }

  package static func line(_ frame: FrameTruth) -> String {
    let objects = frame.objects.map {
      "{\"id\":\($0.id),\"kind\":\"\($0.kind)\",\"box\":\(list($0.box)),\"full\":\(list($0.full)),"
        + "\"visible\":\(short($0.visible)),\"contrast\":\(short(($0.contrast * 10).rounded() / 10)),\"latent\":\($0.latent)}"
    }
    return "{\"type\":\"frame\",\"frame\":\(frame.number),\"time\":\(short(frame.time)),"
      + "\"objects\":[\(objects.joined(separator: ","))]}"
  }

  private static func short(_ value: Double) -> String { "\((value * 100_000).rounded() / 100_000)" }
  private static func list(_ r: Rect) -> String {
    "[\(short(r.x)),\(short(r.y)),\(short(r.width)),\(short(r.height))]"
  }

  package static func read(_ path: String) throws -> (clip: ClipTruth, frames: [FrameTruth]) {
    var clip: ClipTruth?
    var frames: [FrameTruth] = []
    for (index, line) in try JSONLines.read(path).enumerated() {
      if index == 0 {
        clip = try self.clip(line, path)
      } else {
        frames.append(
          FrameTruth(
            number: line.int("frame"), time: line.double("time"),
            objects: line.objects("objects").map {
              ObjectTruth(
                id: $0.int("id"), kind: $0.text("kind"), box: $0.rect("box"), full: $0.rect("full"),
                visible: $0.double("visible"), contrast: $0.double("contrast"), latent: $0.flag("latent"))
            }))
      }
    }
    guard let clip else { throw Fault(.data, "no truth in it", at: path) }
    return (clip, frames)
  }

  private static func clip(_ line: JSONObject, _ path: String) throws -> ClipTruth {
    guard line.text("type") == "clip" else {
      throw Fault(.data, "the first line is not a clip", at: path + ":1")
    }
    return ClipTruth(
      name: line.text("name"), seed: UInt64(line.int("seed")), width: line.int("width"),
      height: line.int("height"),
      rate: line.double("fps"), frames: line.int("frames"), warmUp: line.double("warm_up"),
      disturbances: line.objects("disturbances").map {
        ClipTruth.Interval(kind: $0.text("kind"), begin: $0.double("begin"), end: $0.double("end"))
      },
      health: line.objects("health").map {
        HealthTruth(
          $0.text("kind"), begin: $0.double("begin"), full: $0.double("full"), end: $0.double("end"),
          over: $0.has("over") ? $0.double("over") : nil, due: $0.flag("due"))
      },
      unscored: line.lists("unscored").map { $0[0]...$0[1] })
  }
}

/// A JSON object read by Foundation: for tests and tools, where speed doesn't matter.
struct JSONObject {
  private let fields: [String: Any]

  init?(_ any: Any?) {
    guard let fields = any as? [String: Any] else { return nil }
    self.fields = fields
  }

  func has(_ key: String) -> Bool { fields[key] != nil && !(fields[key] is NSNull) }
  func int(_ key: String) -> Int { (fields[key] as? NSNumber)?.intValue ?? 0 }
  func double(_ key: String) -> Double { (fields[key] as? NSNumber)?.doubleValue ?? 0 }
  func flag(_ key: String) -> Bool { (fields[key] as? NSNumber)?.boolValue ?? false }
  func text(_ key: String) -> String { fields[key] as? String ?? "" }
  func object(_ key: String) -> JSONObject? { JSONObject(fields[key]) }
  func objects(_ key: String) -> [JSONObject] { (fields[key] as? [Any] ?? []).compactMap { JSONObject($0) } }
  func ints(_ key: String) -> [Int] { (fields[key] as? [NSNumber] ?? []).map(\.intValue) }
  func doubles(_ key: String) -> [Double] { (fields[key] as? [NSNumber] ?? []).map(\.doubleValue) }
  func lists(_ key: String) -> [[Double]] {
    (fields[key] as? [[NSNumber]] ?? []).map { $0.map(\.doubleValue) }
  }
  func rect(_ key: String) -> Rect {
    let v = doubles(key)
    return v.count == 4
      ? Rect(x: v[0], y: v[1], width: v[2], height: v[3]) : Rect(x: 0, y: 0, width: 0, height: 0)
  }
}

enum JSONLines {
  static func read(_ path: String) throws -> [JSONObject] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Fault(.noInput, "cannot be read", at: path)
    }
    return try data.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
      guard let object = JSONObject(try? JSONSerialization.jsonObject(with: Data(line))) else {
        throw Fault(.data, "not a JSON object", at: "\(path):\(index + 1)")
      }
      return object
    }
  }
}
