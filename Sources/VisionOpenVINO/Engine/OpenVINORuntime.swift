import Base
import COpenVINO

/// OpenVINO, loaded and started. One a process is enough; any thread may use it.
///
/// Loading takes some tens of milliseconds and maps about 200 MB of code, of which little is touched.
package final class OpenVINORuntime: @unchecked Sendable {
  // Safety: the table is never written to after loading, and OpenVINO's core may be called by many threads
  // (its documentation of ov::Core).
  let api: UnsafePointer<saccade_openvino>
  let core: Handle
  /// Where the library is.
  package let found: OpenVINOSearch.Found
  /// As it calls itself: `2026.4.1-22982-…`.
  package let version: String

  /// A device that models can run on.
  package struct Device: Sendable, Hashable {
    /// As models are compiled for it: `CPU`, `GPU.0`, `NPU`.
    package var name: String
    /// As people call it.
    package var fullName: String
  }

  /// Finds and loads the library.
  ///
  /// - Throws: `unavailable` where there is none, where it can't be loaded, or where it is older than 2025.0.
  package convenience init(_ search: OpenVINOSearch) throws(Fault) { try self.init(search.find()) }

  package init(_ found: OpenVINOSearch.Found) throws(Fault) {
    var why = [CChar](repeating: 0, count: 512)
    guard let api = saccade_openvino_load(found.library, &why, why.count) else {
      throw Fault(
        .unavailable, "OpenVINO's library can't be loaded", at: found.library,
        cause: String(decoding: why.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
        advice: "it must be OpenVINO 2025.0 or later for this machine, with the rest of its folder beside it")
    }
    self.api = api
    self.found = found
    var version = saccade_ov_version()
    let known = api.pointee.get_version(&version) == 0
    self.version = version.build.map { String(cString: $0) } ?? "unknown"
    if known { api.pointee.version_free(&version) }
    core = try api.make(api.pointee.core_free, "can't start OpenVINO", at: found.library) {
      api.pointee.core_create(&$0)
    }
    try checkNumbers()
  }

  /// What it can run models on. Asks drivers, which may take a second.
  package func devices() throws(Fault) -> [Device] {
    var list = saccade_ov_devices()
    try api.check(
      api.pointee.core_devices(core.raw, &list), "can't list OpenVINO's devices", at: found.library)
    defer { api.pointee.devices_free(&list) }
    return (0..<list.count).compactMap { index in
      guard let name = list.names?[index].map({ String(cString: $0) }) else { return nil }
      return Device(name: name, fullName: property("FULL_DEVICE_NAME", of: name) ?? name)
    }
  }

  private func property(_ key: String, of device: String) -> String? {
    var value: UnsafeMutablePointer<CChar>?
    guard api.pointee.core_get_property(core.raw, device, key, &value) == 0, let value else { return nil }
    defer { api.pointee.free_text(value) }
    return String(cString: value)
  }

  /// Before 2025.0 its element types had other numbers; under ours, two elements took another number of bytes.
  private func checkNumbers() throws(Fault) {
    let sizes: [(type: Int32, bytes: Int)] = [
      (SACCADE_OV_F16, 4), (SACCADE_OV_F32, 8), (SACCADE_OV_F64, 16), (SACCADE_OV_I32, 8),
      (SACCADE_OV_I64, 16), (SACCADE_OV_U8, 2),
    ]
    for (type, expected) in sizes {
      var bytes = 0
      if let tensor = try? api.tensor(type, [2]), api.pointee.tensor_bytes(tensor.raw, &bytes) == 0,
        bytes == expected
      {
        continue
      }
      throw Fault(
        .unavailable, "this version of OpenVINO can't be used: \(version)", at: found.library,
        cause: "it numbers its types of numbers otherwise", advice: "take OpenVINO 2025.0 or later")
    }
  }
}
