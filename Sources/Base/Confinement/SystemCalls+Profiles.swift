internal import Foundation

extension SystemCalls {
  static var decoder: SystemCalls {
    SystemCalls(
      allowed: ordinary + ["recvmsg", "sendmsg"],
      conditional: memory + [
        // Last words only.
        Conditional(call: "write", argument: 0, mask: 0xffff_ffff, value: 2),
        // fstat(3) of glibc 2.33 and later; with a path Landlock would not stop it.
        Conditional(
          call: "newfstatat", argument: 3, mask: emptyPath, value: emptyPath,
          otherwise: EACCES),
      ],
      refused: [
        (
          EACCES,
          ["open", "openat", "openat2", "stat", "lstat", "statx", "access", "faccessat", "readlink", "readlinkat"]
        ),
        (EPERM, unneeded + ["fcntl", "ioctl", "sched_getaffinity", "sysinfo", "uname", "getcwd"]), (ENOSYS, ["clone3"]),
      ])
  }

  static var unpacker: SystemCalls {
    SystemCalls(
      allowed: ordinary + [
        // Landlock says which paths.
        "open", "openat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink",
        "readlinkat", "getcwd", "getdents64", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename",
        "write", "writev", "pwrite64", "ftruncate", "fchmod", "fsync", "fdatasync", "fadvise64", "fcntl", "dup", "poll",
        "uname", "sysinfo", "sched_getaffinity", "getuid", "geteuid", "getgid", "getegid", "umask",
      ],
      conditional: memory + [
        // futimens(3) only: Landlock does not guard the times of a path.
        Conditional(call: "utimensat", argument: 1, mask: .max, value: 0)
      ],
      refused: [(EPERM, unneeded), (ENOTTY, ["ioctl"]), (ENOSYS, ["clone3"])])
  }

  /// What any program does on what it holds.
  private static let ordinary = [
    "read", "readv", "pread64", "lseek", "close", "fstat", "munmap", "mremap", "madvise", "brk", "futex",
    "rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "sigaltstack", "restart_syscall", "exit", "exit_group",
    "clock_gettime", "gettimeofday", "getrandom", "getpid", "gettid", "getrusage", "sched_yield",
  ]

  /// AT_EMPTY_PATH of <linux/fcntl.h>.
  private static let emptyPath: UInt64 = 0x1000
  private static let unneeded = ["prctl", "prlimit64", "getrlimit", "sched_setaffinity"]

  /// No executable memory, so no code but what was loaded; and a signal (abort) to ourselves only.
  private static var memory: [Conditional] {
    let executable = UInt64(PROT_EXEC)
    return [
      Conditional(call: "mmap", argument: 2, mask: executable, value: 0, otherwise: EACCES),
      Conditional(call: "mprotect", argument: 2, mask: executable, value: 0, otherwise: EACCES),
      Conditional(call: "tgkill", argument: 0, mask: 0xffff_ffff, value: UInt64(getpid())),
    ]
  }
}
