"""Training and inference of the networks against PyTorch on the same two cores, the same shapes and the same batches."""

import dataclasses
import json
import os
import pathlib
import subprocess

from .harness import PRODUCTS, Row, alone, build, head, scratch, settle

PEER = pathlib.Path(__file__).with_name("learn_pytorch.py")
UNITS = 2


@dataclasses.dataclass
class Case:
    """The reference solution's shapes: ResNet152 alone, three networks joined, the second level."""

    name: str
    model: str
    batch: int
    width: int
    steps: int

    @property
    def arguments(self):
        return [self.model, "--batch", str(self.batch), "--width", str(self.width), "--steps", str(self.steps)]


CASES = [
    Case("dense", "dense", 64, 3840, 9), Case("concat-dense", "dense", 32, 3840 + 2944 + 3488, 7),
    Case("rnn", "rnn", 64, 3840, 3), Case("stack", "stack", 512, 193, 25),
]


def run(arguments):
    build("LearnProbe")
    peer = subprocess.run([arguments.python, "-c", "import torch; print(torch.__version__.split('+')[0])"],
                          capture_output=True, text=True)
    if peer.returncode != 0:
        raise SystemExit(f"scripts/bench: {arguments.python} has no torch; name a Python that has (--python)")
    rows = []

    def add(row):
        rows.append(row)
        row.show()

    head()
    with alone(), scratch() as place:
        for case in CASES:
            if arguments.only in (None, case.name):
                compare(case, f"PyTorch {peer.stdout.strip()}", place, arguments, add)
    return rows


def compare(case, peer_name, place, arguments, add):
    """Two units of one thread each, at the same time, against PyTorch on two threads; in turns."""
    ours, peers = [], []
    for _ in range(arguments.runs):
        ours.append(units(case, place))
        peers.append(pytorch(case, arguments.python, UNITS))
    alone_peer = pytorch(case, arguments.python, 1)

    def best(results, key, kind="best"):
        return max(each[key][kind] for each in results)

    def together(key):
        """Both units' clips a second in the best run; each unit's median, since a best step may be one that was alone."""
        return max(sum(unit[key]["median"] for unit in pair) for pair in ours)

    for name, key in (("training", "training_clips_per_second"), ("inference", "inference_clips_per_second")):
        add(Row(f"{case.name}, {name}", together(key), peer_name, best(peers, key, "median"), "clips/s",
                is_smaller_better=False))
        # What the work costs, whoever else computes: PyTorch with one thread too, since several burn time waiting.
        add(Row(f"{case.name}, {name}, a core's second", max(unit[key]["by_processor_time"] for pair in ours for unit in pair),
                f"{peer_name}, 1 thread", alone_peer[key]["by_processor_time"], "clips", is_smaller_better=False))
    add(Row(f"{case.name}, peak memory of a unit", min(max(unit["peak_memory_mi_b"] for unit in pair) for pair in ours),
            peer_name, min(each["peak_memory_mi_b"] for each in peers), "MiB"))
    if "cold_reading_clips_per_second" in ours[0][0]:
        training = together("training_clips_per_second")
        add(Row(f"{case.name}, reading, cached", together("reading_clips_per_second"), "two units train", training,
                "clips/s", is_smaller_better=False))
        add(Row(f"{case.name}, reading, from the disk", together("cold_reading_clips_per_second"), "two units train",
                training, "clips/s", is_smaller_better=False))


def units(case, place):
    settle()
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "TMPDIR": str(place)}
    running = [subprocess.Popen([PRODUCTS / "LearnProbe", *case.arguments], stdout=subprocess.PIPE, env=environment,
                                text=True) for _ in range(UNITS)]
    outputs = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise RuntimeError("LearnProbe failed")
    return [json.loads(output) for output in outputs]


def pytorch(case, python, threads):
    settle()
    output = subprocess.run([python, PEER, *case.arguments, "--threads", str(threads)], check=True, capture_output=True,
                            text=True).stdout
    return json.loads(output)
