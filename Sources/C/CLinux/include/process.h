#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/// One descriptor of a child: `from` in this process becomes `to` in the child.
struct clinux_descriptor {
  int from;
  int to;
};

/// Starts `path` with exactly the listed descriptors, in a process group of its own, all signals at their default and
/// unblocked, killed when the *thread* that called this ends (PR_SET_PDEATHSIG).
///
/// Why in C: between fork and exec only async-signal-safe calls are allowed, which Swift cannot promise.
/// On success returns 0 and sets pid and pidfd (close-on-exec, owned by the caller). Otherwise returns errno, of the
/// exec too. Linux 5.9 or later (close_range).
int clinux_spawn(const char *path, char *const arguments[], char *const environment[],
                 const struct clinux_descriptor *descriptors, int count, const char *directory, pid_t *pid,
                 int *pidfd);

/// Starts `path --config configuration` in a session of its own, standard input from /dev/null, both outputs to `output`,
/// every other descriptor closed, and the environment of this process. It outlives this process. Returns 0 or errno.
int clinux_spawn_detached(const char *path, const char *configuration, int output, pid_t *pid);

/// Waits for the child and reaps it. Returns 0 and sets `code` to the exit status, or to -signal; otherwise errno.
int clinux_wait(int pidfd, int *code);

/// Sends a signal to exactly the process of the descriptor. Returns 0 or errno.
int clinux_kill(int pidfd, int signal);

/// A descriptor for a process that is not our child (to signal it and to wait until it ends), or -errno.
int clinux_pidfd_open(pid_t pid);

#endif
