import Conditions
import Foundation

/// What conditions about a stream's records may refer to, as a journal keeps it beside them.
package struct StoredSetting: Codable, Hashable, Sendable {
  package var setting: Setting
  package var picture: Picture

  package init(setting: Setting, picture: Picture) {
    self.setting = setting
    self.picture = picture
  }

  /// Nil for what another version wrote.
  package init?(text: String) {
    guard let read = try? JSONDecoder().decode(StoredSetting.self, from: Data(text.utf8)) else { return nil }
    self = read
  }

  /// JSON; nil where a number in it is none.
  package var text: String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
  }
}
