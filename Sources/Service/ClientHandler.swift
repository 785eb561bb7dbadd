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
  // What went to NIO.
  private var handed = 0
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
    outbox = Outbox(limit: hub.options.heldBytes)
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    if let refusal = hub.join(self) {
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
    guard let context, outbox.answerBytes < Self.mostAnswerBytes else { return }
    wantsRead = false
    context.read()
  }

  private func answer(_ line: LineSplitter.Line) {
    do throws(Refusal) {
      switch line {
      case .tooLong:
        throw Refusal(.lineTooLong, "a line has at most \(RecordWriter.longestLine) bytes; it is skipped")
      case .whole(let bytes): try perform(RequestReader.read(bytes))
      }
    } catch {
      hub.counters.badLines += 1
      outbox.answer(ByteBuffer(bytes: AnswerWriter.error(error)))
    }
  }

  private func perform(_ request: Request) throws(Refusal) {
    switch request.ask {
    case .status:
      for line in hub.status(id: request.id) { outbox.answer(ByteBuffer(bytes: line)) }
    case .subscribe(let subscription):
      do throws(Refusal) {
        let places = try hub.places(for: subscription)
        var sieves: [Sieve?] = []
        for place in places {
          let sieve = try Sieve.make(subscription, place.stream.log)
          sieve?.warmUp(before: place.from)
          sieves.append(sieve)
        }
        let answer = hub.subscribed(id: request.id, subscription, places, sieves)
        outbox.subscribe(
          subscription,
          places: zip(places, sieves).map { ($0.stream.slot, $0.stream.log, $0.from, $1) },
          answer: answer.map { ByteBuffer(bytes: $0) })
      } catch {
        var refusal = error
        refusal.id = request.id
        throw refusal
      }
    }
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
    if context.channel.isWritable, !outbox.isIdle {
      context.eventLoop.execute { [self] in pump() }
    } else if isEnding, outbox.isIdle {
      isEnding = false
      // Closes when all is written.
      context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { [self] _ in close() }
    }
    if wantsRead { readMore() }
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
  var owner: Logger.Metadata { context.map { PeerSocket($0.channel).owner } ?? [:] }

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
