import Base
import Events

/// A chat request as the body of a POST to `/chat/completions`.
///
/// What is constant stands first: the system message, the scene, then the pictures in their order, and the question last. Where there
/// are several cases, each one's number and what is known of it stand before its pictures.
package struct ChatRequest: Sendable {
  package var model: String
  package var instruction: ChatInstruction
  package var cases: [LanguageCase]
  /// Above 0: greedy sampling makes small models repeat themselves without end.
  package var temperature = 0.2
  /// Adapters of a llama-server by their number there, with their scale; left out for other servers.
  package var adapters: [Int: Double] = [:]
  /// What was wrong with the answer before; nil at the first attempt.
  package var complaint: String?

  package init(model: String, instruction: ChatInstruction, cases: [LanguageCase]) {
    self.model = model
    self.instruction = instruction
    self.cases = cases
  }

  package var questions: [Question] { cases.map(\.question) }

  /// UTF-8, without a line feed. As large as the pictures and a third more; allocates.
  package func body(for dialect: ServerDialect) -> [UInt8] {
    let bytes = cases.flatMap(\.pictures).reduce(0) { $0 + ($1.jpeg.count / 3 + 1) * 4 + 128 }
    var buffer = LineBuffer(capacity: 4096 + bytes)
    buffer.append("{")
    buffer.append(field: "model", .text(model))
    buffer.append(",\"messages\":[")
    buffer.append(json: ["role": "system", "content": .text(instruction.system)])
    buffer.append(",{\"role\":\"user\",\"content\":[")
    if let preamble = instruction.preamble {
      buffer.append(part: preamble)
      buffer.append(",")
    }
    for (index, own) in cases.enumerated() {
      if cases.count > 1 {
        buffer.append(part: "Case \(index + 1)" + (own.context.isEmpty ? "" : ": \(own.context)"))
        buffer.append(",")
      }
      for picture in own.pictures {
        buffer.append(part: picture.label)
        buffer.append(",{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,")
        buffer.append(base64: picture.jpeg)
        buffer.append("\"}},")
      }
    }
    buffer.append(part: request)
    buffer.append("]}]")
    for field in settings(for: dialect) {
      buffer.append(",")
      buffer.append(field: field.key, field.value)
    }
    buffer.append("}")
    return buffer.withBytes { Array($0) }
  }

  private var request: String {
    var lines =
      cases.count == 1
      ? [cases[0].context, cases[0].question.text, cases[0].question.formInWords].filter { !$0.isEmpty }
      : questions.inWords
    if let complaint { lines.append("The last answer was of no use: \(complaint)") }
    return lines.joined(separator: "\n")
  }

  private func settings(for dialect: ServerDialect) -> [JSON.Field] {
    var fields: [JSON.Field] = [
      JSON.Field("max_tokens", .integer(Int64(questions.mostTokens))),
      JSON.Field("temperature", .number(temperature)),
      JSON.Field("stream", true),
      // Else a stream doesn't tell how many tokens it took.
      JSON.Field("stream_options", ["include_usage": true]),
      // llama-server reads the nested form alone, and takes a flat one for "any object" without a word.
      JSON.Field(
        "response_format",
        [
          "type": "json_schema",
          "json_schema": ["name": "answer", "schema": questions.schema, "strict": true],
        ]),
    ]
    fields += dialect.extras
    if dialect.takesAdapters, !adapters.isEmpty {
      let list = adapters.sorted { $0.key < $1.key }
      let values = list.map {
        JSON.object([.init("id", .integer(Int64($0.key))), .init("scale", .number($0.value))])
      }
      fields.append(JSON.Field("lora", .list(values)))
    }
    return fields
  }
}

extension LineBuffer {
  fileprivate mutating func append(field key: String, _ value: JSON) {
    append(string: key)
    append(":")
    append(json: value)
  }

  fileprivate mutating func append(part text: String) {
    append("{\"type\":\"text\",\"text\":")
    append(string: text)
    append("}")
  }

  /// With padding (RFC 4648, 4).
  fileprivate mutating func append(base64 bytes: [UInt8]) {
    let letters: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    let table = UnsafeBufferPointer(start: letters.utf8Start, count: 64)
    var index = 0
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { four in
      while index < bytes.count {
        let left = min(3, bytes.count - index)
        let b0 = bytes[index]
        let b1 = left > 1 ? bytes[index + 1] : 0
        let b2 = left > 2 ? bytes[index + 2] : 0
        four[0] = table[Int(b0 >> 2)]
        four[1] = table[Int((b0 & 3) << 4 | b1 >> 4)]
        four[2] = left > 1 ? table[Int((b1 & 15) << 2 | b2 >> 6)] : UInt8(ascii: "=")
        four[3] = left > 2 ? table[Int(b2 & 63)] : UInt8(ascii: "=")
        append(UnsafeRawBufferPointer(four))
        index += 3
      }
    }
  }
}
