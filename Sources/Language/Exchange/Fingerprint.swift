/// Names bytes: FNV-1a, 64 bits (draft-eastlake-fnv), the same on every machine. Against mistakes, not against malice.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  package let value: UInt64

  package init(_ bytes: some Sequence<UInt8>) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    value = hash
  }

  /// 16 hexadecimal digits.
  package var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
