import Events

/// Which server answers: what they have in common is the OpenAI chat API, and here is what differs.
package enum ServerDialect: String, CaseIterable, Sendable {
  /// Whatever speaks the API; only what the API itself defines is sent.
  case openAI = "openai"
  case llamaServer = "llama-server"
  case vllm
  case sglang
  /// OpenVINO Model Server, whose API lies under `/v3`.
  case ovms
  case ollama

  /// Fields of a chat request beside the common ones.
  ///
  /// A model that thinks before it answers costs minutes and answers a yes or no no better; where a server can be asked
  /// not to think, it is. Templates of models that never think ignore it.
  var extras: [JSON.Field] {
    let noThinking = JSON.Field("chat_template_kwargs", ["enable_thinking": false])
    return switch self {
    case .openAI: []
    // The prompt's cache is on by default in llama-server, but a configuration may turn it off.
    case .llamaServer: [noThinking, JSON.Field("cache_prompt", true)]
    case .vllm, .sglang, .ovms: [noThinking]
    case .ollama: [JSON.Field("reasoning_effort", "none")]
    }
  }

  /// LoRA adapters chosen for one request: only llama-server takes them so.
  var takesAdapters: Bool { self == .llamaServer }

  /// Asked whether the server is ready. `/health` also says so while a model is being loaded (503); where there is none,
  /// the list of models is asked for.
  func healthURL(of address: ServerAddress) -> String {
    switch self {
    case .llamaServer, .vllm, .sglang: address.urlBeside("/health")
    case .openAI, .ovms, .ollama: address.url("/models")
    }
  }
}
