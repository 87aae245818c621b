#include "landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's own header in Debian 12 describes ABI 2; these are its stable numbers up to ABI 6.
enum {
  CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446,
  VERSION_FLAG = 1, PATH_BENEATH = 1,
};
struct ruleset {
  uint64_t files, net, scoped;
};
struct __attribute__((packed)) path_beneath {
  uint64_t allowed;
  int32_t parent;
};

static const uint64_t WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3, REMOVE_DIR = 1 << 4,
                      REMOVE_FILE = 1 << 5, MAKE_DIR = 1 << 7, MAKE_REG = 1 << 8, REFER = 1 << 13, TRUNCATE = 1 << 14;

/// Every right that this version of the kernel can take away.
static uint64_t all_files(int abi) {
  uint64_t rights = REFER - 1;
  if (abi >= 2) rights |= REFER;
  if (abi >= 3) rights |= TRUNCATE;
  if (abi >= 5) rights |= 1 << 15;  // ioctl on devices
  return rights;
}

static int allow(int ruleset, int parent, uint64_t rights) {
  struct path_beneath rule = {.allowed = rights, .parent = parent};
  return syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0) == 0 ? 0 : errno;
}

int clinux_landlock(int readable, int writable, int *abi) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  *abi = (int)syscall(CREATE_RULESET, NULL, 0, VERSION_FLAG);
  if (*abi < 1) {
    *abi = 0;
    // EPERM: a container's filter from before Landlock. The kernel itself refuses this question to nobody.
    return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? 0 : errno;
  }
  struct ruleset attributes = {all_files(*abi), *abi >= 4 ? 3 : 0, *abi >= 6 ? 3 : 0};
  size_t size = *abi >= 6 ? sizeof attributes : *abi >= 4 ? 16 : 8;
  int ruleset = (int)syscall(CREATE_RULESET, &attributes, size, 0);
  if (ruleset < 0) return errno;
  int error = 0;
  if (readable >= 0) error = allow(ruleset, readable, READ_FILE);
  uint64_t writing =
      WRITE_FILE | READ_FILE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE;
  if (error == 0 && writable >= 0) error = allow(ruleset, writable, writing & attributes.files);
  if (error == 0 && syscall(RESTRICT_SELF, ruleset, 0) != 0) error = errno;
  close(ruleset);
  return error;
}

int clinux_landlock_version(void) {
  int version = (int)syscall(CREATE_RULESET, NULL, 0, VERSION_FLAG);
  return version < 0 ? 0 : version;
}
