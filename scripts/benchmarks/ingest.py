"""Fetching over HTTP and by torrent, unpacking, and all of it at once, against the programs people use for it."""

import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import time

from .harness import (PRODUCTS, Row, build, free_port, head, in_turns, installed, peak_mib, running, scratch, seconds,
                      settle, sync, wait_for_port)

MIB = 1 << 20
PEERS = {"curl": "curl", "aria2c": "aria2", "bsdtar": "libarchive-tools", "transmission-daemon": "transmission-daemon",
         "qbittorrent-nox": "qbittorrent-nox", "nginx": "nginx-light"}


def run(arguments):
    missing = [package for program, package in PEERS.items() if not installed(program)]
    if missing:
        raise SystemExit(f"scripts/bench: install these Debian packages first: {' '.join(missing)}")
    build("primatrixd", "FetchProbe", "TorrentProbe")
    rows = []

    def add(row):
        rows.append(row)
        row.show()

    head()
    with scratch() as place:
        payload = make_tar(place, arguments.size)
        parts = {"http": http, "torrent": torrent, "unpack": unpack, "both": both}
        for name, part in parts.items():
            if arguments.only in (None, name):
                part(place, payload, arguments, add)
    return rows


def make_tar(place, mebibytes):
    """Members of about 1 MiB that do not compress, as clips do not; named so that nobody decodes them."""
    path = place / "served" / "clips.tar"
    path.parent.mkdir()
    block = os.urandom(MIB)
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for index in range(mebibytes):
            content = hashlib.sha256(str(index).encode()).digest() + block[32:]
            member = tarfile.TarInfo(f"raw/clip-{index:06}.dat")
            member.size, member.mtime = len(content), 1_500_000_000 + index
            archive.addfile(member, io.BytesIO(content))
    return path


# HTTP


def nginx(place, folder, extra=""):
    home = place / f"nginx-{free_port()}"
    home.mkdir()
    port = free_port()
    temporary = "\n".join(f"{kind}_temp_path {home}/{kind};"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (home / "nginx.conf").write_text(f"""
daemon off; master_process off; pid {home}/pid; error_log {home}/error.log;
events {{}}
http {{
  {temporary}
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
  server {{ listen 127.0.0.1:{port}; root {folder}; location / {{ {extra} }} }}
}}
""")
    return port, ["nginx", "-c", home / "nginx.conf", "-p", home, "-e", home / "error.log"]


def http(place, payload, arguments, add):
    port, server = nginx(place, payload.parent)
    url = f"http://127.0.0.1:{port}/{payload.name}"
    target = place / "http"

    def fresh():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()

    def ours():
        fresh()
        subprocess.run([PRODUCTS / "FetchProbe", target, "-", url], check=True, stdout=subprocess.DEVNULL,
                       env=os.environ | {"FETCH_PROBE_DEFAULTS": "1"})

    def curl():
        fresh()
        subprocess.run(["curl", "-sS", "-o", target / "out", url], check=True)
        sync(target / "out")

    def aria2():
        fresh()
        subprocess.run(["aria2c", "-q", "-x4", "-s4", "--file-allocation=none", "-d", target, "-o", "out", url],
                       check=True)
        sync(target / "out")

    with running(server) as process:
        wait_for_port(port, process)
        best = in_turns({"ours": ours, "curl": curl, "aria2c -x4": aria2}, arguments.runs)
    for peer in ("curl", "aria2c -x4"):
        add(Row(f"http {arguments.size} MiB, durable", best["ours"], peer, best[peer], "s"))
    shutil.rmtree(target)


# Torrent


def torrent(place, payload, arguments, add):
    import libtorrent

    files = libtorrent.file_storage()
    libtorrent.add_files(files, str(payload))
    # The clients without a way to be told of a peer ask a tracker.
    tracker_port, seed_port = free_port(), free_port()
    made = libtorrent.create_torrent(files, MIB, libtorrent.create_torrent.v1_only)
    made.add_tracker(f"http://127.0.0.1:{tracker_port}/announce")
    libtorrent.set_piece_hashes(made, str(payload.parent))
    path = place / "clips.torrent"
    path.write_bytes(libtorrent.bencode(made.generate()))
    target = place / "torrent"
    with tracker(place, tracker_port), seed(place, path, payload, seed_port):
        actions = {"ours": lambda: ours_torrent(target, path, seed_port),
                   "aria2c": lambda: aria2_torrent(target, path),
                   "transmission-daemon": lambda: transmission(target, path),
                   "qbittorrent-nox": lambda: qbittorrent(target, path, payload)}
        best = in_turns(actions, arguments.runs)
    for peer in list(actions)[1:]:
        add(Row(f"torrent {arguments.size} MiB, durable", best["ours"], peer, best[peer], "s"))
    shutil.rmtree(target, ignore_errors=True)


def tracker(place, port):
    """Announces without end; it answers whoever asks with every peer it knows."""
    script = pathlib.Path(__file__).with_name("tracker.py")
    return running(["/usr/bin/python3", script, port])


def seed(place, path, payload, port):
    script = pathlib.Path(__file__).with_name("seeder.py")
    return running(["/usr/bin/python3", script, path, payload.parent, port])


def fresh(target):
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()


def ours_torrent(target, path, port):
    fresh(target)
    subprocess.run([PRODUCTS / "TorrentProbe", target, "torrent", path, f"127.0.0.1:{port}"], check=True,
                   stdout=subprocess.DEVNULL)


def aria2_torrent(target, path):
    fresh(target)
    subprocess.run(["aria2c", "-q", "--seed-time=0", "--enable-dht=false", "--bt-enable-lpd=false",
                    "--file-allocation=none", "--bt-max-peers=4", "-d", target, path], check=True)
    sync(target)


def transmission(target, path):
    fresh(target)
    home, port, peers = target / "home", free_port(), free_port()
    arguments = ["transmission-daemon", "-f", "-g", home, "-w", target / "out", "-p", port, "-P", peers, "-T", "-O", "-M",
                 "-r", "127.0.0.1", "--no-incomplete-dir"]
    with running(arguments) as process:
        wait_for_port(port, process)
        remote = ["transmission-remote", f"127.0.0.1:{port}"]
        subprocess.run(remote + ["-a", path], check=True, stdout=subprocess.DEVNULL)
        while "100%" not in subprocess.run(remote + ["-l"], check=True, capture_output=True, text=True).stdout:
            time.sleep(0.05)
        sync(target / "out")


def qbittorrent(target, path, payload):
    fresh(target)
    port = free_port()
    settings = target / "home" / "qBittorrent" / "config" / "qBittorrent.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"""[BitTorrent]
Session\\DHTEnabled=false
Session\\LSDEnabled=false
Session\\PeXEnabled=false
Session\\Port={free_port()}
Session\\DefaultSavePath={target}/out
[LegalNotice]
Accepted=true
[Preferences]
WebUI\\LocalHostAuth=false
WebUI\\Port={port}
""")
    with running(["qbittorrent-nox", f"--profile={target}/home", f"--webui-port={port}"]) as process:
        wait_for_port(port, process)
        subprocess.run(["curl", "-sS", "-F", f"torrents=@{path}", f"http://127.0.0.1:{port}/api/v2/torrents/add"],
                       check=True, stdout=subprocess.DEVNULL)
        while True:
            answer = subprocess.run(["curl", "-sS", f"http://127.0.0.1:{port}/api/v2/torrents/info"],
                                    check=True, capture_output=True, text=True).stdout
            if [each for each in json.loads(answer) if each["progress"] == 1]:
                break
            time.sleep(0.05)
        sync(target / "out")


# Unpacking


def unpack(place, payload, arguments, add):
    packed = place / "clips.tar.gz"
    subprocess.run(f"gzip -1 <'{payload}' >'{packed}'", shell=True, check=True)
    for name, archive in (("tar", payload), ("tar.gz", packed)):
        target = place / "unpacked"
        best = in_turns({"ours": lambda: ours_unpack(target, archive), "bsdtar": lambda: bsdtar(target, archive)},
                        arguments.runs)
        add(Row(f"unpack {arguments.size} MiB of {name}, hashed", best["ours"], "bsdtar, not hashed", best["bsdtar"], "s"))
        shutil.rmtree(target, ignore_errors=True)
    packed.unlink()


def ours_unpack(target, archive):
    """The worker as the daemon runs it, with a daemon that takes every batch at once."""
    fresh(target)
    spec = {"unpack": {"_0": {
        "parts": [str(archive)], "isGrowing": False, "reports": str(target / "reports"), "allowsRAR": False,
        "batchBytes": 256 * MIB,
        "limits": {"members": 2_000_000, "totalBytes": 1 << 42, "memberBytes": 1 << 36, "ratio": 200, "pathBytes": 1024,
                   "pathDepth": 64, "processorSeconds": 600}}}}
    (target / "spec.json").write_text(json.dumps(spec))
    (target / "output").mkdir()
    with subprocess.Popen([PRODUCTS / "primatrix-worker", "unpack", "--spec", target / "spec.json",
                           "--output", target / "output"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            batch = json.loads(line).get("batch")
            if batch:
                process.stdin.write(json.dumps({"acknowledged": batch}) + "\n")
                process.stdin.flush()
    if process.returncode != 0:
        raise RuntimeError(f"unpack ended with {process.returncode}")


def bsdtar(target, archive):
    fresh(target)
    subprocess.run(["bsdtar", "-xf", archive, "-C", target], check=True)


# Download and unpacking at once, through the daemon


def both(place, payload, arguments, add):
    """The source is so slow that fetching takes as long as unpacking does: together they should take as long as one."""
    packed = place / "served" / "clips.tar.xz"
    subset = min(arguments.size, 512)
    subprocess.run(f"head -c {subset * MIB} '{payload}' | xz -T0 -0 >'{packed}'", shell=True, check=True)
    size = packed.stat().st_size
    alone = daemon(place, packed, None, from_disk=True)[0]
    rate = int(size / alone)
    # limit_rate is for each connection.
    fetched = seconds(lambda: None) + size / rate
    took, peak = daemon(place, packed, rate // 4)
    add(Row("fetch and unpack at once", took, "the slower of both alone", max(alone, fetched), "s"))
    add(Row("daemon's peak memory", peak, "the bound", 300, "MiB"))
    packed.unlink()


def daemon(place, archive, rate, from_disk=False):
    """Seconds until the source is complete, and the daemon's peak memory in MiB."""
    home = place / "daemon"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    port, server = nginx(place, archive.parent, f"limit_rate {rate};" if rate else "")
    url = f"file://{archive}" if from_disk else f"http://127.0.0.1:{port}/{archive.name}"
    (home / "primatrix.toml").write_text(f"""
state_dir = "state"
[[source]]
id = "bench"
urls = ["{url}"]
[features]
workers = 1
[control]
socket = "control.sock"
""")
    with running(server) as web:
        wait_for_port(port, web)
        settle()
        start = time.monotonic()
        with running([PRODUCTS / "primatrixd", "--config", home / "primatrix.toml"]) as process:
            while True:
                status = subprocess.run([PRODUCTS / "primatrixctl", "--config", home / "primatrix.toml", "status",
                                         "--json"], capture_output=True, text=True)
                if status.returncode == 0:
                    source = (json.loads(status.stdout)["sources"] or [{}])[0]
                    if source.get("state") == "complete":
                        return time.monotonic() - start, peak_mib(process.pid)
                    if source.get("problem"):
                        raise RuntimeError(source["problem"])
                time.sleep(0.1)
