"""A catalog as large as the contest's: 456,003 clips on disk, 2.3 million rows of features, and nothing to do; then the same with
half of the clips labelled and learned from, and the others scored in 24 classes.

The daemon extracts one real clip first and trains on it; what it wrote is then multiplied. Clips are files of a few bytes, shards are
links to one small shard, so that the disk is full of names and not of data. What is looked up is what a daemon looks up.
"""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import socket
import sqlite3
import struct
import subprocess
import time

from .harness import PRODUCTS, ROOT, Row, build, head, scratch

CLIPS = 456_003
# A clip of every unit is in a shard of each of five networks, micro clips counted as one.
NETWORKS = 5
UNIT = 16
CLASSES = 24
HEADER = "filename," + ",".join(f"class {index}" for index in range(CLASSES)) + "\n"
# Links that a file system allows a file: 65,000 in ext4.
LINKS = 60_000


def run(arguments):
    build("primatrixd", "primatrix-worker", "primatrixctl")
    rows = []

    def add(*row):
        rows.append(Row(*row))
        rows[-1].show()

    clips = arguments.clips or CLIPS
    with scratch() as place:
        print(f"{clips} clips", flush=True)
        home = Home(place)
        run = multiply(home, clips)
        head()
        with home.daemon() as daemon:
            add("start to READY", daemon.ready, "allowed", 3.0, "s")
            waiting = daemon.until(home, lambda status: not status["working"])
            add("reconcile with nothing new", waiting.seconds, "allowed", 60.0, "s")
            measure(home, daemon, waiting, add, "")
        finish(home, clips, run)
        with home.daemon() as daemon:
            add("start to READY, with a run", daemon.ready, "allowed", 3.0, "s")
            waiting = daemon.until(home, lambda status: status["clips"]["labelled"] and not status["working"])
            add("the same, match labels, publish", waiting.seconds, "allowed", 60.0, "s")
            measure(home, daemon, waiting, add, ", with a run")
            status = home.status()
            assert (status["clips"]["labelled"], status["submission"]["rows"]) == (clips // 2, clips - clips // 2), status
    return rows


def measure(home, daemon, waiting, add, which):
    add(f"status meanwhile, p99{which}", waiting.percentile(99) * 1e3, "allowed", 50.0, "ms")
    calm, before, start = Latencies(), daemon.cpu(), time.monotonic()
    while time.monotonic() < start + 20:
        calm.ask(home)
        time.sleep(0.1)
    asked = (daemon.cpu() - before) / (time.monotonic() - start)
    add(f"status, p99{which}", calm.percentile(99) * 1e3, "allowed", 50.0, "ms")
    before, start = daemon.cpu(), time.monotonic()
    time.sleep(30)
    idle = (daemon.cpu() - before) / (time.monotonic() - start)
    add(f"idle{which}", idle * 100, "allowed", 1.0, "% of a core")
    add(f"asked 10 times a second{which}", asked * 100, "allowed", None, "% of a core")
    add(f"memory when idle{which}", daemon.memory("VmRSS"), "allowed", 300.0, "MiB")
    add(f"memory at most{which}", daemon.memory("VmHWM"), "allowed", None, "MiB")


class Home:
    """Where a daemon lives: its configuration, state and watched folder."""

    def __init__(self, place):
        self.place = place
        self.state, self.watched = place / "state", place / "clips"
        self.socket = place / "control.sock"
        self.file = place / "primatrix.toml"
        self.watched.mkdir()
        self.labels = place / "labels.csv"
        self.file.write_text(
            f'state_dir = "{self.state}"\n[watch]\nfolders = ["{self.watched}"]\n[labels]\ntrain = "{self.labels}"\n'
            f'[control]\nsocket = "{self.socket}"\n[http]\nlisten = ""\n'
            '[ensemble]\nmodels = ["motion-dense"]\nfolds = 2\nepochs = 1\npseudo_label_epochs = 0\nstack_folds = 0\n'
            # Nothing is to be learned anew: the labels are those of the run.
            '[schedule]\nretrain_every = "never"\nretrain_new_labels = 1000000000\n')
        self.labels.write_text(f"{HEADER}first.mp4{',1' + ',0' * (CLASSES - 1)}\n")

    @contextlib.contextmanager
    def daemon(self):
        daemon = Daemon(self)
        try:
            yield daemon
        finally:
            daemon.process.terminate()
            daemon.process.wait()

    def status(self):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.socket))
        connection.request("GET", "/v1/status")
        try:
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


class Daemon:
    def __init__(self, home):
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = home.place / "notify.sock"
        address.unlink(missing_ok=True)
        notices.bind(str(address))
        notices.settimeout(120)
        start = time.monotonic()
        with open(home.place / "primatrixd.log", "ab") as log:
            self.process = subprocess.Popen([PRODUCTS / "primatrixd", "--config", home.file], stdin=subprocess.DEVNULL,
                                            stderr=log, env=os.environ | {"NOTIFY_SOCKET": str(address)})
        while b"READY=1" not in notices.recv(4096):
            pass
        self.ready = time.monotonic() - start
        notices.close()

    def until(self, home, condition):
        latencies, start = Latencies(), time.monotonic()
        while not condition(latencies.ask(home)):
            time.sleep(0.05)
        latencies.seconds = time.monotonic() - start
        return latencies

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
        raise SystemExit(f"scripts/bench: /proc has no {name}")


class Latencies:
    def __init__(self):
        self.times = []
        self.seconds = 0

    def ask(self, home):
        start = time.monotonic()
        status = home.status()
        self.times.append(time.monotonic() - start)
        return status

    def percentile(self, percent):
        return sorted(self.times)[min(len(self.times) * percent // 100, len(self.times) - 1)]


def multiply(home, clips):
    """Makes a state directory as it would be after the extraction of so many clips. Returns the run on the first: key, record."""
    subprocess.run([ROOT / "scripts" / "make-sample-dataset.py", "--one-more", home.watched / "first.mp4"], check=True,
                   stdout=subprocess.DEVNULL)
    with home.daemon():
        while not (status := home.status()).get("ensemble") or status["working"]:
            time.sleep(0.1)
    (home.watched / "first.mp4").unlink()
    catalog = sqlite3.connect(home.state / "catalog.sqlite")
    catalog.execute("PRAGMA synchronous = OFF")
    number, outcome, facts, micro = catalog.execute("SELECT number, outcome, facts, micro FROM clip").fetchone()
    wanted = catalog.execute(
        "SELECT feature.fingerprint, path FROM feature JOIN shard ON shard.number = feature.shard ORDER BY path").fetchall()
    # Networks that were configured once.
    wanted += [(hashlib.sha256(f"network {index}".encode()).digest(), f"features/old-{index}/x/x.safetensors".encode())
               for index in range(NETWORKS - len(wanted))]
    run = catalog.execute("SELECT key, record FROM run").fetchone()
    home.labels.write_text(HEADER)
    for table in ("score", "fold", "run", "feature", "location", "shard", "ledger", "clip"):
        catalog.execute(f"DELETE FROM {table}")
    units = range((clips + UNIT - 1) // UNIT)
    write_shards(home, units, wanted)
    write_clips(home, clips)
    catalog.executemany(
        "INSERT INTO clip(number, digest, bytes, outcome, state, facts, pending, micro) VALUES (?, ?, ?, ?, 'decoded', ?, 0, ?)",
        ((index + 1, digest(index), len(content(index)), outcome, facts, micro) for index in range(clips)))
    root = str(home.watched).encode()
    catalog.executemany(
        "INSERT INTO location(root, path, clip, bytes, modified, name) VALUES (?, ?, ?, ?, ?, ?)",
        ((root, name(index).encode(), index + 1, len(content(index)), (home.watched / name(index)).stat().st_mtime_ns,
          name(index).rsplit("/", 1)[1].encode()) for index in range(clips)))
    catalog.executemany(
        "INSERT INTO shard(number, path, fingerprint) VALUES (?, ?, ?)",
        ((unit * NETWORKS + index + 1, shard(path, unit).encode(), key)
         for unit in units for index, (key, path) in enumerate(wanted)))
    catalog.executemany(
        "INSERT INTO feature(clip, fingerprint, shard) VALUES (?, ?, ?)",
        ((clip + 1, key, clip // UNIT * NETWORKS + index + 1)
         for clip in range(clips) for index, (key, _) in enumerate(wanted)))
    catalog.executemany("INSERT INTO ledger(name) VALUES (?)", ((f"{unit:08}.json",) for unit in units))
    catalog.commit()
    catalog.close()
    return run


def finish(home, clips, run):
    """Every second clip is labelled and was learned from, the others are scored."""
    key, record = run
    digits = ["".join("01"[place == index % CLASSES] for place in range(CLASSES)) for index in range(CLASSES)]
    with open(home.labels, "w") as labels:
        labels.write(HEADER)
        labels.writelines(f"{name(2 * index)},{','.join(digits[index % CLASSES])}\n" for index in range(clips // 2))
    file = next(home.state.glob("runs/*/plan.json"))
    plan = json.loads(file.read_text())
    row = plan["rows"][0]
    plan["rows"] = sorted(
        (row | {"clip": digest(2 * index).hex(), "labels": digits[index % CLASSES], "fold": index % 2}
         for index in range(clips // 2)), key=lambda row: row["clip"])
    file.write_text(json.dumps(plan, separators=(",", ":"), sort_keys=True))
    record = json.dumps(json.loads(record) | {"labelledClips": clips // 2})
    scores = struct.pack(f"<{CLASSES}f", *[1 / CLASSES] * CLASSES)
    catalog = sqlite3.connect(home.state / "catalog.sqlite")
    catalog.execute("PRAGMA synchronous = OFF")
    catalog.execute("INSERT INTO run(key, record) VALUES (?, ?)", (key, record))
    catalog.executemany("INSERT INTO score(clip, run, probabilities) VALUES (?, ?, ?)",
                        ((index + 1, key, scores) for index in range(1, clips, 2)))
    catalog.executemany("INSERT INTO fold(clip, fold) VALUES (?, ?)", ((2 * index + 1, index % 2) for index in range(clips // 2)))
    catalog.commit()
    catalog.close()


def content(index):
    return f"clip {index}\n".encode()


def digest(index):
    return hashlib.sha256(content(index)).digest()


def name(index):
    return f"{index // 500:04}/{index:06}.mp4"


def shard(path, unit):
    return str(pathlib.PurePath(path.decode()).with_name(f"{unit:08}.safetensors"))


def write_clips(home, clips):
    for index in range(clips):
        file = home.watched / name(index)
        if index % 500 == 0:
            file.parent.mkdir()
        file.write_bytes(content(index))


def write_shards(home, units, wanted):
    """One small shard under every name, and a ledger that says nothing for each unit."""
    header = b'{"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}'.ljust(56)
    seed, count = None, 0
    for _, path in wanted:
        (home.state / path.decode()).parent.mkdir(parents=True, exist_ok=True)
        for unit in units:
            file = home.state / shard(path, unit)
            if count % LINKS == 0:
                seed = file
                seed.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
            else:
                os.link(seed, file)
            count += 1
    ledgers = home.state / "features" / "ledgers"
    for ledger in ledgers.iterdir():  # The first clip's: it would bring it back.
        ledger.unlink()
    for unit in units:
        (ledgers / f"{unit:08}.json").write_text('{"entries":[],"shards":[]}')
