#ifndef CLINUX_MEMORY_H
#define CLINUX_MEMORY_H

#include <stddef.h>

/// Anonymous memory of `count` bytes behind a descriptor (close-on-exec) whose size nobody can change any more: a process
/// that maps it can never be hit by SIGBUS because another shrank it. Returns the descriptor or -errno.
int clinux_shared_memory(size_t count);

/// Gives free memory back to the system (malloc_trim(3)): what a look at half a million clips took stays with the process
/// otherwise, in pieces between what lives.
void clinux_trim_memory(void);

#endif
