#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

/// renameat2(2) with RENAME_EXCHANGE: both paths must exist and change places at once. Returns 0 or errno.
int clinux_exchange(const char *left, const char *right);

/// A pipe whose both ends are close-on-exec: ends[0] reads, ends[1] writes. Returns 0 or errno.
int clinux_pipe(int ends[2]);

/// An eventfd(2) that wakes a poll(2): readable from `ring` to `silence`. Returns the descriptor, or -errno.
int clinux_bell(void);
void clinux_ring(int bell);
void clinux_silence(int bell);

/// syncfs(2): everything written to the file system that the descriptor is on. Returns 0 or errno.
int clinux_sync_file_system(int descriptor);

/// Whether the file has an access control list (acl(5)) beside its mode: 1 or 0.
int clinux_has_access_list(const char *path);

/// Gives the bytes [from, to) of a file back to the file system; its size stays. Returns 0 or errno.
int clinux_punch(int descriptor, long long from, long long to);

#endif
