import Base
import Events
import Journal
import Service

/// What the daemon counts, as metrics, read when somebody asks for them.
package final class DaemonMetrics: @unchecked Sendable {
  // Safety: `sheet` is used by `text` alone, whose callers come one at a time; the rest is constant and Sendable.
  private let factory: PrometheusFactory
  private let sheet: MetricSheet
  private let supervisor: Supervisor
  private let clocks: any Clocks
  private let version: String
  private let began: WallTime
  private let socketBehindSince: @Sendable (MonotonicTime) -> MonotonicTime?

  /// - Parameters:
  ///   - factory: Where the metrics are registered.
  ///   - socketBehindSince: As of `ServiceHealth`.
  package init(
    _ supervisor: Supervisor, factory: PrometheusFactory, clocks: any Clocks, version: String,
    socketBehindSince: @escaping @Sendable (MonotonicTime) -> MonotonicTime?
  ) {
    self.factory = factory
    sheet = MetricSheet(factory)
    self.supervisor = supervisor
    self.clocks = clocks
    self.version = version
    began = clocks.wall()
    self.socketBehindSince = socketBehindSince
  }

  /// All of them as Prometheus reads them. Takes some milliseconds; one call at a time.
  package func text(_ server: ServerFigures) -> String {
    let now = clocks.monotonic()
    sheet.fill { sheet in
      note(server, on: sheet)
      noteProcess(at: now, on: sheet)
      if let journal = supervisor.journalStatus { sheet.note(journal) }
      for line in supervisor.lines { line.note(on: sheet, at: now) }
      let health = ServiceHealth(
        streams: supervisor.health(at: now), socketBehindSince: socketBehindSince(now))
      sheet.gauge(
        "saccade_healthy", "1 while nothing hangs, which is when systemd's watchdog is fed", [],
        !health.hangs(at: now))
    }
    return factory.exposition()
  }

  private func note(_ server: ServerFigures, on sheet: MetricSheet) {
    sheet.gauge("saccade_clients", "Connections to the event socket", [], Double(server.clients))
    sheet.total("saccade_clients_accepted_total", "Clients that were taken", [], server.accepted)
    sheet.total(
      "saccade_sent_bytes_total", "Bytes handed to clients of the event socket", [], server.bytesSent)
    for (key, count) in server.dropped {
      sheet.total(
        "saccade_dropped_total", "What clients lost, and clients that were let go, by the keys of `status`",
        [("what", key)], count)
    }
  }

  private func noteProcess(at now: MonotonicTime, on sheet: MetricSheet) {
    let versions = supervisor.versions(saccade: version)
    sheet.gauge(
      "saccade_build_info", "1; the versions are its labels", versions.map { ($0.name, $0.version) }, 1)
    let figures = supervisor.process.figures(at: now)
    func gauge(_ name: String, _ help: String, _ value: Int64?) {
      if let value { sheet.gauge(name, help, [], Double(value)) }
    }
    gauge("saccade_memory_pss_bytes", "Memory, shared pages by their share", figures.memory)
    gauge("process_threads", "Threads", figures.threads)
    gauge("process_open_fds", "Open descriptors", figures.descriptors)
    gauge("process_max_fds", "Descriptors that may be open", figures.mostDescriptors)
    if let computing = figures.computing {
      sheet.seconds("process_cpu_seconds_total", "Computing of all threads", [], computing)
    }
    sheet.gauge(
      "process_start_time_seconds", "When the daemon began, since 1970", [],
      Double(began.nanoseconds / 1_000_000) / 1000)
  }
}

extension MetricSheet {
  fileprivate func note(_ journal: JournalStatus) {
    total("saccade_journal_written_total", "Records written to the journal", [], journal.written)
    total("saccade_journal_lost_total", "Records that the journal lost", [], journal.lost)
    total("saccade_journal_expired_total", "Records that retention took", [], journal.expired)
    gauge("saccade_journal_waiting", "Records that wait to be written", [], Double(journal.waiting))
    gauge("saccade_journal_failing", "1 while the journal can't be written", [], journal.trouble != nil)
  }
}
