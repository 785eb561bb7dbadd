import Base

/// The slices of a sweep, one after the other in the order of their positions.
///
/// Belongs to one thread at a time; `next` blocks while it reads. Headers of the whole sweep may be held, pixels of
/// a few slices only.
package protocol SliceSource: AnyObject {
  /// What is known before the first slice is read.
  var sweep: SweepDescription { get }

  /// What comes next; nil after the last slice.
  ///
  /// For `.slice`, and only then, `values` has been filled: width × height numbers, row by row from the top left, with
  /// rescale slope and intercept applied. A slice that can't be read is `.missing` with its reason, never zeros.
  func next(into values: UnsafeMutableBufferPointer<Float>) throws(Fault) -> SliceReading?
}

package enum SliceReading: Sendable, Hashable {
  case slice(SliceInfo)
  /// Slices that should lie here and don't, told before the slice after them.
  case missing(SliceGap)
  /// Something is wrong with the scan, and it goes on.
  case warning(SweepWarning)
}

/// One slice's place in its sweep.
package struct SliceInfo: Sendable, Hashable {
  /// From 0; missing slices count.
  package var index: Int
  /// Along the sweep's normal, in millimetres; nil where the sweep doesn't say.
  package var z: Double?
  /// The file's name, with `#` and the number of the frame from 1 where a file holds several.
  package var source: String

  package init(index: Int, z: Double?, source: String) {
    self.index = index
    self.z = z
    self.source = source
  }
}

/// Slices that are not there.
package struct SliceGap: Sendable, Hashable {
  /// Indices of the slices that are missing.
  package var indices: Range<Int>
  /// What happened, with file and value, as one sentence without a full stop.
  package var reason: String

  package init(indices: Range<Int>, reason: String) {
    self.indices = indices
    self.reason = reason
  }
}

package struct SweepWarning: Sendable, Hashable {
  /// A word for programs, such as `duplicate_slice`.
  package var code: String
  /// What is wrong, with file and value, as one sentence without a full stop.
  package var text: String

  package init(code: String, text: String) {
    self.code = code
    self.text = text
  }
}

/// Sides of a voxel in millimetres.
package struct VoxelSpacing: Sendable, Hashable {
  /// Along a row, down a column, from slice to slice.
  package var x: Double
  package var y: Double
  package var z: Double

  package init(x: Double, y: Double, z: Double) {
    self.x = x
    self.y = y
    self.z = z
  }
}

package struct SweepDescription: Sendable, Hashable {
  /// How far the values can be believed.
  package enum Precision: Sendable, Hashable {
    /// As the scanner wrote them.
    case exact
    /// 256 steps or fewer.
    case eightBit
    /// Through a lossy codec, named here.
    case lossy(String)

    /// As records, reports and commands write it.
    package var name: String {
      switch self {
      case .exact: "exact"
      case .eightBit: "8 bit"
      case .lossy(let codec): "lossy (\(codec))"
      }
    }
  }

  /// For people: `DICOM, JPEG-LS lossless`, `PNG, 16 bit`.
  package var format: String
  package var width: Int
  package var height: Int
  /// Nil where only the end will tell.
  package var count: Int?
  /// From the files or from the user; nil where neither says.
  package var spacing: VoxelSpacing?
  package var precision: Precision
  /// Values are Hounsfield units.
  package var isHounsfield: Bool

  package init(
    format: String, width: Int, height: Int, count: Int?, spacing: VoxelSpacing?,
    precision: Precision = .exact, isHounsfield: Bool = false
  ) {
    self.format = format
    self.width = width
    self.height = height
    self.count = count
    self.spacing = spacing
    self.precision = precision
    self.isHounsfield = isHounsfield
  }
}

/// Which sweep to read, and what the user says about it.
package struct SweepConfiguration: Sendable, Hashable {
  /// A folder, a file, numbered pictures (`%03d`).
  package var path: String
  /// Replaces what the files say.
  package var spacing: VoxelSpacing?
  /// A DICOM SeriesInstanceUID, or the number from 1 of a series as listed in the error that asks for it.
  package var series: String?

  package init(path: String, spacing: VoxelSpacing? = nil, series: String? = nil) {
    self.path = path
    self.spacing = spacing
    self.series = series
  }
}
