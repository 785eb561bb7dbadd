import CFFmpeg

/// FFmpeg's dictionary of options.
struct Options: ~Copyable {
  var raw: OpaquePointer?

  init() {}

  deinit {
    var raw = raw
    av_dict_free(&raw)
  }

  mutating func set(_ key: String, _ value: String) { av_dict_set(&raw, key, value, 0) }

  mutating func set(_ values: [String: String]) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) { set(key, value) }
  }

  /// Keys that nothing has taken.
  var keys: [String] {
    var keys: [String] = []
    var entry: UnsafeMutablePointer<AVDictionaryEntry>?
    while let next = av_dict_get(raw, "", entry, AV_DICT_IGNORE_SUFFIX) {
      keys.append(String(cString: next.pointee.key))
      entry = next
    }
    return keys
  }
}
