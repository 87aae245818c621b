#include "internal.hpp"

#include <algorithm>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/ip_filter.hpp>
#include <libtorrent/posix_disk_io.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <libtorrent/write_resume_data.hpp>

#include <cstdlib>

namespace {

/// An address's scheme, host and port: before them may stand a password, behind them a passkey.
std::string place(const std::string &url) {
  size_t scheme = url.find("://");
  size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  std::string host = url.substr(begin, std::min(url.find_first_of("/?#", begin), url.size()) - begin);
  size_t at = host.rfind('@');
  return url.substr(0, begin) + (at == std::string::npos ? host : host.substr(at + 1));
}

using pack = lt::settings_pack;

struct range {
  const char *first;
  const char *last;
};

/// Addresses that no stranger may send us to: RFC 6890 and the registries behind it.
const range not_public[] = {
    {"0.0.0.0", "0.255.255.255"},        {"10.0.0.0", "10.255.255.255"},      {"100.64.0.0", "100.127.255.255"},
    {"127.0.0.0", "127.255.255.255"},    {"169.254.0.0", "169.254.255.255"},  {"172.16.0.0", "172.31.255.255"},
    {"192.0.0.0", "192.0.0.255"},        {"192.0.2.0", "192.0.2.255"},        {"192.168.0.0", "192.168.255.255"},
    {"198.18.0.0", "198.19.255.255"},    {"198.51.100.0", "198.51.100.255"},  {"203.0.113.0", "203.0.113.255"},
    {"224.0.0.0", "255.255.255.255"},    {"::", "::ffff:ffff:ffff"},
    {"64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"},
    {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fe80::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

lt::ip_filter public_only() {
  lt::ip_filter filter;
  for (const range &each : not_public)
    filter.add_rule(lt::make_address(each.first), lt::make_address(each.last), lt::ip_filter::blocked);
  return filter;
}

std::string listen_address(const ctorrent_options &options) {
  const std::string port = ":" + std::to_string(options.port);
  if (options.interface == nullptr) return "0.0.0.0" + port + ",[::]" + port;
  const std::string name = options.interface;
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + port;
}

pack settings(const ctorrent_options &options) {
  pack settings;
  settings.set_str(pack::user_agent, options.user_agent);
  settings.set_str(pack::peer_fingerprint, "-PX1000-");
  settings.set_str(pack::listen_interfaces, listen_address(options));
  if (options.interface != nullptr) settings.set_str(pack::outgoing_interfaces, options.interface);
  settings.set_bool(pack::enable_dht, options.dht);
  // Peers on this network are all that it can find.
  settings.set_bool(pack::enable_lsd, options.lsd && options.allows_private);
  settings.set_bool(pack::enable_upnp, options.upnp);
  settings.set_bool(pack::enable_natpmp, options.upnp);
  settings.set_bool(pack::ssrf_mitigation, true);
  settings.set_bool(pack::apply_ip_filter_to_trackers, true);
  // Hosts behind one address are common where private addresses are allowed.
  settings.set_bool(pack::allow_multiple_connections_per_ip, options.allows_private);
  // It waits for its own clock, which on a busy machine made it twenty times slower than TCP. Peers may still come by it.
  settings.set_bool(pack::enable_outgoing_utp, false);
  settings.set_bool(pack::close_redundant_connections, false);
  settings.set_bool(pack::announce_to_all_trackers, true);
  settings.set_bool(pack::announce_to_all_tiers, true);
  settings.set_int(pack::urlseed_wait_retry, options.reconnect_seconds);
  settings.set_int(pack::web_seed_name_lookup_retry, 60);
  settings.set_int(pack::download_rate_limit, options.download_rate);
  settings.set_int(pack::upload_rate_limit, options.upload_rate);
  settings.set_int(pack::min_reconnect_time, options.reconnect_seconds);
  settings.set_int(pack::stop_tracker_timeout, 2);
  settings.set_int(pack::connections_limit, 200);
  // A peer that is choked could still have these pieces, which a torrent without uploads must not give.
  settings.set_int(pack::allowed_fast_set_size, 0);
  settings.set_int(pack::max_metadata_size, 64 << 20);
  settings.set_int(pack::alert_queue_size, 20'000);
  // Memory: blocks between the wire and the disk, requests under way, send buffers.
  settings.set_int(pack::max_queued_disk_bytes, 8 << 20);
  settings.set_int(pack::max_out_request_queue, 1000);
  settings.set_int(pack::max_allowed_in_request_queue, 1000);
  settings.set_int(pack::send_buffer_watermark, 1 << 20);
  settings.set_int(pack::alert_mask, lt::alert_category::error | lt::alert_category::status |
                                         lt::alert_category::storage | lt::alert_category::tracker |
                                         lt::alert_category::piece_progress | lt::alert_category::ip_block);
  return settings;
}

int64_t number(const lt::torrent_handle &handle) {
  return static_cast<int64_t>(reinterpret_cast<intptr_t>(handle.userdata().get<ctorrent_torrent>()));
}

int32_t errno_of(const lt::error_code &code) {
  const bool is_system = code.category() == lt::system_category() || code.category() == lt::generic_category();
  return is_system ? code.value() : 0;
}

void take_resume(const lt::save_resume_data_alert &alert, ctorrent_event *event) {
  const std::vector<char> data = lt::write_resume_data_buf(alert.params);
  event->bytes = static_cast<char *>(std::malloc(data.size() + 1));
  if (event->bytes == nullptr) {
    event->kind = CTORRENT_NO_RESUME;
    ctorrent::tell(event->text, "out of memory");
    return;
  }
  std::memcpy(event->bytes, data.data(), data.size());
  event->length = data.size();
  event->kind = CTORRENT_RESUME;
}

/// Fills `event`; its kind stays CTORRENT_NOTHING for what nobody wants to hear.
void translate(const lt::alert *alert, ctorrent_event *event) {
  auto told = [&](ctorrent_event_kind kind, const std::string &text) {
    event->kind = kind;
    ctorrent::tell(event->text, text.c_str());
  };
  if (auto piece = lt::alert_cast<lt::piece_finished_alert>(alert)) {
    event->kind = CTORRENT_PIECE;
    event->piece = static_cast<int>(piece->piece_index);
  } else if (auto failed = lt::alert_cast<lt::hash_failed_alert>(alert)) {
    event->kind = CTORRENT_HASH_FAILED;
    event->piece = static_cast<int>(failed->piece_index);
  } else if (lt::alert_cast<lt::torrent_checked_alert>(alert)) {
    event->kind = CTORRENT_CHECKED;
  } else if (lt::alert_cast<lt::metadata_received_alert>(alert)) {
    event->kind = CTORRENT_METADATA;
  } else if (auto resume = lt::alert_cast<lt::save_resume_data_alert>(alert)) {
    take_resume(*resume, event);
  } else if (auto none = lt::alert_cast<lt::save_resume_data_failed_alert>(alert)) {
    told(CTORRENT_NO_RESUME, none->error.message());
  } else if (auto rejected = lt::alert_cast<lt::fastresume_rejected_alert>(alert)) {
    told(CTORRENT_RESUME_REJECTED, std::string(rejected->file_path()) + ": " + rejected->error.message());
  } else if (auto disk = lt::alert_cast<lt::file_error_alert>(alert)) {
    told(CTORRENT_DISK_ERROR, std::string(disk->filename()) + ": " + disk->error.message());
    event->code = errno_of(disk->error);
  } else if (auto broken = lt::alert_cast<lt::torrent_error_alert>(alert)) {
    told(CTORRENT_BROKEN, broken->error.message());
    event->code = errno_of(broken->error);
  } else if (auto metadata = lt::alert_cast<lt::metadata_failed_alert>(alert)) {
    told(CTORRENT_TRACKER_ERROR, "a peer's metadata is not what the magnet link names: " + metadata->error.message());
  } else if (auto tracker = lt::alert_cast<lt::tracker_error_alert>(alert)) {
    const char *reason = tracker->failure_reason();
    told(CTORRENT_TRACKER_ERROR, "tracker " + place(tracker->tracker_url()) + ": " +
                                     (reason != nullptr && *reason != 0 ? reason : tracker->error.message()));
  } else if (auto seed = lt::alert_cast<lt::url_seed_alert>(alert)) {
    const char *reason = seed->error_message();
    told(CTORRENT_WEB_SEED_ERROR, "web seed " + place(seed->server_url()) + ": " +
                                      (reason != nullptr && *reason != 0 ? reason : seed->error.message()));
  } else if (auto blocked = lt::alert_cast<lt::peer_blocked_alert>(alert)) {
    told(CTORRENT_BLOCKED, blocked->endpoint.address().to_string());
  } else if (auto listen = lt::alert_cast<lt::listen_failed_alert>(alert)) {
    told(CTORRENT_LISTEN_FAILED, listen->message());
  } else if (lt::alert_cast<lt::alerts_dropped_alert>(alert)) {
    event->kind = CTORRENT_LOST;
  }
  if (event->kind == CTORRENT_LISTEN_FAILED || event->kind == CTORRENT_LOST) return;
  if (auto of = dynamic_cast<const lt::torrent_alert *>(alert)) event->torrent = number(of->handle);
}

}  // namespace

ctorrent_session *ctorrent_session_make(const struct ctorrent_options *options, char *error) {
  return ctorrent::guarded<ctorrent_session *>(nullptr, error, [&] {
    lt::session_params params(settings(*options));
    // The default back end maps files into memory: it lost bytes in 2.0.8, its memory grows, and a full disk is a signal.
    params.disk_io_constructor = lt::posix_disk_io_constructor;
    if (!options->allows_private) params.ip_filter = public_only();
    auto result = std::make_unique<ctorrent_session>();
    result->session = std::make_unique<lt::session>(std::move(params));
    // By default libtorrent's limits do not hold for peers on this network.
    lt::ip_filter everybody;
    const uint32_t global = 1u << static_cast<uint32_t>(lt::session::global_peer_class_id);
    everybody.add_rule(lt::make_address("0.0.0.0"), lt::make_address("255.255.255.255"), global);
    everybody.add_rule(lt::make_address("::"), lt::make_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), global);
    result->session->set_peer_class_filter(everybody);
    return result.release();
  });
}

void ctorrent_session_free(ctorrent_session *session) {
  ctorrent::quietly([&] { delete session; });
}

int32_t ctorrent_session_port(const ctorrent_session *session) {
  return ctorrent::guarded(0, nullptr, [&] { return int32_t(session->session->listen_port()); });
}

void ctorrent_session_wait(ctorrent_session *session, int32_t milliseconds) {
  ctorrent::quietly([&] { session->session->wait_for_alert(lt::milliseconds(milliseconds)); });
}

bool ctorrent_session_next(ctorrent_session *session, struct ctorrent_event *event) {
  std::memset(event, 0, sizeof *event);
  return ctorrent::guarded(false, nullptr, [&] {
    if (session->next == session->alerts.size()) {
      session->next = 0;
      session->session->pop_alerts(&session->alerts);
    }
    while (session->next < session->alerts.size()) {
      const lt::alert *alert = session->alerts[session->next];
      session->next += 1;
      translate(alert, event);
      if (event->kind != CTORRENT_NOTHING) return true;
    }
    return false;
  });
}

void ctorrent_event_free(struct ctorrent_event *event) {
  std::free(event->bytes);
  event->bytes = nullptr;
}
