"""A seed on 127.0.0.1 for benchmarks: TORRENT FOLDER PORT."""

import sys
import time

import libtorrent

torrent, folder, port = sys.argv[1:4]
session = libtorrent.session({
    "listen_interfaces": f"127.0.0.1:{port}", "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
    "enable_natpmp": False, "allow_multiple_connections_per_ip": True, "alert_mask": 0, "unchoke_slots_limit": -1,
    "send_buffer_watermark": 4 << 20})
handle = session.add_torrent({"ti": libtorrent.torrent_info(torrent), "save_path": folder})
while True:
    time.sleep(3600)
