#ifndef CLINUX_SOCKETS_H
#define CLINUX_SOCKETS_H

/// A stream socket that listens at `path`, which must not exist, for its owner and group; close-on-exec. -errno when not.
int clinux_listen(const char *path);

/// The number of the process that listens at `path`, or -errno: -ENOENT and -ECONNREFUSED when there is none, -EAGAIN when
/// it takes no connection for ten seconds.
int clinux_listener(const char *path);

#endif
