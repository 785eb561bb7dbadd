import ArgumentParser
import Base
import Journal
import Logging
import Media
import Pipelines
import Service

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Watch cameras and recordings, and serve their records on a socket.",
    discussion: """
      Each pipeline file is one stream; a folder stands for all its *.yaml and *.yml files. Cameras are watched \
      until the daemon is stopped, and tried again when they are gone. Recordings play at their own pace; with \
      `loop: true` they start again. Ends with 0 when every source is a recording that is done.

      Examples:
        saccade run entrance.yaml
        saccade run /etc/saccade/pipelines
        CAM_PASSWORD=… saccade run camera.yaml --socket /tmp/events.sock
        saccade run entrance.yaml --metrics 127.0.0.1:9464

      The socket is --socket, else $SACCADE_SOCKET, else a pipeline's `socket`, else \
      $XDG_RUNTIME_DIR/saccade/events.sock. `saccade subscribe` finds it there. A listening socket that systemd \
      passes takes the place of all of them.

      With --journal, $SACCADE_JOURNAL or $STATE_DIRECTORY, events are kept in a database (`saccade events`), and \
      numbers and epochs go on over a restart. Subscribers replay from it what memory no longer holds.

      The control socket (`saccade reload`, `retry`, `stop`) is --control, else $SACCADE_CONTROL, else control.sock \
      beside the event socket.

      SIGINT and SIGTERM stop it in order: open events end, and subscribers are told. A second signal ends it at \
      once. SIGHUP lets it read the pipelines again: streams whose pipelines are the same run on. On a terminal, \
      SIGHUP stops it, too.
      """)

  @Argument(help: ArgumentHelp("Pipeline files, or folders of them.", valueName: "pipeline"))
  var pipelines: [String]

  @Option(help: ArgumentHelp("Where to listen.", valueName: "path"))
  var socket: String?

  @OptionGroup var control: ControlOption

  @OptionGroup var access: AccessOptions

  @OptionGroup var metrics: MetricsOption

  @OptionGroup var kept: JournalOption

  @OptionGroup var keeping: JournalKeeping

  @OptionGroup var detectorShare: DetectorShare

  @OptionGroup var instruction: InstructionOptions

  private static func log(_ notice: JournalNotice, on logger: Logger) {
    switch notice {
    case .failing(let fault):
      logger.error("records go on without the journal", metadata: ["fault": "\(fault)"])
    case .resumed(let lost): logger.notice("the journal is written again", metadata: ["lost": "\(lost)"])
    case .setAside(let fault, let target):
      logger.error("a new journal is begun", metadata: ["fault": "\(fault.what)", "moved_to": "\(target)"])
    }
  }

  /// Slices have no pace of their own to be served at.
  private static func refuseSweep(_ pipeline: Pipeline) throws(Fault) {
    guard pipeline.sweep != nil || SliceSources.looksLikeSweep(pipeline.source.url) else { return }
    throw Fault(
      .configuration, "`\(pipeline.name)` is a CT sweep, and `run` watches cameras and recordings",
      at: pipeline.file ?? pipeline.source.shownURL, advice: "analyse it with `saccade analyze`")
  }

  func run() throws {
    let surroundings = Surroundings.current
    let read: @Sendable () throws -> [Pipeline] = { [pipelines, instruction] in
      var found = try PipelineFiles.load(pipelines, environment: surroundings.environment)
      for index in found.indices { try instruction.apply(to: &found[index]) }
      try found.forEach(Self.refuseSweep)
      return found
    }
    let found = try read()
    // Before any other thread, which inherits what it blocks.
    let signals = Signals()
    let detectors = DetectorOffice(in: surroundings, share: try detectorShare.value(in: surroundings))
    try detectors.prepare(found)
    let logger = Logger(label: "saccade") { _ in ConsoleLog(in: surroundings) }
    let models = LanguageOffice(in: surroundings, logger: logger)
    let subscribers = try access.subscribers(in: surroundings)
    let wishes = SideDoors.Wishes(
      control: control, controllers: try access.controllers(in: surroundings),
      metrics: try metrics.address(in: surroundings))
    ProcessMemory.keepSmall()
    let supervisor = Supervisor(found, clocks: surroundings.clocks, logger: logger)
    let journal = try kept.forWriting(in: surroundings).map { path in
      let options = try keeping.options(in: surroundings)
      return try EventJournal(path: path, options: options, clocks: surroundings.clocks) {
        Self.log($0, on: logger)
      }
    }
    let archive = journal.map { JournalArchive($0, logger: logger) }
    let place = SocketPlace.forServer(option: socket, pipelines: found, in: surroundings)
    let server = EventServer(
      path: place.path, isOwnFolder: place.isOwnFolder, passed: try surroundings.service.eventSocket(),
      access: subscribers, options: ClientLimit.options(streams: found.count, logger: logger),
      clocks: surroundings.clocks, version: SaccadeVersion.text, logger: logger, archive: archive,
      status: { supervisor.status(saccade: SaccadeVersion.text) })
    try server.start()
    let keeper = Self.keeper(supervisor, server, logger, surroundings)
    let hooks = HookOffice(pipelines: pipelines, socket: server.path, logger: logger, in: surroundings)
    let reloader = Reloader(supervisor: supervisor, keeper: keeper, hooks: hooks, logger: logger) {
      let found = try read()
      try detectors.prepare(found)
      try models.prepare(found)
      return found
    }
    let doors: SideDoors
    do {
      try models.prepare(found)
      doors = try SideDoors(
        wishes, events: server, isOwnFolder: place.isOwnFolder, supervisor: supervisor, reloader: reloader,
        logger: logger, in: surroundings)
    } catch {
      // A start that fails leaves no socket behind.
      server.stop(reason: "the daemon could not start")
      throw error
    }
    hooks.want(found)
    supervisor.start(
      on: server, journal: journal, detector: { detectors.encoder(of: $0) }, language: { models.core(of: $0) }
    )
    keeper?.ready()
    // Whoever closes a terminal wants the end.
    let reload: @Sendable () -> Void = { reloader.reload() }
    signals.watch(onHangup: surroundings.errorIsTerminal ? nil : reload) { number in
      logger.info("told to stop by signal \(number)")
      keeper?.stopping("told to stop")
      supervisor.stop()
    }
    let fault = supervisor.wait { ProcessMemory.giveBack() }
    models.close()
    if !detectors.close() { logger.error("a detector's device doesn't answer: it is left behind") }
    // A disk that hangs must not keep the daemon from its end.
    let patience = surroundings.clocks.monotonic() + .seconds(5)
    // Before the socket, to whose thread it answers.
    archive?.stop(until: patience)
    if journal?.close(until: patience) == false {
      logger.error("the journal's disk doesn't answer: what waits for it is lost")
    }
    let wasStopped = signals.received != nil
    let reason = wasStopped ? "the daemon was told to stop" : "all sources are done"
    doors.close(reason: reason)
    keeper?.stopping("all sources are done")
    server.stop(reason: reason)
    hooks.stop()
    keeper?.end()
    if let fault, !wasStopped { throw fault }
  }

  /// Who tells systemd; nil where nobody wants to know.
  private static func keeper(
    _ supervisor: Supervisor, _ server: EventServer, _ logger: Logger, _ surroundings: Surroundings
  ) -> ServiceKeeper? {
    guard let name = surroundings.service.notifySocket else { return nil }
    do throws(Fault) {
      return ServiceKeeper(
        try NotifySocket(name), watchdog: surroundings.service.watchdog, clocks: surroundings.clocks,
        logger: logger
      ) { now in
        ServiceHealth(streams: supervisor.health(at: now), socketBehindSince: server.behindSince(now))
      }
    } catch {
      // Records are worth more than the manager's opinion of us.
      logger.warning("systemd is told nothing", metadata: ["fault": "\(error)"])
      return nil
    }
  }
}
