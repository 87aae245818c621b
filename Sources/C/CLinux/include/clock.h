#ifndef CLINUX_CLOCK_H
#define CLINUX_CLOCK_H

/// Whether somebody keeps the system's clock right (adjtimex(2), whose header is not visible to Swift): 1 or 0, or -errno.
int clinux_clock_is_synchronised(void);

#endif
