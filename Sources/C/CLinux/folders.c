#include "folders.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

int clinux_open_below(const char *root, const char *path, int flags, int *descriptor) {
  int folder = open(root, (*path ? O_PATH | O_DIRECTORY : flags) | O_CLOEXEC);
  if (folder < 0) return errno;
  while (*path) {
    char part[256];  // NAME_MAX and its NUL.
    const size_t length = strcspn(path, "/");
    if (length >= sizeof part) {
      close(folder);
      return ENAMETOOLONG;
    }
    memcpy(part, path, length);
    part[length] = 0;
    path += length;
    while (*path == '/') path++;
    const int wanted = *path ? O_PATH | O_DIRECTORY : flags;
    const int next = openat(folder, part, wanted | O_NOFOLLOW | O_CLOEXEC);
    const int code = errno;
    close(folder);
    if (next < 0) return code;
    folder = next;
  }
  *descriptor = folder;
  return 0;
}

int clinux_find_below(const char *root, const char *path, int *descriptor) {
  return clinux_open_below(root, path, O_PATH, descriptor);
}

int clinux_has_writer(int descriptor) {
  // A broken lease is told by SIGIO, which ends a process that does not expect it; SIGURG is ignored by default.
  if (fcntl(descriptor, F_SETSIG, SIGURG) != 0) return -errno;
  if (fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN ? 1 : -errno;
  return fcntl(descriptor, F_SETLEASE, F_UNLCK) == 0 ? 0 : -errno;
}

long clinux_file_system(int descriptor) {
  struct statfs status;
  return fstatfs(descriptor, &status) == 0 ? (long)status.f_type : -1;
}
