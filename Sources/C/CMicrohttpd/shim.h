#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>

typedef enum MHD_Result (*cmicrohttpd_handler)(void *user, struct MHD_Connection *connection, const char *url,
                                               const char *method, const char *version, const char *upload,
                                               size_t *upload_size, void **request);

/// Serves a listening socket with a few threads, all limits set. libmicrohttpd's own function takes a variable number of
/// arguments, which Swift cannot pass. `completed` hears of each request's end, `connected` of each connection's beginning and
/// end; all get `user`.
static inline struct MHD_Daemon *cmicrohttpd_start(int socket, unsigned int connections, cmicrohttpd_handler handler,
                                                   MHD_RequestCompletedCallback completed,
                                                   MHD_NotifyConnectionCallback connected, void *user) {
  // With MHD_USE_ITC the socket can be taken back before the threads end (MHD_quiesce_daemon).
  return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL, handler, user,
                          MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)4,
                          MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_TIMEOUT,
                          (unsigned int)30, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(32 << 10),
                          MHD_OPTION_NOTIFY_COMPLETED, completed, user, MHD_OPTION_NOTIFY_CONNECTION, connected, user,
                          MHD_OPTION_END);
}

/// The connection's socket. A function with a variable number of arguments, too.
static inline int cmicrohttpd_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

#endif
