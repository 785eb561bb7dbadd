// What Glibc's Swift module doesn't import or imports awkwardly.
#pragma once

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>

/// Names the calling thread as `top` and a debugger show it; at most 15 bytes are kept.
void saccade_thread_name(const char *name);

/// How often the calling thread has given up the CPU to wait for something (getrusage(2), RUSAGE_THREAD).
int64_t saccade_thread_waits(void);

/// A mutex with a condition variable on CLOCK_MONOTONIC. Plain pthread objects, so that ThreadSanitizer
/// sees every edge.
typedef struct saccade_monitor saccade_monitor;
saccade_monitor *saccade_monitor_create(void);
void saccade_monitor_destroy(saccade_monitor *monitor);
void saccade_monitor_lock(saccade_monitor *monitor);
void saccade_monitor_unlock(saccade_monitor *monitor);
/// Wakes all waiters; the lock may be held or not.
void saccade_monitor_broadcast(saccade_monitor *monitor);
/// Waits with the lock held until woken. Spurious wake-ups happen. `guarded` is what the lock guards: it isn't
/// used, but tells the caller's compiler that it may have changed.
void saccade_monitor_wait(saccade_monitor *monitor, void *guarded);
/// Waits with the lock held until woken or until CLOCK_MONOTONIC reaches `deadline_ns`.
/// Returns 1 when the deadline passed, else 0.
int saccade_monitor_wait_until(saccade_monitor *monitor, int64_t deadline_ns, void *guarded);

/// The process at the other end of a connected Unix socket. Returns 0, or -1 with errno set.
int saccade_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid);

/// The supplementary groups of that process. Returns how many, at most `capacity`, or -1 with errno set (ENOPROTOOPT
/// before Linux 4.13).
int saccade_peer_groups(int fd, gid_t *groups, int capacity);

/// Sets the C allocator (glibc's mallopt; nothing elsewhere): at most `arenas` arenas, blocks of `mapped`
/// bytes and more mapped alone, `trim` free bytes at the top given back. Before threads start.
void saccade_allocator(int arenas, int mapped, int trim);

/// Gives free pages of the C allocator back to the kernel (glibc's malloc_trim; nothing elsewhere).
void saccade_give_back(void);

/// Takes the code of the program and its libraries out of this process's memory, page by page back from the files where it
/// is used again: madvise(2), MADV_DONTNEED. What only a start needs stays out.
void saccade_unmap_code(void);

/// A descriptor that becomes readable when the process ends, so that waiting for it can have a limit;
/// -1 with errno set where the kernel has none (before Linux 5.3).
int saccade_pidfd_open(pid_t pid);

/// A pipe whose ends (to read, to write) don't pass to programs that other threads start: pipe2 with
/// O_CLOEXEC. Returns 0, or -1 with errno set.
int saccade_pipe(int ends[2]);

/// Lets a program that is started with these actions (a posix_spawn_file_actions_t) inherit no descriptor from `first` on.
/// Returns 0, or an errno; where the C library can't (glibc before 2.34), ENOSYS.
int saccade_spawn_close_from(void *actions, int first);

/// The path of the program or library that this code is part of: dladdr. NULL where the loader doesn't know.
const char *saccade_own_image(void);

/// How a guarded child is started; all texts are the caller's and only read.
typedef struct {
  /// The program's path: it is not looked up.
  const char *path;
  char *const *arguments;
  char *const *environment;
  /// Becomes standard output and error; standard input is empty.
  int output;
  /// 0…1000, as in /proc/PID/oom_score_adj (proc(5)): what the kernel ends first when memory is short.
  int oom_score;
} saccade_guarded_child;

/// Starts a program in a process group of its own that the kernel kills when the calling *thread* ends (prctl(2),
/// PR_SET_PDEATHSIG): the thread must outlive the child, and then no end of this process, however sudden, leaves it behind.
/// The child inherits no other descriptor, no signal mask and no ignored signal. Returns 0, or the errno of what failed,
/// the start of the program included.
int saccade_start_guarded(const saccade_guarded_child *child, pid_t *pid);
