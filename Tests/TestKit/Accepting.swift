import Glibc

/// As accept(2), for a connection that programs started by other tests don't inherit: they would hold it open.
package func acceptPrivately(_ listener: Int32) -> Int32 {
  let client = accept(listener, nil, nil)
  if client >= 0 { _ = fcntl(client, F_SETFD, FD_CLOEXEC) }
  return client
}
