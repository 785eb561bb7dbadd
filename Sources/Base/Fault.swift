/// What a user is told when something can't be done: what, where, why, and what to do.
package struct Fault: Error, Sendable, CustomStringConvertible {
  /// The exit code that the command ends with, from sysexits.h.
  package enum Code: Int32, Sendable {
    case usage = 64
    case data = 65
    case noInput = 66
    case unavailable = 69
    case software = 70
    case system = 71
    case cannotCreate = 73
    case io = 74
    case noPermission = 77
    case configuration = 78
  }

  package var code: Code
  /// What happened, in one sentence without a full stop.
  package var what: String
  /// A file:line:column, a stream, a path. Never with credentials in it.
  package var place: String?
  package var cause: String?
  /// What the user can do about it.
  package var advice: String?
  /// Lines of source with a caret under the fault, for configuration files.
  package var excerpt: String?

  package init(
    _ code: Code, _ what: String, at place: String? = nil, cause: String? = nil, advice: String? = nil,
    excerpt: String? = nil
  ) {
    self.code = code
    self.what = what
    self.place = place
    self.cause = cause
    self.advice = advice
    self.excerpt = excerpt
  }

  package var description: String {
    var text = ""
    if let place { text += place + ": " }
    text += what
    if let cause { text += ": " + cause }
    if let excerpt { text += "\n" + excerpt }
    if let advice { text += "\n  " + advice }
    return text
  }
}
