/// Tells when a text that comes in pieces has had its first whole JSON object at the top level. Thoughts in tags before it
/// are no object. Holds a few words of state.
package struct BalancedObject {
  package private(set) var isWhole = false
  /// Bytes of nothing but white space outside of strings, at the end of what was read.
  package private(set) var blankRun = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var thought = Thought()

  package init() {}

  package mutating func read(_ text: String) {
    for byte in text.utf8 { read(byte) }
  }

  private mutating func read(_ byte: UInt8) {
    let isBlank = byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    blankRun = isBlank && !isInString ? blankRun + 1 : 0
    if depth == 0, thought.covers(byte) { return }
    if isEscaped {
      isEscaped = false
      return
    }
    switch byte {
    case UInt8(ascii: "\\") where isInString: isEscaped = true
    case UInt8(ascii: "\"") where depth > 0: isInString.toggle()
    case UInt8(ascii: "{") where !isInString: depth += 1
    case UInt8(ascii: "}") where !isInString && depth > 0:
      depth -= 1
      if depth == 0 { isWhole = true }
    default: break
    }
  }

  /// Follows `<think>` … `</think>`.
  private struct Thought {
    private static let opening = Array("<think>".utf8)
    private static let closing = Array("</think>".utf8)
    private var isOpen = false
    private var matched = 0

    mutating func covers(_ byte: UInt8) -> Bool {
      let word = isOpen ? Self.closing : Self.opening
      // Neither word's beginning comes again within it but for its first letter.
      matched = byte == word[matched] ? matched + 1 : (byte == word[0] ? 1 : 0)
      if matched == word.count {
        isOpen.toggle()
        matched = 0
        return true
      }
      return isOpen
    }
  }
}
