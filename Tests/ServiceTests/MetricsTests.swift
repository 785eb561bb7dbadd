import Base
import CoreMetrics
import Service
import TestKit
import Testing

@Suite struct PrometheusFactoryTests {
  @Test func `instruments of swift-metrics are printed with help, type and labels`() {
    let factory = PrometheusFactory()
    factory.describe("a_total", "What\nthere \\ is")
    CoreMetrics.Counter(label: "a_total", dimensions: [("z", "1"), ("b", "\"x\"\\\n")], factory: factory)
      .increment(by: 5)
    CoreMetrics.Counter(label: "a_total", dimensions: [("b", "\"x\"\\\n"), ("z", "1")], factory: factory)
      .increment()
    Meter(label: "m", factory: factory).set(1.5)
    Gauge(label: "g", factory: factory).record(-2)
    FloatingPointCounter(label: "f_total", factory: factory).increment(by: 0.25)
    #expect(
      factory.exposition() == #"""
        # HELP a_total What\nthere \\ is
        # TYPE a_total counter
        a_total{b="\"x\"\\\n",z="1"} 6
        # TYPE f_total counter
        f_total 0.25
        # TYPE g gauge
        g -2
        # TYPE m gauge
        m 1.5

        """#)
  }

  @Test func `timers and aggregating recorders are histograms`() throws {
    let factory = PrometheusFactory()
    let timer = Timer(label: "t_seconds", factory: factory)
    timer.recordMilliseconds(1)
    timer.recordSeconds(100)
    Recorder(label: "r", factory: factory).record(0.0001)
    let text = factory.exposition()
    #expect(text.contains("# TYPE t_seconds histogram\nt_seconds_bucket{le=\"0.0001\"} 0\n"))
    #expect(text.contains("t_seconds_bucket{le=\"0.0016\"} 1\n"))
    #expect(text.contains("t_seconds_bucket{le=\"+Inf\"} 2\nt_seconds_sum 100.001\nt_seconds_count 2\n"))
    #expect(text.contains("r_bucket{le=\"0.0001\"} 1\n"))
  }

  @Test func `what is destroyed is gone`() {
    let factory = PrometheusFactory()
    let counter = CoreMetrics.Counter(label: "a", factory: factory)
    let timer = Timer(label: "b", factory: factory)
    let meter = Meter(label: "c", factory: factory)
    let sum = FloatingPointCounter(label: "d", factory: factory)
    let recorder = Recorder(label: "e", factory: factory)
    counter.increment()
    counter.destroy()
    timer.destroy()
    meter.destroy()
    sum.destroy()
    recorder.destroy()
    #expect(factory.exposition() == "")
    CoreMetrics.Counter(label: "a", factory: factory).increment()
    #expect(factory.exposition() == "# TYPE a counter\na 1\n")
  }
}

@Suite struct MetricSheetTests {
  @Test func `counts are followed, also where they begin anew, and what isn't noted goes`() {
    let factory = PrometheusFactory()
    let sheet = MetricSheet(factory)
    func read(_ note: (MetricSheet) -> Void) -> [Substring] {
      sheet.fill(note)
      return factory.exposition().split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
    let spread = MetricSpread(edges: [1, 2], counts: [1, 0, 2], sum: 9.5)
    #expect(
      read {
        $0.total("n", "help", [("s", "a")], 7)
        $0.total("n", "help", [("s", "b")], 1)
        $0.gauge("g", "help", [], true)
        $0.seconds("t", "help", [], 1.5)
        $0.spread("h", "help", [], spread)
      } == [
        "g 1", "h_bucket{le=\"1\"} 1", "h_bucket{le=\"2\"} 1", "h_bucket{le=\"+Inf\"} 3", "h_sum 9.5",
        "h_count 3", "n{s=\"a\"} 7", "n{s=\"b\"} 1", "t 1.5",
      ])
    #expect(
      read {
        $0.total("n", "help", [("s", "a")], 9)
        $0.total("n", "help", [("s", "b")], 0)
        $0.seconds("t", "help", [], 2)
      } == ["n{s=\"a\"} 9", "n{s=\"b\"} 0", "t 2"])
    #expect(read { $0.total("n", "help", [("s", "b")], 3) } == ["n{s=\"b\"} 3"])
    #expect(read { _ in }.isEmpty)
  }
}

@Suite struct MetricsAddressTests {
  @Test(arguments: [
    ("unix:/run/m.sock", MetricsAddress.unix(path: "/run/m.sock")),
    ("unix:m", .unix(path: "m")), ("127.0.0.1:9464", .tcp(host: "127.0.0.1", port: 9464)),
    ("localhost:0", .tcp(host: "localhost", port: 0)), ("[::1]:80", .tcp(host: "::1", port: 80)),
  ])
  func `paths and ports are taken`(text: String, address: MetricsAddress) throws {
    #expect(try MetricsAddress(text, at: "--metrics") == address)
  }

  @Test(arguments: [
    "", "unix:", "9464", ":9464", "localhost", "localhost:", "localhost:http", "::1:80", "h:65536", "h:-1",
  ])
  func `the rest is refused`(text: String) {
    let fault = #expect(throws: Fault.self) { try MetricsAddress(text, at: "--metrics") }
    #expect(fault?.code == .usage)
    #expect(fault?.place == "--metrics")
  }
}
