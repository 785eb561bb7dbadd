import Base
import COpenVINO

/// One object of OpenVINO's; goes back to it with this value.
struct Handle: ~Copyable {
  typealias Object = UnsafeMutableRawPointer

  let raw: Object
  private let free: @convention(c) (Object?) -> Void

  init(_ raw: Object, free: @escaping @convention(c) (Object?) -> Void) {
    self.raw = raw
    self.free = free
  }

  deinit { free(raw) }
}

extension UnsafePointer<saccade_openvino> {
  /// Turns a status below 0 into a fault with what OpenVINO says about it.
  func check(
    _ status: saccade_ov_status, _ what: @autoclosure () -> String, at place: @autoclosure () -> String? = nil
  ) throws(Fault) {
    if status == 0 { return }
    let cause = lastError ?? "status \(status)"
    throw Fault(
      .unavailable, what(), at: place(), cause: cause,
      // Of the translator in its CPU plugin.
      advice: cause.contains("can't protect")
        ? "memory that is both written and executed is forbidden here, and OpenVINO compiles models in such; under systemd, set MemoryDenyWriteExecute=no"
        : nil)
  }

  /// An object that `make` puts into its argument.
  func make(
    _ free: @escaping @convention(c) (Handle.Object?) -> Void, _ what: @autoclosure () -> String,
    at place: @autoclosure () -> String? = nil, _ make: (inout Handle.Object?) -> saccade_ov_status
  ) throws(Fault) -> Handle {
    var object: Handle.Object?
    try check(make(&object), what(), at: place())
    guard let object else { throw Fault(.software, what(), at: place(), cause: "OpenVINO made nothing") }
    return Handle(object, free: free)
  }

  /// A tensor with memory of its own, dense, its last index running fastest.
  func tensor(_ type: Int32, _ shape: [Int]) throws(Fault) -> Handle {
    try make(pointee.tensor_free, "OpenVINO can't make a tensor of \(shape)") { object in
      withShape(shape) { pointee.tensor_create(type, $0, &object) }
    }
  }

  /// A tensor over memory of ours, which must stay as long as it is used.
  func tensor(_ type: Int32, _ shape: [Int], over memory: UnsafeMutableRawPointer) throws(Fault) -> Handle {
    try make(pointee.tensor_free, "OpenVINO can't make a tensor of \(shape)") { object in
      withShape(shape) { pointee.tensor_from_memory(type, $0, memory, &object) }
    }
  }

  private func withShape<R>(_ shape: [Int], _ body: (saccade_ov_shape) -> R) -> R {
    var sizes = shape.map { Int64($0) }
    return sizes.withUnsafeMutableBufferPointer {
      body(saccade_ov_shape(rank: Int64($0.count), sizes: $0.baseAddress))
    }
  }

  /// Its messages begin with the source line that threw; people need what comes after.
  private var lastError: String? {
    guard let text = pointee.last_error() else { return nil }
    defer { pointee.free_text(text) }
    let lines = String(cString: text).split(separator: "\n").map { $0.trimming(" \t:") }
    let said = lines.filter { line in
      !line.isEmpty && !line.hasPrefix("Exception from ") && !line.hasPrefix("Check '")
    }
    let kept = said.isEmpty ? lines.filter { !$0.isEmpty } : said
    return kept.isEmpty ? nil : kept.prefix(3).joined(separator: "; ")
  }
}

extension Substring {
  fileprivate func trimming(_ unwanted: String) -> String {
    var rest = self
    while let first = rest.first, unwanted.contains(first) { rest.removeFirst() }
    while let last = rest.last, unwanted.contains(last) { rest.removeLast() }
    return String(rest)
  }
}
