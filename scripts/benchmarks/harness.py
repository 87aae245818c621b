"""What all benchmarks share: finding programs, timing them in turns, rows."""

import contextlib
import dataclasses
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRODUCTS = ROOT / ".build" / "release"


@dataclasses.dataclass
class Row:
    """One comparison. `is_time` figures are better when smaller; the ratio is above 1 when ours is better."""

    name: str
    ours: float
    peer_name: str
    peer: float | None
    unit: str
    is_smaller_better: bool = True

    @property
    def ratio(self):
        if self.peer is None or (self.is_smaller_better and self.ours == 0):
            return None
        return self.peer / self.ours if self.is_smaller_better else self.ours / self.peer

    def as_dict(self):
        return {"name": self.name, "ours": self.ours, "peer_name": self.peer_name, "peer": self.peer,
                "ratio": self.ratio, "unit": self.unit}

    def show(self):
        peer = "-" if self.peer is None else f"{self.peer:.3g}"
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        print(f"{self.name:34} {self.ours:>9.3g} {self.peer_name:>22} {peer:>9} {ratio:>6} {self.unit}", flush=True)


def head():
    print(f"{'name':34} {'ours':>9} {'peer_name':>22} {'peer':>9} {'ratio':>6} unit", flush=True)


def build(*programs):
    """The programs and probes, optimised, where these are not there yet."""
    if all((PRODUCTS / name).exists() for name in programs):
        return
    print("Building", flush=True)
    subprocess.run(["swift", "build", "--build-tests", "-c", "release", "--quiet"], cwd=ROOT, check=True)


def installed(*programs):
    return [program for program in programs if shutil.which(program)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} does not listen")


@contextlib.contextmanager
def scratch():
    """On the disk of this checkout: /tmp may be memory."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".build"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def running(arguments, **options):
    process = subprocess.Popen([str(each) for each in arguments], stdin=options.pop("stdin", subprocess.DEVNULL),
                               stdout=options.pop("stdout", subprocess.DEVNULL),
                               stderr=options.pop("stderr", subprocess.DEVNULL), **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def settle():
    """Nothing of an earlier run is still on its way to the disk."""
    os.sync()


def sync(path):
    """What a peer has written counts when it is durable, as ours is when it says so."""
    for file in [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file()):
        with open(file, "rb") as opened:
            os.fsync(opened.fileno())


def seconds(action):
    settle()
    start = time.monotonic()
    action()
    return time.monotonic() - start


def in_turns(actions, runs):
    """The best time of each action, by name."""
    best = {}
    for _ in range(runs):
        for name, action in actions.items():
            took = seconds(action)
            print(f"  {name}: {took:.2f} s", file=sys.stderr, flush=True)
            best[name] = min(best.get(name, took), took)
    return best


def peak_mib(pid):
    """The most memory that a process has held."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextlib.contextmanager
def alone():
    """Says afterwards what share of the processors other programs had: threads that wait for each other lose far more."""

    def busy():
        ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        ours = resource.getrusage(resource.RUSAGE_CHILDREN)
        idle = ticks[3] + ticks[4]
        return sum(ticks), sum(ticks) - idle - (ours.ru_utime + ours.ru_stime) * os.sysconf("SC_CLK_TCK")

    before = busy()
    yield
    after = busy()
    share = max(0, after[1] - before[1]) / (after[0] - before[0])
    print(f"Other programs and the kernel had {share:.0%} of the processors" + (": measure again" if share > 0.1 else ""),
          flush=True)
