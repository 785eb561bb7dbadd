import CLinux
import Glibc

/// A named thread for work that blocks, which must stay off Swift's cooperative pool.
package final class WorkerThread: @unchecked Sendable {
  // Safety: `thread` is written once in `init` and read by `join`, which one owner calls once.
  private var thread = pthread_t()

  /// Starts at once. `name` is cut to 15 bytes, as the kernel keeps no more.
  package init(name: String, _ body: sending @escaping () -> Void) {
    let box = Unmanaged.passRetained(Body(name: name, run: body))
    let result = pthread_create(
      &thread, nil,
      { raw in
        let body = Unmanaged<Body>.fromOpaque(raw!).takeRetainedValue()
        saccade_thread_name(body.name)
        body.run()
        return nil
      }, box.toOpaque())
    precondition(result == 0, "pthread_create(\(name)): errno \(result)")
  }

  /// Waits until the body has returned. Call once.
  package func join() { pthread_join(thread, nil) }

  private final class Body {
    let name: String
    let run: () -> Void
    init(name: String, run: @escaping () -> Void) {
      self.name = name
      self.run = run
    }
  }
}
