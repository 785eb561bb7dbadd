import Base

/// Everything that is wrong with the pipeline files that were asked for, in the order of the text.
package struct PipelineFaults: Error, Sendable, CustomStringConvertible {
  package var faults: [Fault]

  package init(_ faults: [Fault]) {
    precondition(!faults.isEmpty, "a failure without a fault")
    self.faults = faults
  }

  /// `configuration` if any file was read and found wrong, else what kept the first from being read.
  package var code: Fault.Code {
    faults.contains { $0.code == .configuration } ? .configuration : faults[0].code
  }

  package var description: String { faults.map(\.description).joined(separator: "\n") }
}
