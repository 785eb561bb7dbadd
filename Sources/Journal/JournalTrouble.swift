import Base
import GRDB

/// Why a journal can't be opened or written.
enum JournalTrouble: Error {
  /// Waiting doesn't mend it: another daemon's, a newer version's, no journal at all.
  case refused(Fault)
  /// The file's bytes are damaged.
  case corrupt(Fault)
  /// The disk is full, the folder read-only or missing: it may come right again.
  case failing(Fault)

  /// - Parameter doing: For the end of "the journal can't be …".
  init(_ error: any Error, path: String, doing: String) {
    if let known = error as? JournalTrouble {
      self = known
      return
    }
    guard let error = error as? DatabaseError else {
      self = .failing(Fault(.io, "the journal can't be \(doing)", at: path, cause: "\(error)"))
      return
    }
    let cause = error.message ?? "SQLite \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self = .corrupt(
        Fault(
          .data, "the journal is damaged", at: path, cause: cause,
          advice: "`saccade journal check` says where; `saccade run` moves it aside and begins a new one"))
    case .SQLITE_FULL:
      self = .failing(
        Fault(.io, "the journal can't be \(doing): the disk is full", at: path, advice: "make room"))
    default:
      self = .failing(Fault(.io, "the journal can't be \(doing)", at: path, cause: cause))
    }
  }

  var fault: Fault {
    switch self {
    case .refused(let fault), .corrupt(let fault), .failing(let fault): fault
    }
  }
}
