#include "internal.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/file_storage.hpp>
#include <libtorrent/hasher.hpp>

namespace {

/// A .torrent of 64 MiB has at most so many pieces (20 bytes each) and values.
lt::load_torrent_limits limits(size_t length) {
  lt::load_torrent_limits limits;
  limits.max_buffer_size = static_cast<int>(length);
  limits.max_pieces = 4'000'000;
  limits.max_decode_depth = 200;
  limits.max_decode_tokens = 8'000'000;
  return limits;
}

/// What peers send for a magnet link has no piece layers (BEP 52), which a .torrent must have: they come from peers too.
bool is_info_only(const lt::bdecode_node &root) {
  return root.type() == lt::bdecode_node::dict_t && root.dict_size() == 1 && root.dict_find_dict("info");
}

std::shared_ptr<lt::torrent_info> from_info(const lt::bdecode_node &root, int max_pieces) {
  lt::bdecode_node info = root.dict_find_dict("info");
  lt::span<const char> section = info.data_section();
  lt::info_hash_t hashes;
  hashes.v1 = lt::hasher(section).final();
  if (info.dict_find_int_value("meta version", -1) == 2) {
    hashes.v2 = lt::hasher256(section).final();
    if (!info.dict_find_string("pieces")) hashes.v1 = lt::sha1_hash();
  }
  auto result = std::make_shared<lt::torrent_info>(hashes);
  lt::error_code error;
  if (!result->parse_info_section(info, error, max_pieces)) throw lt::system_error(error);
  return result;
}

}  // namespace

ctorrent_metainfo *ctorrent_metainfo_read(const char *bytes, size_t length, char *error) {
  return ctorrent::guarded<ctorrent_metainfo *>(nullptr, error, [&]() -> ctorrent_metainfo * {
    const auto limit = limits(length);
    lt::error_code code;
    int position = 0;
    lt::span<const char> buffer(bytes, static_cast<std::ptrdiff_t>(length));
    lt::bdecode_node root =
        lt::bdecode(buffer, code, &position, limit.max_decode_depth, limit.max_decode_tokens);
    if (code) throw lt::system_error(code);
    auto result = std::make_unique<ctorrent_metainfo>();
    result->info = is_info_only(root) ? from_info(root, limit.max_pieces)
                                      : std::make_shared<lt::torrent_info>(root, limit);
    const lt::file_storage &files = result->info->files();
    result->paths.reserve(static_cast<size_t>(files.num_files()));
    for (lt::file_index_t index : files.file_range()) result->paths.push_back(files.file_path(index));
    return result.release();
  });
}

void ctorrent_metainfo_free(ctorrent_metainfo *metainfo) { delete metainfo; }

int32_t ctorrent_metainfo_file_count(const ctorrent_metainfo *metainfo) { return metainfo->info->num_files(); }

bool ctorrent_metainfo_file(const ctorrent_metainfo *metainfo, int32_t index, struct ctorrent_file *file,
                            char *error) {
  return ctorrent::guarded(false, error, [&] {
    const lt::file_storage &files = metainfo->info->files();
    if (index < 0 || index >= files.num_files()) return false;
    const lt::file_index_t at(index);
    const std::string &path = metainfo->paths[static_cast<size_t>(index)];
    file->path = path.data();
    file->path_length = path.size();
    file->size = files.file_size(at);
    file->offset = files.file_offset(at);
    file->is_padding = files.pad_file_at(at);
    file->is_symlink = bool(files.file_flags(at) & lt::file_storage::flag_symlink);
    file->is_absolute = files.file_absolute_path(at);
    return true;
  });
}

int32_t ctorrent_metainfo_piece_count(const ctorrent_metainfo *metainfo) { return metainfo->info->num_pieces(); }
int32_t ctorrent_metainfo_piece_length(const ctorrent_metainfo *metainfo) { return metainfo->info->piece_length(); }
int64_t ctorrent_metainfo_total(const ctorrent_metainfo *metainfo) { return metainfo->info->total_size(); }

bool ctorrent_metainfo_v1(const ctorrent_metainfo *metainfo, uint8_t hash[20]) {
  const lt::info_hash_t &hashes = metainfo->info->info_hashes();
  if (!hashes.has_v1()) return false;
  std::memcpy(hash, hashes.v1.data(), 20);
  return true;
}

bool ctorrent_metainfo_v2(const ctorrent_metainfo *metainfo, uint8_t hash[32]) {
  const lt::info_hash_t &hashes = metainfo->info->info_hashes();
  if (!hashes.has_v2()) return false;
  std::memcpy(hash, hashes.v2.data(), 32);
  return true;
}

bool ctorrent_metainfo_piece_hash(const ctorrent_metainfo *metainfo, int32_t piece, uint8_t hash[20]) {
  return ctorrent::guarded(false, nullptr, [&] {
    if (!metainfo->info->info_hashes().has_v1() || piece < 0 || piece >= metainfo->info->num_pieces()) return false;
    std::memcpy(hash, metainfo->info->hash_for_piece_ptr(lt::piece_index_t(piece)), 20);
    return true;
  });
}

bool ctorrent_metainfo_root(const ctorrent_metainfo *metainfo, int32_t file, uint8_t hash[32]) {
  return ctorrent::guarded(false, nullptr, [&] {
    const lt::file_storage &files = metainfo->info->files();
    if (!metainfo->info->info_hashes().has_v2() || file < 0 || file >= files.num_files()) return false;
    const char *root = files.root_ptr(lt::file_index_t(file));
    if (root == nullptr) return false;
    std::memcpy(hash, root, 32);
    return true;
  });
}
