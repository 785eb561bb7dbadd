import NIOCore
import NIOHTTP1

/// One connection to the metrics: a request, its answer, and the end. On the side thread.
final class MetricsHandler: ChannelInboundHandler, @unchecked Sendable {
  // Safety: NIO calls a handler on its channel's event loop only, and answers are brought there.
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let desk: MetricsDesk
  private var request: HTTPRequestHead?
  private var isAnswered = false

  init(_ desk: MetricsDesk) { self.desk = desk }

  func channelActive(context: ChannelHandlerContext) {
    if !desk.join(self) { context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) { desk.part(self) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    case .body: break
    case .end:
      guard let request, !isAnswered else { return }
      isAnswered = true
      answer(request, context)
    }
  }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let path = request.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first
    guard path == "/metrics" else {
      return send(.notFound, "what there is is at /metrics\n", "text/plain; charset=utf-8", context)
    }
    guard request.method == .GET else {
      return send(.methodNotAllowed, "metrics are read by GET\n", "text/plain; charset=utf-8", context)
    }
    let box = NIOLoopBound(context, eventLoop: context.eventLoop)
    desk.report { [self] text in
      box.eventLoop.execute { [self] in send(.ok, text(), Exposition.contentType, box.value) }
    }
  }

  private func send(
    _ status: HTTPResponseStatus, _ text: String, _ type: String, _ context: ChannelHandlerContext
  ) {
    let body = ByteBuffer(string: text)
    var headers = HTTPHeaders([
      ("content-type", type), ("content-length", "\(body.readableBytes)"), ("connection", "close"),
    ])
    if status == .methodNotAllowed { headers.add(name: "allow", value: "GET") }
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
      promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// What the metrics' clients share. On the side thread.
final class MetricsDesk: @unchecked Sendable {
  // Safety: `clients` is touched on the event loop only; the rest is constant and Sendable.
  typealias Text = @Sendable () -> String

  /// Calls back with what makes the text, which takes a moment, on any thread.
  let report: @Sendable (@escaping @Sendable (@escaping Text) -> Void) -> Void
  private var clients: [MetricsHandler] = []

  /// Nobody needs more at the same time, and each holds a descriptor.
  private static let most = 16

  init(_ report: @escaping @Sendable (@escaping @Sendable (@escaping Text) -> Void) -> Void) {
    self.report = report
  }

  /// False where there is no room for one more.
  func join(_ client: MetricsHandler) -> Bool {
    guard clients.count < Self.most else { return false }
    clients.append(client)
    return true
  }

  func part(_ client: MetricsHandler) { clients.removeAll { $0 === client } }
}
