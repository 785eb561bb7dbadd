import Base
import Events
import Logging
import NIOCore

/// One client's connection: lines in, pieces of its outbox out. All on the socket's thread.
final class ClientHandler: ChannelInboundHandler, @unchecked Sendable {
  // Safety: NIO calls a handler on its channel's event loop only, and the hub lives on the same one.
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let hub: Hub
  private(set) var outbox: Outbox
  private var context: ChannelHandlerContext?
  private var lines = LineSplitter()
  // Written since the last flush, and whether the outbox may have something to send.
  private var hasWritten = false
  private var hasHeld = false
  private var isPumping = false
  private var isEnding = false
  private var wantsRead = false
  /// The archive is asked where a subscription starts; requests wait here meanwhile.
  private var isLocating = false
  private var postponed: [LineSplitter.Line] = []
  // What went to NIO.
  private(set) var handed = 0
  private var stall: Stall?
  private var replayed = ByteBuffer()

  // Answers wait for a client that doesn't read them; until it does, no more of its requests are read.
  private static let mostAnswerBytes = 65_536
  // Replayed lines are gathered to writes of this size.
  private static let replayChunk = 32_768
  // The loop turns to the other clients after this much.
  private static let mostAtOnce = 1 << 20

  init(hub: Hub) {
    self.hub = hub
    outbox = Outbox(limit: hub.options.heldBytes, hasArchive: hub.archive != nil)
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    if let refusal = hub.join(self, context.channel) {
      let line = ByteBuffer(bytes: AnswerWriter.error(refusal))
      context.writeAndFlush(wrapOutboundOut(line), promise: nil)
      context.close(promise: nil)
      return
    }
    for line in hub.hello { outbox.answer(ByteBuffer(bytes: line)) }
    pump()
    readMore()
  }

  func channelInactive(context: ChannelHandlerContext) {
    hub.part(self)
    self.context = nil
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A reset or broken pipe is how clients leave.
    context.close(promise: nil)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { pump() }
  }

  func close() { context?.close(promise: nil) }
}

// In.
extension ClientHandler {
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    lines.take(bytes.readableBytesView) { answer($0) }
    pump()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    wantsRead = true
    readMore()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The client closed its writing side; it goes on receiving.
    if event as? ChannelEvent == .inputClosed {
      lines.end { answer($0) }
      pump()
    }
  }

  private func readMore() {
    guard let context, !isLocating, outbox.answerBytes < Self.mostAnswerBytes else { return }
    wantsRead = false
    context.read()
  }

  private func answer(_ line: LineSplitter.Line) {
    guard !isLocating else { return postponed.append(line) }
    perform { () throws(Refusal) in
      switch line {
      case .tooLong:
        throw Refusal(.lineTooLong, "a line has at most \(RecordWriter.longestLine) bytes; it is skipped")
      case .whole(let bytes): try perform(RequestReader.read(bytes))
      }
    }
  }

  private func perform(_ work: () throws(Refusal) -> Void) {
    do throws(Refusal) {
      try work()
    } catch {
      hub.counters.badLines += 1
      outbox.answer(ByteBuffer(bytes: AnswerWriter.error(error)))
    }
  }

  private func perform(_ request: Request) throws(Refusal) {
    switch request.ask {
    case .status:
      for line in hub.status(id: request.id) { outbox.answer(ByteBuffer(bytes: line)) }
    case .subscribe(let subscription): try subscribe(subscription, id: request.id)
    }
  }

  /// Where the archive has to be asked first, the answer comes later, and what the client asks next waits for it.
  private func subscribe(
    _ subscription: Subscription, id: JSON?, found: Hub.Found = [:]
  ) throws(Refusal) {
    do throws(Refusal) {
      let (places, unknown) = try hub.places(for: subscription, found: found)
      guard unknown.isEmpty else { return locate(unknown, subscription, id, found) }
      outbox.subscribe(
        subscription,
        places: places.map {
          Outbox.Place(
            slot: $0.stream.slot, log: $0.stream.log, from: $0.from, sieve: $0.sieve,
            framesBefore: $0.archived?.frames ?? 0)
        },
        answer: hub.subscribed(id: id, subscription, places).map { ByteBuffer(bytes: $0) })
    } catch {
      var refusal = error
      refusal.id = id
      throw refusal
    }
  }

  private func locate(
    _ requests: [ArchivePlaceRequest], _ subscription: Subscription, _ id: JSON?, _ known: Hub.Found
  ) {
    guard let archive = hub.archive, let loop = context?.eventLoop else { return }
    isLocating = true
    let places = requests.map { request in
      let promise = loop.makePromise(of: ArchivePlace?.self)
      archive.find(request) { promise.succeed($0) }
      return promise.futureResult
    }
    EventLoopFuture.whenAllSucceed(places, on: loop).assumeIsolated().whenSuccess { [self] answers in
      isLocating = false
      var found = known
      for (request, answer) in zip(requests, answers) { found[request.stream] = .some(answer) }
      perform { () throws(Refusal) in try subscribe(subscription, id: id, found: found) }
      answerPostponed()
      pump()
    }
  }

  private func answerPostponed() {
    while !isLocating, !postponed.isEmpty { answer(postponed.removeFirst()) }
  }
}

// Out.
extension ClientHandler {
  func add(_ stream: ServedStream) { outbox.add(stream.log, slot: stream.slot) }
  func remove(slot: Int) { outbox.remove(slot: slot) }

  func tell(_ line: ByteBuffer, of stream: String) {
    guard outbox.covers(stream) else { return }
    outbox.answer(line)
    hasHeld = true
  }

  /// Takes the newest record; `flushTaken` sends it.
  @inline(__always)
  func take(_ entry: borrowing LogEntry, slot: Int) {
    guard let context else { return }
    switch outbox.take(entry, slot: slot, canSend: context.channel.isWritable && !isEnding) {
    case .ignored: break
    case .send(let line):
      write(line, context)
      hasWritten = true
    case .held: hasHeld = true
    case .overflow:
      hub.counters.lagged += 1
      hub.logger.info("a client reads too slowly and is disconnected, as it asked", metadata: owner)
      // Leaves the clients' list, which the caller walks: later.
      context.eventLoop.execute { [self] in close() }
    }
  }

  func flushTaken() {
    if hasHeld {
      hasHeld = false
      pump()
    } else if hasWritten {
      context?.flush()
    }
    hasWritten = false
  }

  func sayBye(_ line: ByteBuffer) {
    isEnding = true
    outbox.end(with: line)
    pump()
  }

  private func write(_ line: ByteBuffer, _ context: ChannelHandlerContext) {
    handed += line.readableBytes
    context.write(wrapOutboundOut(line), promise: nil)
  }

  /// Sends what the outbox has, as far as the client takes it.
  private func pump() {
    guard let context, !isPumping else { return }
    isPumping = true
    let start = handed
    while context.channel.isWritable, handed - start < Self.mostAtOnce {
      guard writeSome(context) else { break }
      context.flush()
    }
    context.flush()
    isPumping = false
    guard self.context != nil else { return }
    askArchive(context.eventLoop)
    if context.channel.isWritable, !outbox.isIdle, !outbox.awaitsArchive {
      context.eventLoop.execute { [self] in pump() }
    } else if isEnding, outbox.isIdle {
      isEnding = false
      // Closes when all is written.
      context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { [self] _ in close() }
    }
    if wantsRead { readMore() }
  }

  private func askArchive(_ loop: any EventLoop) {
    guard let archive = hub.archive else { return }
    for (token, request) in outbox.takeWishes() {
      archive.read(request) { [self] page in
        loop.execute {
          self.outbox.fill(page, token: token)
          self.pump()
        }
      }
    }
  }

  /// Writes pieces until the channel has enough. False when the outbox is empty.
  private func writeSome(_ context: ChannelHandlerContext) -> Bool {
    var isMore = true
    while isMore, context.channel.isWritable {
      switch outbox.next() {
      case nil: isMore = false
      case .line(let line):
        writeReplayed(context)
        write(line, context)
      case .gap(let gap):
        writeReplayed(context)
        write(ByteBuffer(bytes: AnswerWriter.gap(gap)), context)
      case .replay(let line):
        // Without its closing brace and line feed, which the mark brings along.
        replayed.writeBytes(line.readableBytesView.dropLast(2))
        replayed.writeStaticString(RecordWriter.replayMark)
        if replayed.readableBytes >= Self.replayChunk { writeReplayed(context) }
      }
    }
    writeReplayed(context)
    return isMore
  }

  private func writeReplayed(_ context: ChannelHandlerContext) {
    guard replayed.readableBytes > 0 else { return }
    write(replayed, context)
    replayed = ByteBuffer()
  }

  /// Who it is, for logs.
  var owner: Logger.Metadata { context.flatMap { Peer($0.channel) }?.owner ?? [:] }

  private struct Stall {
    var mark: Int
    var since: MonotonicTime
  }

  /// True when data waited for `stuckAfter` and the client took none of it.
  func isStuck(at now: MonotonicTime) -> Bool {
    guard let channel = context?.channel,
      let waiting = try? channel.syncOptions?.getOption(.bufferedWritableBytes)
    else { return false }
    let unread = PeerSocket(channel).unread
    guard waiting > 0 || unread > 0 else {
      stall = nil
      return false
    }
    // What the kernel took of us less what it holds. The latter counts overhead, so a write never raises the
    // mark; only the client's reading does.
    let mark = handed - waiting - unread
    if let stall, mark <= stall.mark {
      self.stall?.mark = mark
      return now - stall.since >= hub.options.stuckAfter
    }
    stall = Stall(mark: mark, since: now)
    return false
  }
}
