#ifndef CTORRENT_H
#define CTORRENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// libtorrent-rasterbar behind C, since Swift's C++ interoperability would let its exceptions end the process. No exception
// leaves these functions. Where a function can fail it returns false or NULL and writes one sentence, cut to fit, into
// `error`, which has room for CTORRENT_TEXT bytes.

enum { CTORRENT_TEXT = 512 };

// --- A .torrent file (BEP 3, BEP 52)

typedef struct ctorrent_metainfo ctorrent_metainfo;

struct ctorrent_file {
  /// Below the payload directory, as libtorrent cleaned it; owned by the metainfo, valid as long as it lives.
  const char *path;
  size_t path_length;
  int64_t size;
  /// Of its first byte, with all files laid end to end.
  int64_t offset;
  /// Only there to align the next file; never on disk.
  bool is_padding;
  bool is_symlink;
  /// libtorrent would write it outside the payload directory.
  bool is_absolute;
};

/// Reads a .torrent, or a dictionary with nothing but `info` in it (what a magnet link brings).
ctorrent_metainfo *ctorrent_metainfo_read(const char *bytes, size_t length, char *error);
void ctorrent_metainfo_free(ctorrent_metainfo *metainfo);

int32_t ctorrent_metainfo_file_count(const ctorrent_metainfo *metainfo);
bool ctorrent_metainfo_file(const ctorrent_metainfo *metainfo, int32_t index, struct ctorrent_file *file, char *error);
int32_t ctorrent_metainfo_piece_count(const ctorrent_metainfo *metainfo);
int32_t ctorrent_metainfo_piece_length(const ctorrent_metainfo *metainfo);
int64_t ctorrent_metainfo_total(const ctorrent_metainfo *metainfo);
/// SHA-1 of the info dictionary; false for a torrent of version 2 only.
bool ctorrent_metainfo_v1(const ctorrent_metainfo *metainfo, uint8_t hash[20]);
/// SHA-256 of the info dictionary; false for a torrent of version 1 only.
bool ctorrent_metainfo_v2(const ctorrent_metainfo *metainfo, uint8_t hash[32]);
/// SHA-1 of one piece; false where the torrent has none.
bool ctorrent_metainfo_piece_hash(const ctorrent_metainfo *metainfo, int32_t piece, uint8_t hash[20]);
/// Root of a file's tree of SHA-256 over blocks of 16 KiB; false where the torrent has none.
bool ctorrent_metainfo_root(const ctorrent_metainfo *metainfo, int32_t file, uint8_t hash[32]);

// --- A session: one port, one thread of libtorrent's, all torrents

typedef struct ctorrent_session ctorrent_session;

struct ctorrent_options {
  const char *user_agent;
  /// 0: any.
  int32_t port;
  /// An address or the name of a device to listen on and connect from; NULL: all.
  const char *interface;
  bool dht;
  bool lsd;
  bool upnp;
  /// False: nothing is sent to, and nothing taken from, addresses that are not public.
  bool allows_private;
  /// Bytes a second; 0: no limit.
  int32_t download_rate;
  int32_t upload_rate;
  /// Seconds before a peer that was lost is tried again, at least.
  int32_t reconnect_seconds;
};

ctorrent_session *ctorrent_session_make(const struct ctorrent_options *options, char *error);
/// Says goodbye to trackers, waits for that a few seconds at most. Every torrent must have been removed.
void ctorrent_session_free(ctorrent_session *session);
/// The port that is listened on; 0 while none is.
int32_t ctorrent_session_port(const ctorrent_session *session);

enum ctorrent_event_kind {
  CTORRENT_NOTHING,
  /// The pieces of earlier runs are known now: ask for the pieces.
  CTORRENT_CHECKED,
  CTORRENT_PIECE,
  CTORRENT_METADATA,
  /// `bytes` holds the resume data.
  CTORRENT_RESUME,
  CTORRENT_NO_RESUME,
  /// Files on disk contradict the resume data, everything is looked at again.
  CTORRENT_RESUME_REJECTED,
  /// `text` says what; `code` is the errno, 0 where there is none.
  CTORRENT_DISK_ERROR,
  CTORRENT_BROKEN,
  CTORRENT_HASH_FAILED,
  CTORRENT_TRACKER_ERROR,
  CTORRENT_WEB_SEED_ERROR,
  CTORRENT_BLOCKED,
  /// Of the session, not of a torrent.
  CTORRENT_LISTEN_FAILED,
  /// Events were lost, of any torrent: ask for the pieces.
  CTORRENT_LOST,
};

struct ctorrent_event {
  enum ctorrent_event_kind kind;
  /// The number that the torrent was added with; 0 for the session's own.
  int64_t torrent;
  int32_t piece;
  int32_t code;
  char text[CTORRENT_TEXT];
  /// Owned by the event.
  char *bytes;
  size_t length;
};

/// Blocks until there are events or the time is over. One thread only.
void ctorrent_session_wait(ctorrent_session *session, int32_t milliseconds);
/// Takes the oldest event; false when there is none. One thread only, the one that waits.
bool ctorrent_session_next(ctorrent_session *session, struct ctorrent_event *event);
void ctorrent_event_free(struct ctorrent_event *event);

// --- A torrent in a session

typedef struct ctorrent_torrent ctorrent_torrent;

struct ctorrent_add_parameters {
  /// Comes back in events; not 0.
  int64_t number;
  /// Nil for a magnet link whose metadata is not here yet. Copied.
  const ctorrent_metainfo *metainfo;
  /// A magnet link, for its trackers and, without a metainfo, for what it names; NULL for none.
  const char *magnet;
  const char *save_path;
  /// What CTORRENT_RESUME gave in an earlier run; NULL for none. Of another torrent, or broken, it is left out.
  const char *resume;
  size_t resume_length;
  /// Beside those of the .torrent. Web seeds in resume data are not looked at: libtorrent 2.0.8 loses them.
  const char *const *web_seeds;
  size_t web_seed_count;
  /// One for each file: 0 is not fetched; NULL fetches all.
  const uint8_t *file_priorities;
  size_t file_count;
  /// One for each piece, or NULL.
  const uint8_t *piece_priorities;
  size_t piece_count;
  bool is_sequential;
  bool is_paused;
  /// False: no peer ever gets a byte, whatever it asks for.
  bool may_upload;
};

/// The torrent must be removed before the session is freed.
ctorrent_torrent *ctorrent_add(ctorrent_session *session, const struct ctorrent_add_parameters *add, char *error);
/// Files stay. The pointer is no longer valid.
void ctorrent_remove(ctorrent_session *session, ctorrent_torrent *torrent);

struct ctorrent_status {
  bool has_metadata;
  bool is_checking;
  /// 0...1 of what is being done now.
  float progress;
  /// Bytes a second, payload only.
  int32_t download_rate;
  int32_t upload_rate;
  int32_t peers;
  /// Web seeds included.
  int32_t seeds;
  /// Bytes over all runs.
  int64_t uploaded;
  int64_t downloaded;
  /// Seconds over all runs.
  int64_t seeding_seconds;
  bool needs_resume;
  /// Since the start: what peers sent that failed its hash.
  int64_t failed;
};

bool ctorrent_get_status(const ctorrent_torrent *torrent, struct ctorrent_status *status);
/// Sets bytes to 1 for each piece that is here, checked and written, up to `count`; false when that is not known now.
bool ctorrent_get_pieces(const ctorrent_torrent *torrent, uint8_t *pieces, size_t count);
/// How many connected peers have a piece, up to 255, of `count` pieces.
bool ctorrent_get_availability(const ctorrent_torrent *torrent, uint8_t *peers, size_t count);
/// The info dictionary as it came, to be freed with free(3); NULL while it is not here.
char *ctorrent_copy_metadata(const ctorrent_torrent *torrent, size_t *length);

// What follows returns at once; it takes effect soon after, in this order.
void ctorrent_set_sequential(ctorrent_torrent *torrent, bool is_sequential);
/// Paused, it asks for nothing; what is asked for already may still come.
void ctorrent_set_paused(ctorrent_torrent *torrent, bool is_paused);
void ctorrent_set_priorities(ctorrent_torrent *torrent, const uint8_t *pieces, size_t count);
/// Answered by CTORRENT_RESUME or CTORRENT_NO_RESUME.
void ctorrent_save_resume(ctorrent_torrent *torrent);
/// Looks at every piece on disk again; CTORRENT_CHECKED follows.
void ctorrent_recheck(ctorrent_torrent *torrent);
/// False for what is no numeric address.
bool ctorrent_connect(ctorrent_torrent *torrent, const char *address, int32_t port);

#ifdef __cplusplus
}
#endif

#endif
