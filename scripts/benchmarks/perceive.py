"""Decoding against the ffmpeg command, and extraction against PyTorch, ONNX Runtime and bare OpenVINO, all on one clip.

Ours is the whole worker as the daemon runs it, one a thread: reading the clip, its digest, the confined decoder, sampling,
the network, float16, shards. The peers get decoded frames in memory. Networks have random weights: speed does not ask.
"""

import concurrent.futures
import csv
import hashlib
import json
import os
import pathlib
import statistics
import struct
import subprocess
import time

from .harness import PRODUCTS, ROOT, Row, build, head, in_turns, scratch, settle

PEERS = pathlib.Path(__file__).with_name("perceive_peers.py")
# Compiling and the first clip are the start; what comes after is the steady state.
CLIPS = 4
MICRO = {"sampling": {"rateNumerator": 2, "rateDenominator": 1, "frames": 240, "side": 64}, "rateFactor": 23,
         "pixelBudget": 4 << 30}


def run(arguments):
    build("primatrix-worker")
    rows = []

    def add(row):
        rows.append(row)
        row.show()

    with scratch() as place:
        clip = pathlib.Path(arguments.clip) if arguments.clip else find_clip(place)
        print(f"{clip.name}, {arguments.threads} threads of {os.cpu_count()}, {arguments.precision}", flush=True)
        head()
        for name, part in {"decode": decode, "motion": motion, "extract": extract}.items():
            if arguments.only in (None, name):
                part(place, clip, arguments, add)
    return rows


def find_clip(place):
    folder = os.environ.get("PRIMATRIX_TEST_CLIPS")
    if folder and (pathlib.Path(folder) / "contest-format.mp4").exists():
        return pathlib.Path(folder) / "contest-format.mp4"
    made = place / "made.mp4"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=720x404:r=24", "-t", "15", "-c:v",
                    "libx264", "-pix_fmt", "yuv420p", str(made)], check=True)
    return made


def decode(place, clip, arguments, add):
    """Our side has a network that looks at one pixel, so the decoder is what is waited for."""
    home = place / "trivial"
    peer(arguments, "trivial", "--out", home)
    ours = {micro: Worker(place, home, clip, arguments, clips=3 * CLIPS, micro=micro) for micro in (False, True)}
    scale = "fps=3,scale=404:404:flags=bicubic"
    command = ["ffmpeg", "-loglevel", "error", "-filter_threads", "1", "-threads", "1", "-i", str(clip), "-an", "-vf",
               scale, "-frames:v", "45", "-f", "rawvideo", "-pix_fmt", "rgb24", "-y", "/dev/null"]
    best = {}
    for _ in range(arguments.runs):
        for micro, worker in ours.items():
            best[micro] = min(best.get(micro, 1e9), worker.run())
        took = in_turns({"ffmpeg": lambda: subprocess.run(command, check=True)}, 3)["ffmpeg"]
        best["ffmpeg"] = min(best.get("ffmpeg", 1e9), took)
    add(Row("decode, 45 frames of 404x404", best[False], "ffmpeg", best["ffmpeg"], "s/clip"))
    add(Row("the same and a micro clip", best[True], "ffmpeg", best["ffmpeg"], "s/clip"))


# builtin/motion; the worker makes the network itself, and asks of the rest only how large it is.
MOTION = {
    "backbone": {"name": "builtin/motion", "model": "0" * 64, "licence": "", "origin": "",
                 "taps": [{"name": "all", "width": 124}],
                 "sampling": {"rateNumerator": 2, "rateDenominator": 1, "frames": 30, "side": 128}},
    "precision": "float32", "fingerprint": "0" * 64,
}


def motion(place, clip, arguments, add):
    """What the built-in network costs beside decoding, and how well a linear classifier tells blank clips by it."""
    output = place / "inspected"
    output.mkdir()
    spec = place / "inspect.json"
    spec.write_text(json.dumps({"inspect": {"_0": {"backbones": [MOTION], "measures": True}}}))
    work("inspect", spec, output)
    entry = json.loads((output / "report.json").read_text())["entries"][0]
    add(Row("builtin/motion beside decoding", entry["secondsPerFrame"] * 30, "allowed", 0.05, "s/clip"))
    add(Row("builtin/motion, blank from animal", motion_separates(place, arguments), "by chance", 0.5, "AUC", False))


def motion_separates(place, arguments):
    """The area under the ROC curve, cross-validated, on the sample data set."""
    home = place / "sample"
    subprocess.run([ROOT / "scripts" / "make-sample-dataset.py", "--out", home, "--keep-clips"], check=True,
                   stdout=subprocess.DEVNULL)
    blank = {}
    for table in ("train_labels.csv", "test_truth.csv"):
        with open(home / table, newline="") as opened:
            blank |= {row["filename"]: float(row["blank"]) == 1 for row in csv.DictReader(opened)}
    files = {name: file(next((home / "clips").rglob(pathlib.PurePath(name).name))) for name in blank}
    spec, output = place / "sample.json", place / "sample-output"
    spec.write_text(json.dumps({"extract": {"_0": {"clips": list(files.values()), "backbones": [MOTION]}}}))
    output.mkdir()
    work("extract", spec, output)
    known = tensors(output / "0.safetensors", 124)
    clips = {name: known[entry["clip"]] for name, entry in files.items() if entry["clip"] in known}
    examples = place / "examples.json"
    examples.write_text(json.dumps({
        "features": [[pick(column) for column in zip(*frames) for pick in (statistics.fmean, max, statistics.pstdev)]
                     for frames in clips.values()],
        "animal": [not blank[name] for name in clips]}))
    return peer(arguments, "separates", "--examples", examples)["area"]


def tensors(path, width):
    """The frames of each float16 tensor [frames, width], by name."""
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    data = content[8 + length:]
    found = {}
    for name, entry in json.loads(content[8:8 + length]).items():
        start, end = entry["data_offsets"]
        values = struct.unpack(f"<{(end - start) // 2}e", data[start:end])
        found[name] = [values[first:first + width] for first in range(0, len(values), width)]
    return found


def work(kind, spec, output):
    subprocess.run([PRODUCTS / "primatrix-worker", kind, "--spec", spec, "--output", output], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def file(path):
    content = path.read_bytes()
    return {"clip": hashlib.sha256(content).hexdigest(), "path": str(path), "bytes": len(content), "modified": 0}


def extract(place, clip, arguments, add):
    for name in arguments.networks.split(","):
        home = networks(arguments) / name
        worker = Worker(place, home, beginning(place, clip, arguments.frames / 3), arguments, clips=CLIPS, micro=True)
        # In turns, so that what else the machine does hits all alike.
        best, kinds = {}, ["eager", "channels-last", "onnxruntime", "openvino"]
        for _ in range(arguments.runs):
            took = worker.run() / arguments.frames
            best["ours"] = min(best.get("ours", 1e9), took)
            for kind in kinds:
                took = peer(arguments, kind, "--network", name, "--home", home, "--frames", str(arguments.frames),
                            "--threads", str(arguments.threads), "--precision", arguments.precision)["seconds"]
                best[kind] = min(best.get(kind, 1e9), took)
        words = {"eager": "PyTorch eager", "channels-last": "PyTorch channels-last", "onnxruntime": "ONNX Runtime",
                 "openvino": "bare OpenVINO"}
        for kind in kinds:
            add(Row(f"extract {name}", best["ours"], words[kind], best[kind], "s/frame"))
        print(f"{'':34} peak memory: {worker.peak:.0f} MiB a worker", flush=True)


def beginning(place, clip, seconds):
    """As much of the clip as has these frames, so that decoding weighs against the network as in a whole clip."""
    path = place / f"beginning{clip.suffix}"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-i", str(clip), "-t", f"{seconds:.3f}", "-c", "copy",
                    str(path)], check=True)
    return path


def networks(arguments):
    """Random networks are kept: making them takes longer than measuring them."""
    folder = ROOT / ".build" / f"bench-backbones-{arguments.frames}"
    for name in arguments.networks.split(","):
        home = folder / name
        if not (home / f"{name}.toml").exists():
            subprocess.run([arguments.python, ROOT / "scripts" / "export-backbones.py", "--random", "--frames",
                            str(arguments.frames), "--out", home, name], check=True, stdout=subprocess.DEVNULL)
    return folder


def peer(arguments, *words):
    done = subprocess.run([arguments.python, PEERS, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


class Worker:
    """One `primatrix-worker extract` a thread, each with clips of its own."""

    def __init__(self, place, home, clip, arguments, clips, micro):
        import tomllib

        manifest = tomllib.loads(next(home.glob("*.toml")).read_text())
        rate = str(manifest["frames_per_second"]).split("/")
        backbone = {
            "name": manifest["name"], "model": manifest["sha256"], "licence": "", "origin": "",
            "taps": manifest["tap"],
            "sampling": {"rateNumerator": int(rate[0]), "rateDenominator": int(rate[1]) if rate[1:] else 1,
                         "frames": manifest["frames_per_clip"], "side": manifest["side"]},
        }
        use = {"backbone": backbone, "file": str(home / manifest["file"]), "precision": arguments.precision,
               "fingerprint": manifest["sha256"]}
        self.place = place
        self.threads = arguments.threads
        self.peak = 0
        self.specs = []
        for thread in range(self.threads):
            files = [distinct(place, clip, thread * 1000 + index) for index in range(clips)]
            spec = {"clips": files, "backbones": [use], "cache": str(place / "cache")}
            if micro:
                spec["micro"] = MICRO
            path = place / f"{manifest['name']}-{micro}-{thread}.json"
            path.write_text(json.dumps({"extract": {"_0": spec}}))
            self.specs.append(path)

    def run(self):
        """Seconds a clip, all workers together."""
        settle()
        with concurrent.futures.ThreadPoolExecutor(self.threads) as pool:
            return sum(pool.map(self.one, self.specs)) / self.threads ** 2

    def one(self, spec):
        output = self.place / f"output-{spec.stem}-{time.monotonic_ns()}"
        output.mkdir()
        process = subprocess.Popen([PRODUCTS / "primatrix-worker", "extract", "--spec", spec, "--output", output],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        times = [time.monotonic() for _ in process.stdout]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"scripts/bench: the worker ended with {process.returncode}")
        self.peak = max(self.peak, usage.ru_maxrss / 1024)
        return (times[-1] - times[0]) / (len(times) - 1)


def distinct(place, clip, number):
    """The clip with a box that holds a number behind it: the same pictures, another digest."""
    path = place / f"{number}-{clip.name}"
    if not path.exists():
        path.write_bytes(clip.read_bytes() + struct.pack(">I4sQ", 16, b"free", number))
    return file(path)
