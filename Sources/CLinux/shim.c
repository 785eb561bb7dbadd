#define _GNU_SOURCE
#include "CLinux.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void saccade_thread_name(const char *name) {
  char kept[16];
  strncpy(kept, name, sizeof kept - 1);
  kept[sizeof kept - 1] = 0;
  pthread_setname_np(pthread_self(), kept);
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
