import Base

/// What the readers of headers and the writers of reasons share.

func trimmed(_ text: Substring) -> String {
  let isSpace = { (character: Character) in character.isWhitespace }
  guard let first = text.firstIndex(where: { !isSpace($0) }),
    let last = text.lastIndex(where: { !isSpace($0) })
  else { return "" }
  return String(text[first...last])
}

/// A path's last part.
func lastComponent(_ path: String) -> String {
  guard let slash = path.dropLast().lastIndex(of: "/") else { return path }
  return String(path[path.index(after: slash)...])
}

extension Fault {
  /// What happened and why, without place and advice, to follow a file's name.
  var reason: String { cause.map { "\(what): \($0)" } ?? what }
}

extension VoxelSpacing {
  /// Nil unless these are three lengths above zero.
  init?(millimetres values: [Double]) {
    guard values.count == 3, values.allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
    self.init(x: values[0], y: values[1], z: values[2])
  }
}
