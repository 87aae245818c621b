#include "sockets.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int make_address(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
  strcpy(address->sun_path, path);
  return 0;
}

static int close_with(int descriptor, int error) {
  close(descriptor);
  return -error;
}

int clinux_listen(const char *path) {
  struct sockaddr_un address;
  int code = make_address(path, &address);
  if (code < 0) return code;
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  // The mode is set before anybody can connect: bind makes the file, listen opens the door.
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) return close_with(descriptor, errno);
  if (chmod(path, 0660) < 0 || listen(descriptor, SOMAXCONN) < 0) return close_with(descriptor, errno);
  return descriptor;
}

static int listen_at(const struct addrinfo *address) {
  int on = 1;
  int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  // A daemon that is started again finds the port free, whatever connections of the one before are still about to end.
  if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) return close_with(descriptor, errno);
  if (address->ai_family == AF_INET6 && setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)
    return close_with(descriptor, errno);
  if (bind(descriptor, address->ai_addr, address->ai_addrlen) < 0) return close_with(descriptor, errno);
  if (listen(descriptor, SOMAXCONN) < 0) return close_with(descriptor, errno);
  return descriptor;
}

int clinux_listen_tcp(const char *host, uint16_t port) {
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  char service[8];
  snprintf(service, sizeof service, "%u", (unsigned int)port);
  if (getaddrinfo(host, service, &hints, &found) != 0) return -EINVAL;
  int descriptor = listen_at(found);
  freeaddrinfo(found);
  return descriptor;
}

int clinux_port(int socket) {
  union {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
  } address;
  socklen_t length = sizeof address;
  if (getsockname(socket, &address.any, &length) < 0) return -errno;
  return ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port : address.four.sin_port);
}

int clinux_peer(int socket, uid_t *user, gid_t *groups, int capacity) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (capacity < 1) return -EINVAL;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -errno;
  *user = peer.uid;
  groups[0] = peer.gid;
  length = (socklen_t)(capacity - 1) * sizeof *groups;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &length) < 0) return -errno;
  return 1 + (int)(length / sizeof *groups);
}

int clinux_listener(const char *path) {
  struct sockaddr_un address;
  int code = make_address(path, &address);
  if (code < 0) return code;
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  // A daemon that is stopped accepts nobody: with its queue full, connect(2) would wait for ever.
  struct timeval patience = {.tv_sec = 10};
  if (setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0)
    return close_with(descriptor, errno);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) return close_with(descriptor, errno);
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return close_with(descriptor, errno);
  close(descriptor);
  return peer.pid;
}
