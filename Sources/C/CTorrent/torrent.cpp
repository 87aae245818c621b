#include "internal.hpp"

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/magnet_uri.hpp>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/read_resume_data.hpp>
#include <libtorrent/torrent_flags.hpp>
#include <libtorrent/torrent_status.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

namespace flags = lt::torrent_flags;

/// Keeps a seed that has nothing to give at the moment: the reader's horizon moves on, and to connect again takes long.
struct lasting_peer : lt::peer_plugin {
  bool can_disconnect(const lt::error_code &reason) override { return reason != lt::errors::torrent_finished; }
};

/// Also lets libtorrent never hear that a peer wants something: it unchokes nobody and sends nothing. Its own numbers of
/// upload slots take 0 for "no limit".
struct deaf_peer final : lasting_peer {
  bool on_interested() override { return true; }
  bool on_request(const lt::peer_request &) override { return true; }
};

template <typename Peer>
struct torrent_of final : lt::torrent_plugin {
  std::shared_ptr<lt::peer_plugin> new_connection(const lt::peer_connection_handle &) override {
    return std::make_shared<Peer>();
  }
};

template <typename Peer>
std::shared_ptr<lt::torrent_plugin> plugin(const lt::torrent_handle &, lt::client_data_t) {
  return std::make_shared<torrent_of<Peer>>();
}

/// What is taken from an earlier run: what is on disk and what was sent. Everything else is settings, which may have
/// changed since.
void take_resume(const ctorrent_add_parameters &add, lt::add_torrent_params &params) {
  if (add.resume == nullptr) return;
  lt::error_code code;
  lt::span<const char> bytes(add.resume, static_cast<std::ptrdiff_t>(add.resume_length));
  lt::add_torrent_params old = lt::read_resume_data(bytes, code);
  if (code || params.ti == nullptr) return;
  const lt::info_hash_t &hashes = params.ti->info_hashes();
  if (old.info_hashes.v1 != hashes.v1 && old.info_hashes.v2 != hashes.v2) return;
  if (hashes.has_v2() ? old.info_hashes.v2 != hashes.v2 : old.info_hashes.v1 != hashes.v1) return;
  if (old.have_pieces.size() > params.ti->num_pieces()) return;
  params.have_pieces = std::move(old.have_pieces);
  params.unfinished_pieces = std::move(old.unfinished_pieces);
  params.verified_pieces = std::move(old.verified_pieces);
  params.merkle_trees = std::move(old.merkle_trees);
  params.merkle_tree_mask = std::move(old.merkle_tree_mask);
  params.verified_leaf_hashes = std::move(old.verified_leaf_hashes);
  params.peers = std::move(old.peers);
  params.banned_peers = std::move(old.banned_peers);
  params.total_uploaded = old.total_uploaded;
  params.total_downloaded = old.total_downloaded;
  params.active_time = old.active_time;
  params.finished_time = old.finished_time;
  params.seeding_time = old.seeding_time;
}

std::vector<lt::download_priority_t> priorities(const uint8_t *values, size_t count) {
  std::vector<lt::download_priority_t> result;
  result.reserve(count);
  for (size_t index = 0; index < count; index++) result.push_back(lt::download_priority_t(values[index]));
  return result;
}

lt::add_torrent_params parameters(const ctorrent_add_parameters &add) {
  lt::add_torrent_params params;
  if (add.magnet != nullptr) params = lt::parse_magnet_uri(add.magnet);
  if (add.metainfo != nullptr) params.ti = std::make_shared<lt::torrent_info>(*add.metainfo->info);
  take_resume(add, params);
  params.save_path = add.save_path;
  params.storage_mode = lt::storage_mode_sparse;
  params.userdata = lt::client_data_t(reinterpret_cast<ctorrent_torrent *>(static_cast<intptr_t>(add.number)));
  for (size_t index = 0; index < add.web_seed_count; index++) params.url_seeds.push_back(add.web_seeds[index]);
  if (add.file_priorities != nullptr) params.file_priorities = priorities(add.file_priorities, add.file_count);
  if (add.piece_priorities != nullptr) params.piece_priorities = priorities(add.piece_priorities, add.piece_count);
  params.extensions.push_back(add.may_upload ? plugin<lasting_peer> : plugin<deaf_peer>);
  // Never "auto-managed": a daemon's sources do not wait for each other, and a disk error is ours to judge.
  params.flags = flags::apply_ip_filter | flags::duplicate_is_error;
  if (add.metainfo == nullptr) params.flags |= flags::default_dont_download;
  if (add.is_sequential) params.flags |= flags::sequential_download;
  if (add.is_paused) params.flags |= flags::upload_mode;
  return params;
}

/// libtorrent's own numbers leave web seeds out.
void count_peers(const lt::torrent_handle &handle, ctorrent_status *status) {
  std::vector<lt::peer_info> peers;
  handle.get_peer_info(peers);
  for (const lt::peer_info &peer : peers) {
    if (peer.flags & (lt::peer_info::connecting | lt::peer_info::handshake)) continue;
    status->peers += 1;
    const bool is_web = peer.connection_type != lt::peer_info::standard_bittorrent;
    if (is_web || (peer.flags & lt::peer_info::seed)) status->seeds += 1;
  }
}

}  // namespace

ctorrent_torrent *ctorrent_add(ctorrent_session *session, const struct ctorrent_add_parameters *add, char *error) {
  return ctorrent::guarded<ctorrent_torrent *>(nullptr, error, [&] {
    auto result = std::make_unique<ctorrent_torrent>();
    result->handle = session->session->add_torrent(parameters(*add));
    return result.release();
  });
}

void ctorrent_remove(ctorrent_session *session, ctorrent_torrent *torrent) {
  ctorrent::quietly([&] { session->session->remove_torrent(torrent->handle); });
  delete torrent;
}

bool ctorrent_get_status(const ctorrent_torrent *torrent, struct ctorrent_status *status) {
  return ctorrent::guarded(false, nullptr, [&] {
    const lt::torrent_status now = torrent->handle.status({});
    *status = ctorrent_status();
    status->has_metadata = now.has_metadata;
    status->is_checking = now.state == lt::torrent_status::checking_files ||
                          now.state == lt::torrent_status::checking_resume_data;
    status->progress = now.progress;
    status->download_rate = now.download_payload_rate;
    status->upload_rate = now.upload_payload_rate;
    count_peers(torrent->handle, status);
    status->uploaded = now.all_time_upload;
    status->downloaded = now.all_time_download;
    status->seeding_seconds = static_cast<int64_t>(now.finished_duration.count());
    status->needs_resume = now.need_save_resume;
    status->failed = now.total_failed_bytes;
    return true;
  });
}

bool ctorrent_get_pieces(const ctorrent_torrent *torrent, uint8_t *pieces, size_t count) {
  return ctorrent::guarded(false, nullptr, [&] {
    const lt::torrent_status now = torrent->handle.status(lt::torrent_handle::query_pieces);
    // A torrent that has everything keeps no list.
    const bool has_all = now.is_seeding;
    if (!has_all && now.pieces.size() == 0 && now.num_pieces > 0) return false;
    for (size_t index = 0; index < count; index++) {
      const bool is_listed = index < static_cast<size_t>(now.pieces.size());
      pieces[index] = has_all || (is_listed && now.pieces[lt::piece_index_t(static_cast<int>(index))]);
    }
    return true;
  });
}

bool ctorrent_get_availability(const ctorrent_torrent *torrent, uint8_t *peers, size_t count) {
  return ctorrent::guarded(false, nullptr, [&] {
    std::vector<int> numbers;
    torrent->handle.piece_availability(numbers);
    if (numbers.size() < count) return false;
    for (size_t index = 0; index < count; index++)
      peers[index] = static_cast<uint8_t>(std::clamp(numbers[index], 0, 255));
    return true;
  });
}

char *ctorrent_copy_metadata(const ctorrent_torrent *torrent, size_t *length) {
  return ctorrent::guarded<char *>(nullptr, nullptr, [&]() -> char * {
    auto info = torrent->handle.torrent_file();
    if (info == nullptr || !info->is_valid()) return nullptr;
    const lt::span<const char> section = info->info_section();
    auto copy = static_cast<char *>(std::malloc(static_cast<size_t>(section.size()) + 1));
    if (copy == nullptr) return nullptr;
    std::memcpy(copy, section.data(), static_cast<size_t>(section.size()));
    *length = static_cast<size_t>(section.size());
    return copy;
  });
}

void ctorrent_set_sequential(ctorrent_torrent *torrent, bool is_sequential) {
  ctorrent::quietly([&] {
    torrent->handle.set_flags(is_sequential ? flags::sequential_download : lt::torrent_flags_t{},
                              flags::sequential_download);
  });
}

void ctorrent_set_paused(ctorrent_torrent *torrent, bool is_paused) {
  ctorrent::quietly([&] {
    torrent->handle.set_flags(is_paused ? flags::upload_mode : lt::torrent_flags_t{}, flags::upload_mode);
  });
}

void ctorrent_set_priorities(ctorrent_torrent *torrent, const uint8_t *pieces, size_t count) {
  ctorrent::quietly([&] { torrent->handle.prioritize_pieces(priorities(pieces, count)); });
}

void ctorrent_save_resume(ctorrent_torrent *torrent) {
  ctorrent::quietly([&] { torrent->handle.save_resume_data(); });
}

void ctorrent_recheck(ctorrent_torrent *torrent) {
  ctorrent::quietly([&] { torrent->handle.force_recheck(); });
}

bool ctorrent_connect(ctorrent_torrent *torrent, const char *address, int32_t port) {
  return ctorrent::guarded(false, nullptr, [&] {
    lt::error_code code;
    const lt::address parsed = lt::make_address(address, code);
    if (code || port <= 0 || port > 65535) return false;
    torrent->handle.connect_peer(lt::tcp::endpoint(parsed, static_cast<uint16_t>(port)));
    return true;
  });
}
