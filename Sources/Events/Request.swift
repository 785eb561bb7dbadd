/// A line that a client sends.
public struct Request: Hashable, Sendable {
  public enum Ask: Hashable, Sendable {
    case subscribe(Subscription)
    case status
  }

  /// Repeated in the answer: a whole number or a string of at most 256 bytes.
  public var id: JSON?
  public var ask: Ask

  public init(id: JSON? = nil, _ ask: Ask) {
    self.id = id
    self.ask = ask
  }
}

/// Why a request was refused. The connection stays open and the subscription as it was.
public struct Refusal: Error, Hashable, Sendable {
  public enum Code: String, Hashable, Sendable, CaseIterable {
    case notJSON = "not_json"
    case lineTooLong = "line_too_long"
    case unknownRequest = "unknown_request"
    case unknownField = "unknown_field"
    case badValue = "bad_value"
    case badExpression = "bad_expression"
    case unknownStream = "unknown_stream"
    case unknownEpoch = "unknown_epoch"
    case futureSeq = "future_seq"
    case denied
    /// Of the control socket: the pipelines that it was to take.
    case badPipeline = "bad_pipeline"
    case tooManyClients = "too_many_clients"
  }

  /// The code as it came, also where this version doesn't know it.
  public var rawCode: String
  public var message: String
  /// A path in the request such as `subscribe.every`, or `byte 17`.
  public var place: String?
  /// Of the request.
  public var id: JSON?

  public var code: Code? { Code(rawValue: rawCode) }

  public init(_ code: Code, _ message: String, at place: String? = nil, id: JSON? = nil) {
    self.init(rawCode: code.rawValue, message, at: place, id: id)
  }

  public init(rawCode: String, _ message: String, at place: String? = nil, id: JSON? = nil) {
    self.rawCode = rawCode
    self.message = message
    self.place = place
    self.id = id
  }
}
