#define _GNU_SOURCE
#include "CLinux.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void saccade_thread_name(const char *name) {
  char kept[16];
  strncpy(kept, name, sizeof kept - 1);
  kept[sizeof kept - 1] = 0;
  pthread_setname_np(pthread_self(), kept);
}

int64_t saccade_thread_waits(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}

struct saccade_monitor {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
};

saccade_monitor *saccade_monitor_create(void) {
  saccade_monitor *monitor = malloc(sizeof *monitor);
  if (!monitor) abort();
  pthread_mutex_init(&monitor->mutex, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&monitor->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  return monitor;
}

void saccade_monitor_destroy(saccade_monitor *monitor) {
  pthread_cond_destroy(&monitor->changed);
  pthread_mutex_destroy(&monitor->mutex);
  free(monitor);
}

void saccade_monitor_lock(saccade_monitor *monitor) { pthread_mutex_lock(&monitor->mutex); }
void saccade_monitor_unlock(saccade_monitor *monitor) { pthread_mutex_unlock(&monitor->mutex); }
void saccade_monitor_broadcast(saccade_monitor *monitor) { pthread_cond_broadcast(&monitor->changed); }
void saccade_monitor_wait(saccade_monitor *monitor, void *guarded) {
  (void)guarded;
  pthread_cond_wait(&monitor->changed, &monitor->mutex);
}

int saccade_monitor_wait_until(saccade_monitor *monitor, int64_t deadline_ns, void *guarded) {
  (void)guarded;
  struct timespec deadline = {deadline_ns / 1000000000, deadline_ns % 1000000000};
  return pthread_cond_timedwait(&monitor->changed, &monitor->mutex, &deadline) == ETIMEDOUT;
}

int saccade_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
  *pid = credentials.pid;
  *uid = credentials.uid;
  *gid = credentials.gid;
  return 0;
}

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

int saccade_peer_groups(int fd, gid_t *groups, int capacity) {
  socklen_t length = capacity * sizeof *groups;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0) return -1;
  return length / sizeof *groups;
}

void saccade_allocator(int arenas, int mapped, int trim) {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, arenas);
  mallopt(M_MMAP_THRESHOLD, mapped);
  mallopt(M_TRIM_THRESHOLD, trim);
#else
  (void)arenas, (void)mapped, (void)trim;
#endif
}

void saccade_give_back(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

// Text relocations make code pages that no file holds.
static int is_relocated(const struct dl_phdr_info *info) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    for (const ElfW(Dyn) *entry = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr); entry->d_tag != DT_NULL; entry++) {
      if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_TEXTREL)) return 1;
    }
  }
  return 0;
}

static int unmap_code(struct dl_phdr_info *info, size_t size, void *page) {
  (void)size;
  // The kernel's own (vdso(7)) is in no file.
  if (info->dlpi_addr == getauxval(AT_SYSINFO_EHDR) || is_relocated(info)) return 0;
  uintptr_t mask = ~(*(uintptr_t *)page - 1);
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || (part->p_flags & (PF_W | PF_X)) != PF_X) continue;
    uintptr_t start = (info->dlpi_addr + part->p_vaddr) & mask;
    uintptr_t end = info->dlpi_addr + part->p_vaddr + part->p_filesz;
    madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void saccade_unmap_code(void) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  dl_iterate_phdr(unmap_code, &page);
}

int saccade_pidfd_open(pid_t pid) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, pid, 0);
#else
  (void)pid;
  errno = ENOSYS;
  return -1;
#endif
}

int saccade_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int saccade_spawn_close_from(void *actions, int first) {
#if defined __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 34)
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
#endif
#endif
  (void)actions, (void)first;
  return ENOSYS;
}

const char *saccade_own_image(void) {
  Dl_info info;
  return dladdr((void *)saccade_own_image, &info) ? info.dli_fname : NULL;
}

// Between fork and exec only what signal-safety(7) allows: another thread may have held any lock.
static void write_number(const char *path, int number) {
  char text[16];
  int start = sizeof text;
  do {
    text[--start] = '0' + number % 10;
    number /= 10;
  } while (number > 0);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t written = write(file, text + start, sizeof text - start);
  (void)written;
  close(file);
}

static void close_from(int first, int but) {
  long most = sysconf(_SC_OPEN_MAX);
#ifdef SYS_close_range
  if (but > first) {
    if (syscall(SYS_close_range, first, but - 1, 0) == 0 && syscall(SYS_close_range, but + 1, ~0U, 0) == 0) return;
  } else if (syscall(SYS_close_range, first, ~0U, 0) == 0) {
    return;
  }
#endif
  for (int fd = first; fd < most; fd++) {
    if (fd != but) close(fd);
  }
}

static void become(const saccade_guarded_child *child, int report, pid_t parent) {
  struct sigaction usual = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &usual, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpgid(0, 0);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  // The parent may have ended before the kernel knew.
  if (getppid() != parent) _exit(127);
  write_number("/proc/self/oom_score_adj", child->oom_score);
  int input = open("/dev/null", O_RDONLY);
  if (input < 0 || dup2(input, STDIN_FILENO) < 0) return;
  if (dup2(child->output, STDOUT_FILENO) < 0 || dup2(child->output, STDERR_FILENO) < 0) return;
  close_from(STDERR_FILENO + 1, report);
  execve(child->path, child->arguments, child->environment);
}

int saccade_start_guarded(const saccade_guarded_child *child, pid_t *pid) {
  int ends[2];
  if (saccade_pipe(ends) != 0) return errno;
  pid_t parent = getpid();
  // No handler of ours may run in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t made = fork();
  if (made == 0) {
    become(child, ends[1], parent);
    int failure = errno;
    ssize_t written = write(ends[1], &failure, sizeof failure);
    (void)written;
    _exit(127);
  }
  int failure = made < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[1]);
  if (made > 0) {
    // Ends without a word once the program runs.
    ssize_t got;
    while ((got = read(ends[0], &failure, sizeof failure)) < 0 && errno == EINTR) {}
    if (got != sizeof failure) failure = 0;
    if (failure) {
      while (waitpid(made, NULL, 0) < 0 && errno == EINTR) {}
    } else {
      *pid = made;
    }
  }
  close(ends[0]);
  return failure;
}
