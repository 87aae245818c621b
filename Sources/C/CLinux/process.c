#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 16, SAFE_BASE = 64 };

static void report_and_exit(int channel, int error) {
  ssize_t ignored = write(channel, &error, sizeof error);
  (void)ignored;
  _exit(127);
}

static void become(const char *path, char *const arguments[], char *const environment[],
                   const struct clinux_descriptor *descriptors, int count, const char *directory, pid_t parent,
                   int channel) {
  setpgid(0, 0);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) report_and_exit(channel, errno);
  if (getppid() != parent) _exit(127);  // The parent died before the line above took effect.

  for (int signal_number = 1; signal_number < NSIG; signal_number++) signal(signal_number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);

  // Move everything out of the way first, so that no target overwrites a source that is still wanted.
  int moved[MAX_DESCRIPTORS];
  int lifted = fcntl(channel, F_DUPFD_CLOEXEC, SAFE_BASE);
  if (lifted < 0) report_and_exit(channel, errno);
  for (int i = 0; i < count; i++) {
    moved[i] = fcntl(descriptors[i].from, F_DUPFD_CLOEXEC, SAFE_BASE);
    if (moved[i] < 0) report_and_exit(lifted, errno);
  }
  for (int i = 0; i < count; i++)
    if (dup2(moved[i], descriptors[i].to) < 0) report_and_exit(lifted, errno);

  // Whatever else is open closes at exec: libtorrent and others leave descriptors inheritable.
  if (syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) != 0) report_and_exit(lifted, errno);
  for (int i = 0; i < count; i++)
    if (fcntl(descriptors[i].to, F_SETFD, 0) != 0) report_and_exit(lifted, errno);

  if (directory != NULL && chdir(directory) != 0) report_and_exit(lifted, errno);
  execve(path, arguments, environment);
  report_and_exit(lifted, errno);
}

int clinux_spawn(const char *path, char *const arguments[], char *const environment[],
                 const struct clinux_descriptor *descriptors, int count, const char *directory, pid_t *pid,
                 int *pidfd) {
  if (count < 0 || count > MAX_DESCRIPTORS) return EINVAL;
  int channel[2];
  if (pipe2(channel, O_CLOEXEC) != 0) return errno;

  // All signals wait until the child has its own dispositions: a handler of ours must not run there.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) become(path, arguments, environment, descriptors, count, directory, parent, channel[1]);
  int error = child < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(channel[1]);

  if (error == 0) {
    ssize_t got;
    do got = read(channel[0], &error, sizeof error);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof error) error = 0;  // Closed by a successful exec.
  }
  close(channel[0]);
  if (child < 0) return error;
  int descriptor = error == 0 ? (int)syscall(SYS_pidfd_open, child, 0) : -1;
  if (error == 0 && descriptor < 0) {
    error = errno;
    kill(child, SIGKILL);
  }
  if (error != 0) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    return error;
  }
  *pid = child;
  *pidfd = descriptor;
  return 0;
}

int clinux_wait(int pidfd, int *code) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) != 0)
    if (errno != EINTR) return errno;
  *code = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
  return 0;
}

int clinux_kill(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 ? 0 : errno;
}

int clinux_pidfd_open(pid_t pid) {
  int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
  return descriptor < 0 ? -errno : descriptor;
}

int clinux_spawn_detached(const char *path, const char *configuration, int output, pid_t *pid) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return errno;
  pid_t child = fork();
  if (child < 0) {
    int error = errno;
    close(report[0]);
    close(report[1]);
    return error;
  }
  if (child == 0) {
    setsid();
    int null = open("/dev/null", O_RDONLY);
    int kept = fcntl(report[1], F_DUPFD_CLOEXEC, 10);
    if (null >= 0 && kept >= 0 && dup2(null, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0) {
      if (dup2(kept, 3) >= 0 && fcntl(3, F_SETFD, FD_CLOEXEC) >= 0 && close_range(4, ~0U, 0) >= 0) {
        char *const arguments[] = {(char *)path, "--config", (char *)configuration, NULL};
        execv(path, arguments);
      }
    }
    int error = errno;
    (void)!write(3, &error, sizeof error);
    _exit(127);
  }
  close(report[1]);
  int error = 0;
  ssize_t count;
  do {
    count = read(report[0], &error, sizeof error);
  } while (count < 0 && errno == EINTR);
  close(report[0]);
  *pid = child;
  return count == sizeof error ? error : 0;
}
