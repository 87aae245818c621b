#ifndef CLINUX_SOCKETS_H
#define CLINUX_SOCKETS_H

#include <stdint.h>
#include <sys/types.h>

/// A stream socket that listens at `path`, which must not exist, for its owner and group; close-on-exec. -errno when not.
int clinux_listen(const char *path);

/// A TCP socket that listens at an address in numbers and a port, 0 for any that is free; close-on-exec. -errno when not.
int clinux_listen_tcp(const char *host, uint16_t port);

/// The port of a TCP socket that listens, or -errno.
int clinux_port(int socket);

/// Who connected to a Unix socket, at that time: the effective user, and all groups, the effective one first, at most
/// `capacity` of them. Returns how many groups, or -errno: -ERANGE when there are more.
int clinux_peer(int socket, uid_t *user, gid_t *groups, int capacity);

/// The number of the process that listens at `path`, or -errno: -ENOENT and -ECONNREFUSED when there is none, -EAGAIN when
/// it takes no connection for ten seconds.
int clinux_listener(const char *path);

#endif
