#ifndef CTORRENT_INTERNAL_HPP
#define CTORRENT_INTERNAL_HPP

#include "ctorrent.h"

#include <libtorrent/alert.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_info.hpp>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace lt = libtorrent;

struct ctorrent_metainfo {
  std::shared_ptr<lt::torrent_info> info;
  std::vector<std::string> paths;
};

struct ctorrent_session {
  std::unique_ptr<lt::session> session;
  /// Valid until the next are taken; `next` counts those that were given out.
  std::vector<lt::alert *> alerts;
  size_t next = 0;
};

struct ctorrent_torrent {
  lt::torrent_handle handle;
};

namespace ctorrent {

inline void tell(char *error, const char *text) {
  if (error == nullptr) return;
  std::strncpy(error, text, CTORRENT_TEXT - 1);
  error[CTORRENT_TEXT - 1] = 0;
}

/// Runs `body`, and turns what it throws into `fallback` and a sentence.
template <typename Result, typename Body>
Result guarded(Result fallback, char *error, Body body) noexcept {
  try {
    return body();
  } catch (const std::exception &failure) {
    tell(error, failure.what());
  } catch (...) {
    tell(error, "libtorrent failed without a reason");
  }
  return fallback;
}

template <typename Body>
void quietly(Body body) noexcept {
  guarded(0, nullptr, [&] {
    body();
    return 0;
  });
}

}  // namespace ctorrent

#endif
