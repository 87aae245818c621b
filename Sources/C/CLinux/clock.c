#include "clock.h"

#include <errno.h>
#include <sys/timex.h>

int clinux_clock_is_synchronised(void) {
  struct timex time = {.modes = 0};
  if (adjtimex(&time) < 0) return -errno;
  return !(time.status & STA_UNSYNC);
}
