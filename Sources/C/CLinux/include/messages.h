#ifndef CLINUX_MESSAGES_H
#define CLINUX_MESSAGES_H

#include <stddef.h>

/// Two connected Unix sockets that keep message borders (SOCK_SEQPACKET), close-on-exec. Returns 0 or errno.
int clinux_message_pair(int ends[2]);

/// Sends one message, with a copy of `descriptor` where that is not -1; never raises SIGPIPE. Why in C: control messages
/// are made by macros. Returns 0 or errno.
int clinux_send_message(int socket, const void *bytes, size_t count, int descriptor);

/// Receives one message. With `descriptor` NULL, descriptors that came along are closed by the kernel; else it is set to
/// the one that came (close-on-exec, owned by the caller) or to -1.
/// Returns the count of bytes, 0 when the other side has closed, or -errno; -EMSGSIZE when the message did not fit.
long clinux_receive_message(int socket, void *bytes, size_t capacity, int *descriptor);

#endif
