#ifndef CLINUX_FOLDERS_H
#define CLINUX_FOLDERS_H

/// Opens what lies at `path` below the directory `root` (which itself may be a link), part by part and through no other
/// symbolic link: a folder that was swapped for one leads to ELOOP or ENOTDIR, not outside. An empty `path` is the root
/// itself. `flags` are those of open(2); the descriptor is close-on-exec. Why in C: O_PATH is not visible to Swift, and
/// openat2(2), which could do it at once, is refused by older container filters.
/// Returns 0 and sets `descriptor`, or returns errno.
int clinux_open_below(const char *root, const char *path, int flags, int *descriptor);

/// `clinux_open_below` with O_PATH: enough for fstat, and needs no permission to read.
int clinux_find_below(const char *root, const char *path, int *descriptor);

/// Whether any process has the file open for writing, or mapped so: 1 or 0, or -errno where this cannot be known (a file
/// of another user without CAP_LEASE, a file system without leases). `descriptor` is open for reading only.
///
/// It takes a read lease (fcntl(2), F_SETLEASE), which the kernel grants only while nobody writes, and gives it back at
/// once. Whoever opens the file for writing in these microseconds waits as long.
int clinux_has_writer(int descriptor);

/// The magic number of the file system (statfs(2)), or -1.
long clinux_file_system(int descriptor);

#endif
