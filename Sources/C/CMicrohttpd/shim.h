#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>

typedef enum MHD_Result (*cmicrohttpd_handler)(void *user, struct MHD_Connection *connection, const char *url,
                                               const char *method, const char *version, const char *upload,
                                               size_t *upload_size, void **request);

/// Serves a listening socket with a few threads, all limits set. libmicrohttpd's own function takes a variable number of
/// arguments, which Swift cannot pass.
static inline struct MHD_Daemon *cmicrohttpd_start(int socket, cmicrohttpd_handler handler, void *user) {
  // With MHD_USE_ITC the socket can be taken back before the threads end (MHD_quiesce_daemon).
  return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL, handler, user,
                          MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)4,
                          MHD_OPTION_CONNECTION_LIMIT, (unsigned int)64, MHD_OPTION_CONNECTION_TIMEOUT,
                          (unsigned int)30, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(32 << 10), MHD_OPTION_END);
}

#endif
