import Base
import CKernels
import Foundation
import Media
import Testing

@Suite("pictures for a detector")
struct PartScalerTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// A picture of 192 × 96 whose colours are known at every point: red grows to the right, green downwards, blue against both.
  private static func colour(_ x: Double, _ y: Double) -> [Double] {
    [32 + 192 * x, 32 + 192 * y, 224 - 96 * x - 96 * y]
  }

  private func clip(_ encoding: String) throws -> String {
    try folder.ffmpeg(
      "-f lavfi -i nullsrc=s=192x96:r=10:d=0.3,format=gbrp,geq=r='32+X+0.5':g='32+2*Y+1':b='224-0.5*X-Y-0.75' \(encoding)",
      to: "colours.nut")
  }

  struct Form: Sendable, CustomTestStringConvertible {
    var name: String
    var encoding: String
    var testDescription: String { name }
  }

  private static let forms = [
    ("4:2:0", "-pix_fmt yuv420p -c:v libx264 -crf 1"),
    ("4:2:0 of full range", "-vf scale=out_range=full -pix_fmt yuvj420p -c:v mjpeg -q:v 1"),
    (
      "4:2:0 of BT.709",
      "-vf scale=out_color_matrix=bt709,format=yuv420p -colorspace bt709 -c:v libx264 -crf 1"
    ),
    ("4:2:2", "-pix_fmt yuv422p -c:v libx264 -crf 1"),
    ("4:4:4", "-pix_fmt yuv444p -c:v libx264 -crf 1"),
    ("4:2:0 of 10 bits", "-pix_fmt yuv420p10le -c:v libx264 -crf 1"),
    ("pairs of chroma", "-pix_fmt nv12 -c:v rawvideo"), ("packed 4:2:2", "-pix_fmt yuyv422 -c:v rawvideo"),
    ("red, green, blue", "-pix_fmt rgb24 -c:v rawvideo"),
  ].map { Form(name: $0.0, encoding: $0.1) }

  /// Whole sizes of 2, 3 and 4, boxes that aren't square, none that are whole, the frame's own size and a larger one.
  private static let sizes = [(96, 48), (64, 32), (48, 24), (96, 32), (100, 40), (192, 96), (250, 130)]

  @Test(arguments: forms) func `have the colours that were filmed, in any size, turned or not`(
    form: Form
  ) throws {
    let clip = try clip(form.encoding)
    for rotation in [Rotation.none, .quarter, .half, .threeQuarters] {
      for (width, height) in Self.sizes {
        let (width, height) = rotation.swapsSides ? (height, width) : (width, height)
        let worst = try worst(clip, rotation, width, height, part: nil)
        #expect(worst <= 6, "\(width)x\(height), \(rotation)")
      }
    }
  }

  @Test func `have the colours of the part that is asked for`() throws {
    let clip = try clip(Self.forms[0].encoding)
    // 96 × 48 pixels from (48, 24) on, and what begins between two samples of chroma.
    for part in [
      Rect(x: 0.25, y: 0.25, width: 0.5, height: 0.5), Rect(x: 33 / 192, y: 11 / 96, width: 0.5, height: 0.5),
    ] {
      for (width, height) in [(48, 24), (96, 48), (50, 30)] {
        #expect(try worst(clip, .none, width, height, part: part) <= 6, "\(part), \(width)x\(height)")
      }
    }
  }

  /// How far the furthest colour is from what was filmed there. Everything around the picture must stay as it is.
  private func worst(
    _ clip: String, _ rotation: Rotation, _ width: Int, _ height: Int, part: Rect?
  ) throws -> Double {
    let scaler = PartScaler()
    let (row, plane) = (width + 5, (width + 5) * (height + 2))
    var bytes = [UInt8](repeating: 7, count: 3 * plane + 1)
    var rect = Rect(x: 0, y: 0, width: 1, height: 1)
    var failure: (any Error)?
    let watched = watch(
      clip,
      each: { frame in
        let asked = frame.part(part)
        rect = asked.rect
        do {
          try bytes.withUnsafeMutableBufferPointer {
            try scaler.scale(
              frame, asked, to: try #require($0.baseAddress) + row + 2, bytesPerRow: row,
              bytesPerPlane: plane,
              width: width, height: height)
          }
        } catch { failure = error }
      }, configure: { $0.rotation = rotation })
    if let failure { throw failure }
    try #require(watched.frames.count == 3)
    var worst = 0.0
    var touched = 0
    for (index, byte) in bytes.dropLast().enumerated() {
      let (colour, y, x) = (index / plane, index % plane / row - 1, index % row - 2)
      guard (0..<width).contains(x), (0..<height).contains(y) else {
        touched += byte == 7 ? 0 : 1
        continue
      }
      let (right, down) = (
        rect.x + rect.width * (Double(x) + 0.5) / Double(width),
        rect.y + rect.height * (Double(y) + 0.5) / Double(height)
      )
      // Where that was before the picture was turned clockwise.
      let (filmedX, filmedY) =
        switch rotation {
        case .none: (right, down)
        case .quarter: (down, 1 - right)
        case .half: (1 - right, 1 - down)
        case .threeQuarters: (1 - down, right)
        }
      worst = max(worst, abs(Self.colour(filmedX, filmedY)[colour] - Double(byte)))
    }
    #expect(touched == 0)
    return worst
  }

  @Test func `colours are what exact arithmetic makes of luma and chroma, to one step`() {
    // BT.601 of limited range, in parts of 2^13; and of full range.
    let matrices = [
      saccade_matrix(
        black: 16, luma: 9539, red_of_cr: 13075, green_of_cb: 3209, green_of_cr: 6660, blue_of_cb: 16525),
      saccade_matrix(
        black: 0, luma: 8192, red_of_cr: 11485, green_of_cb: 2819, green_of_cr: 5850, blue_of_cb: 14516),
    ]
    for matrix in matrices {
      for cb in stride(from: 0, through: 255, by: 15) {
        for cr in stride(from: 0, through: 255, by: 15) {
          let lumas = (0...255).map { UInt8($0) }
          let (blues, reds) = (
            [UInt8](repeating: UInt8(cb), count: 256), [UInt8](repeating: UInt8(cr), count: 256)
          )
          var (red, green, blue) = (lumas, lumas, lumas)
          saccade_colours(lumas, blues, reds, 256, matrix, &red, &green, &blue)
          for y in 0...255 {
            let grey = Double(y - Int(matrix.black)) * Double(matrix.luma)
            let (u, v) = (Double(cb - 128), Double(cr - 128))
            let exact = [
              grey + v * Double(matrix.red_of_cr),
              grey - u * Double(matrix.green_of_cb) - v * Double(matrix.green_of_cr),
              grey + u * Double(matrix.blue_of_cb),
            ].map { min(255, max(0, $0 / 8192)) }
            for (made, exact) in zip([red[y], green[y], blue[y]], exact) where abs(Double(made) - exact) > 1 {
              Issue.record("\(y) \(cb) \(cr): \(made), not \(exact)")
            }
          }
        }
      }
    }
  }
}
