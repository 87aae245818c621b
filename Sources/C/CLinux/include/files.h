#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

/// renameat2(2) with RENAME_EXCHANGE: both paths must exist and change places at once. Returns 0 or errno.
int clinux_exchange(const char *left, const char *right);

/// A pipe whose both ends are close-on-exec: ends[0] reads, ends[1] writes. Returns 0 or errno.
int clinux_pipe(int ends[2]);

#endif
