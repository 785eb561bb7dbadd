import Base
import Conditions
import Events
import Media
import Semantics

/// Draws what was known into a copy of the video: each frame with the objects of its own tick.
///
/// A frame's tick is told only when the next frame has come, so frames are held until then, by reference.
/// Owned by one thread.
final class Overlay {
  private let writer: OverlayWriter
  private let drawing: OverlayDrawing
  private var held = InlineArray<8, VideoFrame?> { _ in nil }
  private var count = 0

  init(path: String, pipeline: Pipeline) {
    writer = OverlayWriter(path: path, masks: pipeline.source.masks)
    drawing = OverlayDrawing(setting: pipeline.setting, masks: pipeline.source.masks)
  }

  /// Keeps a frame until its tick is told. Of a source with very many frames to a tick the oldest show the
  /// tick before.
  func hold(_ frame: borrowing VideoFrame, _ scribe: borrowing Scribe) throws(Fault) {
    if count == held.count { try told(scribe) }
    held[count] = frame.copy()
    count += 1
  }

  /// The tick of the frames held has been told.
  func told(_ scribe: borrowing Scribe) throws(Fault) {
    for i in 0..<count {
      guard let frame = held[i].take() else { continue }
      let (scene, objects, ongoing) = (scribe.scene, scribe.objects, scribe.ongoing)
      let (time, number) = (frame.info.time, frame.info.number)
      try writer.write(frame) { canvas in
        drawing.draw(on: canvas, scene: scene, objects: objects, time: time, frame: number)
        drawing.draw(ongoing, at: time, on: canvas)
      }
    }
    count = 0
  }

  func finish() throws(Fault) { try writer.finish() }
}

/// How the overlay looks: zones and masks in outline, a box with its id and path for each object, the state
/// of the scene in the top left corner.
struct OverlayDrawing {
  var setting: Setting
  var masks: [Polygon]

  /// How long a way the tail of an object shows.
  private static let tail = 0.7

  private static let palette: [Colour] = [
    Colour(red: 255, green: 90, blue: 80), Colour(red: 80, green: 220, blue: 110),
    Colour(red: 90, green: 160, blue: 255), Colour(red: 255, green: 210, blue: 60),
    Colour(red: 230, green: 110, blue: 255), Colour(red: 60, green: 220, blue: 220),
    Colour(red: 255, green: 150, blue: 50), Colour(red: 170, green: 230, blue: 60),
  ]

  func draw(
    on canvas: borrowing Canvas, scene: SceneReport, objects: [ObjectReport], time: MediaTime, frame: UInt64
  ) {
    for mask in masks { canvas.outline(mask, Colour(red: 120, green: 120, blue: 120), thickness: canvas.pen) }
    for zone in setting.zones {
      let isIn = objects.contains { $0.zones.contains(zone.name) }
      canvas.outline(zone.polygon, isIn ? .yellow : .blue, thickness: canvas.pen)
      canvas.text(zone.name, at: zone.polygon.points[0], isIn ? .yellow : .blue)
    }
    for line in setting.lines { draw(line, on: canvas) }
    for object in objects { draw(object, on: canvas) }
    draw(scene, objects.count, time, frame, on: canvas)
  }

  /// A line for each event that is open, below the state of the scene.
  func draw(_ ongoing: [Scribe.Ongoing], at time: MediaTime, on canvas: borrowing Canvas) {
    var row = 1
    for event in ongoing where event.until.map({ time.seconds < $0 }) ?? true {
      let whose = event.objects.isEmpty ? "" : " " + event.objects.map { "\($0)" }.joined(separator: " ")
      _ = canvas.text(event.kind + whose, x: 0, y: row * canvas.textHeight, .yellow)
      row += 1
    }
  }

  /// With a short stroke to its left in the middle.
  private func draw(_ line: Tripwire, on canvas: borrowing Canvas) {
    canvas.line(from: line.from, to: line.to, .yellow, thickness: canvas.pen)
    let aspect = Double(canvas.width) / Double(canvas.height)
    let (dx, dy) = ((line.to.x - line.from.x) * aspect, line.to.y - line.from.y)
    let length = (dx * dx + dy * dy).squareRoot()
    let middle = Point(x: (line.from.x + line.to.x) / 2, y: (line.from.y + line.to.y) / 2)
    let aside = Point(x: middle.x + dy / length * 0.03 / aspect, y: middle.y - dx / length * 0.03)
    canvas.line(from: middle, to: aside, .yellow, thickness: canvas.pen)
    canvas.text(line.name, at: line.from, .yellow)
  }

  private func draw(_ object: ObjectReport, on canvas: borrowing Canvas) {
    let colour = Self.palette[Int(object.id % UInt64(Self.palette.count))]
    let box = Rect(x: object.box.x, y: object.box.y, width: object.box.width, height: object.box.height)
    // What is only predicted is drawn with a thin line.
    let isSeen = object.seen == .observed
    canvas.rectangle(box, colour, thickness: isSeen ? 2 * canvas.pen : max(1, canvas.pen / 2))
    let past = Point(
      x: box.centre.x - object.velocityX * Self.tail, y: box.centre.y - object.velocityY * Self.tail)
    canvas.line(from: past, to: box.centre, colour, thickness: canvas.pen)
    var words = "\(object.id) \(object.age.short)s"
    if object.still >= 1 { words += " still \(object.still.short)" }
    if !isSeen { words += " ?" }
    let above = box.y - Double(canvas.textHeight) / Double(canvas.height)
    canvas.text(words, at: Point(x: box.x, y: above >= 0 ? above : box.maxY), colour)
  }

  private func draw(
    _ scene: SceneReport, _ objects: Int, _ time: MediaTime, _ frame: UInt64, on canvas: borrowing Canvas
  ) {
    let isWell = scene.state == .ok || scene.state == .starting
    let width = canvas.text(scene.state.rawValue, x: 0, y: 0, isWell ? .green : .red)
    var words = "\(time.seconds.short)s frame \(frame) objects \(objects)"
    if let motion = scene.motion { words += " motion \((motion * 100).short)%" }
    if let luma = scene.luma { words += " luma \((luma * 100).short)%" }
    if let sharpness = scene.sharpness { words += " sharp \((sharpness * 100).short)%" }
    if scene.mode == .infrared { words += " IR" }
    canvas.text(words, x: width, y: 0, .white)
  }
}

extension Double {
  /// With one decimal.
  fileprivate var short: String {
    let tenths = Int((self * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
