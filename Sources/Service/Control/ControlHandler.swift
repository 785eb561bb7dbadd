import Events
import Logging
import NIOCore

/// One connection to the control socket. Its requests are done one after the other; what comes meanwhile waits.
final class ControlHandler: ChannelInboundHandler, @unchecked Sendable {
  // Safety: NIO calls a handler on its channel's event loop only, and answers are brought there.
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let desk: ControlDesk
  private var context: ChannelHandlerContext?
  private var peer: Peer?
  private var splitter = LineSplitter()
  private var waiting: [LineSplitter.Line] = []
  private var isBusy = false
  private var isInputClosed = false

  init(_ desk: ControlDesk) { self.desk = desk }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    if let refusal = desk.doorman.refusal(of: context.channel) ?? desk.join(self) {
      send(AnswerWriter.error(refusal))
      context.close(promise: nil)
      return
    }
    peer = Peer(context.channel)
    context.read()
  }

  func channelInactive(context: ChannelHandlerContext) {
    desk.part(self)
    self.context = nil
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    splitter.take(unwrapInboundIn(data).readableBytesView) { waiting.append($0) }
  }

  func channelReadComplete(context: ChannelHandlerContext) { goOn() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event as? ChannelEvent == .inputClosed else { return }
    isInputClosed = true
    splitter.end { waiting.append($0) }
    goOn()
  }

  func sayBye(_ reason: String) {
    send(AnswerWriter.bye(reason: reason))
    context?.close(promise: nil)
  }

  /// Does what waits, and reads on once nothing does.
  private func goOn() {
    while !isBusy, !waiting.isEmpty { take(waiting.removeFirst()) }
    guard !isBusy, let context else { return }
    if isInputClosed { context.close(promise: nil) } else { context.read() }
  }

  private func take(_ line: LineSplitter.Line) {
    do throws(Refusal) {
      switch line {
      case .tooLong:
        throw Refusal(.lineTooLong, "a line has at most \(RecordWriter.longestLine) bytes; it is skipped")
      case .whole(let bytes): try perform(ControlRequest.read(bytes))
      }
    } catch {
      send(AnswerWriter.error(error))
    }
  }

  private func perform(_ request: ControlRequest) {
    isBusy = true
    let loop = context?.eventLoop
    let answer: @Sendable ([[UInt8]]) -> Void = { [self] lines in
      loop?.execute { [self] in
        for line in lines { send(line) }
        isBusy = false
        goOn()
      }
    }
    let id = request.id
    if request.ask == .status { return desk.events.status(id: id, answer) }
    let (words, streams) = request.ask.words
    var facts = peer?.owner ?? [:]
    if let streams { facts["streams"] = "\(streams.joined(separator: " "))" }
    desk.logger.notice("asked to \(words)", metadata: facts)
    desk.perform(request.ask) { result in
      switch result {
      case .success(let fields): answer([AnswerWriter.done(id: id, fields)])
      case .failure(var refusal):
        refusal.id = id
        answer([AnswerWriter.error(refusal)])
      // The goodbye says it.
      case nil: answer([])
      }
    }
  }

  private func send(_ line: [UInt8]) {
    context?.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: line)), promise: nil)
  }
}

extension ControlRequest.Ask {
  /// What is asked for, and of which streams, for logs.
  fileprivate var words: (String, [String]?) {
    switch self {
    case .reload: ("read the pipelines again", nil)
    case .retry(let streams): ("try lost sources now", streams)
    case .stop(let streams): ("end streams", streams)
    case .status: ("tell its status", nil)
    }
  }
}
