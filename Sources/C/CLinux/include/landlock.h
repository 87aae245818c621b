#ifndef CLINUX_LANDLOCK_H
#define CLINUX_LANDLOCK_H

/// Takes every access to the file system by path from this thread and its children, except reading the file of
/// `readable`, or those below it, and making, writing, moving (between folders: from version 2 on) and removing below the
/// directory of `writable` (either may be -1: nothing). Where the kernel can, also TCP and signals and abstract sockets to processes outside. There is no way back.
///
/// The caller must be single-threaded or accept that other threads are not confined. Sets `abi` to the kernel's Landlock
/// version, 0 where it has none (which is no error). Sets PR_SET_NO_NEW_PRIVS. Returns 0 or errno.
int clinux_landlock(int readable, int writable, int *abi);

/// The kernel's Landlock version; 0 where it has none, or a container's filter hides it. Changes nothing.
int clinux_landlock_version(void);

#endif
