import Glibc

/// How many processors this process may run on.
package enum ProcessorCount {
  package static let online = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
