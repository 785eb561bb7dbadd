import Base
import Events

/// Puts a chat's answer together from the pieces in which it comes, and says when to stop reading. Pure; bounded by its limits.
package struct ChatStream {
  package enum Step: Hashable {
    case more
    /// The first whole JSON object is there. What may still come is the count of tokens.
    case whole
    /// Nothing more comes.
    case over
    case failed(ExchangeFailure)
  }

  package struct Limits: Hashable, Sendable {
    /// Bytes of message and thoughts together: a model told to write 4000 tokens writes less.
    package var longest = 64 << 10
    /// Models under a grammar may write blanks for ever where a blank is allowed.
    package var longestBlank = 256
    /// Blanks after the whole object.
    package var longestBlankAfterObject = 32

    package init() {}
  }

  package private(set) var result = ChatResult()
  package private(set) var hasToken = false
  private let limits: Limits
  private var object = BalancedObject()
  private var thoughts = BalancedObject()

  package init(limits: Limits = Limits()) { self.limits = limits }

  /// One event's data.
  package mutating func read(_ data: [UInt8]) -> Step {
    if data.elementsEqual("[DONE]".utf8) { return .over }
    let json: JSON
    do throws(JSONReader.Failure) { json = try JSONReader.read(data) } catch {
      return .failed(.unreadable("\(error): \(ServerWords.quote(data))"))
    }
    return read(json)
  }

  /// A chunk of a stream, or the whole answer of a server that doesn't stream.
  package mutating func read(_ json: JSON) -> Step {
    if let error = json["error"], error != .null {
      return .failed(.status(Int(error["code"]?.integer ?? 500), ServerWords.message(of: json)))
    }
    guard json.fields != nil else { return .failed(.unreadable("\(json.shape) in place of an object")) }
    if result.model == nil, let model = json["model"]?.text { result.model = model }
    if let usage = json["usage"] { read(usage: usage) }
    // The last chunk of all holds the usage and no choices.
    guard let choice = json["choices"]?.items?.first else { return state }
    let delta = choice["delta"] ?? choice["message"]
    read(content: delta?["content"]?.text)
    for key in ["reasoning_content", "reasoning", "thinking"] { read(reasoning: delta?[key]?.text) }
    if let finish = choice["finish_reason"]?.text { result.finish = finish }
    return state
  }

  /// The first token came so long after the start.
  package mutating func sawToken(at age: Nanoseconds) { result.firstToken = age }

  private mutating func read(usage: JSON) {
    if let count = usage["prompt_tokens"]?.integer { result.promptTokens = Int(clamping: count) }
    if let count = usage["completion_tokens"]?.integer { result.completionTokens = Int(clamping: count) }
    if let count = usage["prompt_tokens_details"]?["cached_tokens"]?.integer {
      result.cachedTokens = Int(clamping: count)
    }
  }

  private mutating func read(content: String?) {
    guard let content, !content.isEmpty else { return }
    hasToken = true
    result.content += content
    object.read(content)
  }

  private mutating func read(reasoning: String?) {
    guard let reasoning, !reasoning.isEmpty else { return }
    hasToken = true
    result.reasoning += reasoning
    thoughts.read(reasoning)
  }

  private var state: Step {
    let length = result.content.utf8.count + result.reasoning.utf8.count
    if length > limits.longest { return .failed(.endless("more than \(limits.longest) bytes")) }
    if object.isWhole {
      return object.blankRun > limits.longestBlankAfterObject ? .over : .whole
    }
    if max(object.blankRun, thoughts.blankRun) > limits.longestBlank {
      return .failed(.endless("nothing but white space"))
    }
    return .more
  }
}
