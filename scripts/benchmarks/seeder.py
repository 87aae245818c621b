"""A seed on 127.0.0.1 for benchmarks: TORRENT FOLDER PORT. Each line of its input is the port of a peer to connect to."""

import sys

import libtorrent

torrent, folder, port = sys.argv[1:4]
session = libtorrent.session({
    "listen_interfaces": f"127.0.0.1:{port}", "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
    "enable_natpmp": False, "allow_multiple_connections_per_ip": True, "alert_mask": 0, "unchoke_slots_limit": -1,
    "send_buffer_watermark": 4 << 20})
# Without a check at the start, which would be counted to whoever comes first.
handle = session.add_torrent({"ti": libtorrent.torrent_info(torrent), "save_path": folder,
                     "flags": libtorrent.torrent_flags.seed_mode})
for line in sys.stdin:
    handle.connect_peer(("127.0.0.1", int(line)))
