#!/usr/bin/python3
"""Makes a simulated set of features and labels whose best possible log loss is known, to judge models by.

Cameras see one clip after another. What is in a clip (one of 24 classes as unequal as the Pri-matrix contest's, now and
then two) often stays from one clip to the next, and then the next one comes soon. An animal is in view for part of the
frames; there it shifts the features of every backbone along its own direction, which it partly shares with animals like
it. Everything else is normal noise: in each frame, and one offset a clip. Resolution, file size and bit rate depend a
little on the class. Labels are what a person made of the clip, with mistakes.

As all of this is drawn from densities that are written down here, the probability of every label is known exactly, from
the clip alone or from its neighbours too, and with it what the best of all models would score.

Written into the folder: shards of float16 features, dataset.json (the labelled clips, as the train and stack workers
read it), unlabelled.json (as the score worker reads it), labels.csv, truth.csv (labels of the unlabelled clips),
clips.csv (camera and time) and bayes.json (the best possible log losses, which are printed as well).
"""

import argparse
import csv
import hashlib
import json
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

try:
    import numpy as np
except ImportError:
    print("make-simulated-features.py: numpy is missing; install the package python3-numpy", file=sys.stderr)
    sys.exit(69)

COUNTS = {  # the contest's labels, in its column order
    "bird": 2386, "blank": 122270, "cattle": 372, "chimpanzee": 5045, "elephant": 1085, "forest buffalo": 9,
    "gorilla": 174, "hippopotamus": 175, "human": 20034, "hyena": 10, "large ungulate": 224, "leopard": 209, "lion": 2,
    "other (non-primate)": 1883, "other (primate)": 20453, "pangolin": 63, "porcupine": 569, "reptile": 8,
    "rodent": 2911, "small antelope": 273, "small cat": 79, "wild dog": 21, "duiker": 21601, "hog": 4650,
}
ALIKE = (
    ("chimpanzee", "gorilla", "human", "other (primate)"), ("leopard", "lion", "hyena", "small cat", "wild dog"),
    ("duiker", "small antelope", "large ungulate", "forest buffalo", "cattle"), ("hog", "elephant", "hippopotamus"),
    ("rodent", "porcupine", "pangolin", "other (non-primate)"), ("bird", "reptile"),
)
TOGETHER = (
    ("human", "duiker"), ("duiker", "hog"), ("other (primate)", "duiker"), ("bird", "duiker"), ("rodent", "duiker"),
    ("chimpanzee", "other (primate)"),
)
TOGETHER_SHARE = 0.002
STAYS = 0.45  # the chance that the next clip shows the same
GAPS = (2.0, 120.0)  # mean minutes to the next clip where it shows the same, and where it is drawn anew
IN_VIEW = range(2, 9)  # frames
OFFSET = 0.4  # deviation of a clip's offset; a frame's noise has 1
MISSED, TAKEN_FOR_ALIKE, SEEN_IN_BLANK, ONE_OF_TWO = 0.015, 0.008, 0.002, 0.1  # mistakes of who made the labels
CAMERA_CLIPS = 250


@dataclass
class World:
    """Everything that clips are drawn from. States are the classes, then pairs of them."""

    has: np.ndarray  # [states, classes], 0 and 1
    shares: np.ndarray  # [states]
    labelled: np.ndarray  # [states, states]: how a clip of a state (row) is labelled
    shifts: np.ndarray  # [backbones, states, width]
    resolution: np.ndarray  # [states]: the chance of the better one
    sizes: np.ndarray  # [2, states]: means of file size and bit rate

    @property
    def label_chances(self):
        """[states, classes]: the chance that a clip of a state is labelled with a class."""
        return self.labelled @ self.has


def make_world(random, clips, backbones, width, strength):
    names = list(COUNTS)
    counts = np.array([COUNTS[name] for name in names], float)
    singles = np.maximum(counts / counts.sum(), 2 / clips)
    has = np.vstack([np.eye(len(names)), [[name in pair for name in names] for pair in TOGETHER]])
    pairs = np.full(len(TOGETHER), TOGETHER_SHARE / len(TOGETHER))
    shares = np.concatenate([singles / singles.sum() * (1 - TOGETHER_SHARE), pairs])
    blank = names.index("blank")
    alike = {name: [names.index(other) for other in group if other != name] for group in ALIKE for name in group}

    labelled = np.zeros((len(shares), len(shares)))
    for state in range(len(names)):
        if state == blank:
            labelled[state] = shares / (1 - shares[blank]) * SEEN_IN_BLANK
            labelled[state, len(names):] = 0
            labelled[state, blank] = 0
        else:
            labelled[state, blank] = MISSED
            labelled[state, alike[names[state]]] = TAKEN_FOR_ALIKE / len(alike[names[state]])
        labelled[state, state] = 1 - labelled[state].sum()
    for state, pair in enumerate(TOGETHER, len(names)):
        for name in pair:
            labelled[state, names.index(name)] = ONE_OF_TWO / 2
        labelled[state, state] = 1 - ONE_OF_TWO

    resolution = np.clip(has @ random.uniform(0.2, 0.8, len(names)) / has.sum(1), 0.05, 0.95)
    sizes = random.normal(0, 0.7, (2, len(shares)))

    def directions(*shape):
        drawn = random.standard_normal((*shape, width))
        return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)

    animal, groups, own = directions(backbones, 1), directions(backbones, len(ALIKE)), directions(backbones, len(names))
    group_of = [next((i for i, group in enumerate(ALIKE) if name in group), 0) for name in names]
    shifts = 0.55 * animal + 0.55 * groups[:, group_of] + 0.63 * own
    shifts *= strength * random.uniform(0.8, 1.2, (backbones, len(names), 1))  # no backbone is best for all
    shifts[:, blank] = 0
    return World(
        has=has, shares=shares, labelled=labelled, shifts=np.einsum("sc,bcw->bsw", has, shifts),
        resolution=resolution, sizes=sizes,
    )


@dataclass
class Clips:
    """In order of camera and time."""

    states: np.ndarray
    labels: np.ndarray  # states that they are labelled as
    cameras: np.ndarray
    minutes: np.ndarray
    metadata: np.ndarray  # [clips, 4]: better resolution, worse resolution, size, bit rate
    windows: np.ndarray  # [clips, 2]: first frame in view and the one after the last


def draw_rows(random, table):
    """An index for each row of chances."""
    steps = table.cumsum(1)
    return (random.random((len(table), 1)) * steps[:, -1:] >= steps).sum(1)


def draw_clips(random, world, count, frames):
    cameras = np.arange(count) // CAMERA_CLIPS
    first = np.append(True, cameras[1:] != cameras[:-1])
    fresh = draw_rows(random, np.tile(world.shares, (count, 1)))
    stays = (random.random(count) < STAYS) & ~first
    states = fresh.copy()
    for clip in np.flatnonzero(stays):
        states[clip] = states[clip - 1]
    gaps = np.where(first, 0, random.exponential(np.where(stays, *GAPS)))
    minutes = gaps.cumsum()
    for camera in np.flatnonzero(first):
        minutes[camera:camera + CAMERA_CLIPS] -= minutes[camera]
    better = random.random(count) < world.resolution[states]
    sizes = world.sizes[:, states].T + random.standard_normal((count, 2))
    lengths = random.integers(IN_VIEW.start, IN_VIEW.stop, count)
    starts = random.integers(0, frames - lengths + 1)
    return Clips(
        states=states, labels=draw_rows(random, world.labelled[states]), cameras=cameras, minutes=minutes,
        metadata=np.column_stack([better, ~better, sizes]), windows=np.column_stack([starts, starts + lengths]),
    )


def draw_features(random, world, clips, rows, frames):
    """[backbones, rows, frames, width], as float16 keeps them."""
    frame = np.arange(frames)
    seen = (frame >= clips.windows[rows, :1]) & (frame < clips.windows[rows, 1:])
    shifts = world.shifts[:, clips.states[rows]]
    drawn = random.standard_normal((*shifts.shape[:2], frames, shifts.shape[2]), dtype=np.float32)
    offsets = random.standard_normal((*shifts.shape[:2], 1, shifts.shape[2]), dtype=np.float32)
    return (drawn + OFFSET * offsets + seen[None, :, :, None] * shifts[:, :, None]).astype(np.float16)


# ---- What the best of all models knows


def log_sum(values, axis):
    most = values.max(axis, keepdims=True)
    return np.log(np.exp(values - most).sum(axis)) + most.squeeze(axis)


def feature_evidence(world, features):
    """[rows, states]: the logarithm of how much likelier the features are in a state than in a blank clip.

    With S(t) = x(t).m for a state's shift m, a view of n frames is likelier by
    sum of S(t) in view - r n (sum of all S(t)) - |m|^2 (n - r n^2) / 2, r being the offset's part of the noise.
    """
    frames = features.shape[2]
    part = OFFSET**2 / (1 + frames * OFFSET**2)
    views = [(start, start + length) for length in IN_VIEW for start in range(frames - length + 1)]
    chances = [-np.log(len(IN_VIEW) * (frames - (end - start) + 1)) for start, end in views]
    total = np.zeros((len(views), features.shape[1], len(world.shares)))
    for one, shifts in zip(features, world.shifts):
        scores = one.astype(np.float64) @ shifts.T
        sums = np.concatenate([np.zeros_like(scores[:, :1]), scores.cumsum(1)], 1)
        energy = (shifts**2).sum(1)
        for view, (start, end) in enumerate(views):
            length = end - start
            total[view] += sums[:, end] - sums[:, start] - part * length * sums[:, -1]
            total[view] -= energy * (length - part * length**2) / 2
    return log_sum(total + np.array(chances)[:, None, None], 0)


def metadata_evidence(world, clips):
    better = clips.metadata[:, :1] > 0
    evidence = np.where(better, np.log(world.resolution), np.log(1 - world.resolution))
    for index in (0, 1):
        evidence = evidence - (clips.metadata[:, 2 + index, None] - world.sizes[index]) ** 2 / 2
    return evidence


def normalised(values):
    return values / values.sum(-1, keepdims=True)


def stay_chances(clips):
    """Of each clip, the chance that it shows what the one before it shows because it stayed, given the time between."""
    gaps = np.maximum(np.diff(clips.minutes, prepend=0), 0)  # Below 0 from camera to camera: no neighbours.
    same, other = (np.exp(-gaps / mean) / mean for mean in GAPS)
    stays = STAYS * same / (STAYS * same + (1 - STAYS) * other)
    stays[np.append(True, clips.cameras[1:] != clips.cameras[:-1])] = 0
    return stays


def smoothed(world, stays, cameras, evidence):
    """[clips, states]: what each clip shows, given the evidence of all clips of its camera (forward and backward)."""
    likely = np.exp(evidence - evidence.max(1, keepdims=True))
    posterior = np.empty_like(likely)
    for camera in np.unique(cameras):
        rows = np.flatnonzero(cameras == camera)
        forward = np.empty((len(rows), likely.shape[1]))
        before = world.shares
        for place, row in enumerate(rows):
            before = normalised((stays[row] * before + (1 - stays[row]) * world.shares) * likely[row])
            forward[place] = before
        after = np.ones(likely.shape[1])
        for place in range(len(rows) - 1, -1, -1):
            posterior[rows[place]] = normalised(forward[place] * after)
            weighed = likely[rows[place]] * after
            stay = stays[rows[place]]
            after = stay * weighed + (1 - stay) * (world.shares @ weighed)
            after = after / after.max()
    return posterior


def losses(chances, truth):
    """The log loss of exact chances: as these labels came out with its standard error, and as expected over labels."""
    chances = np.clip(chances, 1e-15, 1 - 1e-15)
    found = -np.where(truth > 0, np.log(chances), np.log(1 - chances)).mean(1)
    expected = -(chances * np.log(chances) + (1 - chances) * np.log(1 - chances)).mean(1)
    return {
        "logLoss": found.mean(), "standardError": found.std() / np.sqrt(len(found)), "expected": expected.mean(),
        "expectedStandardError": expected.std() / np.sqrt(len(found)),
    }


def best_losses(world, clips, evidence, folds, labelled):
    truth = world.has[clips.labels]
    chances, stays = world.label_chances, stay_chances(clips)
    alone = normalised(world.shares * np.exp(evidence - evidence.max(1, keepdims=True)))
    near = smoothed(world, stays, clips.cameras, evidence)
    known = np.empty_like(near)
    told = np.log(np.maximum(world.labelled[:, clips.labels].T, 1e-300))
    for fold in range(folds.max() + 1):
        held = folds == fold
        seen = evidence + np.where((labelled & ~held)[:, None], told, 0)
        known[held] = smoothed(world, stays, clips.cameras, seen)[held]
    priors = np.tile(world.shares @ chances, (len(truth), 1))
    return {
        name: losses((states @ chances if name != "priors" else priors)[labelled], truth[labelled])
        for name, states in (("priors", alone), ("clip", alone), ("neighbours", near), ("neighbourLabels", known))
    }


# ---- Files


def write_shard(path, names, tensors):
    """Safetensors: [frames, width] of float16 for each name."""
    header, offset = {}, 0
    for name, tensor in zip(names, tensors):
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors:
            file.write(np.ascontiguousarray(tensor, dtype="<f2").tobytes())


def digits(row):
    return "".join("1" if value else "0" for value in row)


def stratified_folds(random, labels, folds):
    """Clips of each label take turns, in drawn order."""
    order = random.permutation(len(labels))
    drawn = np.empty(len(labels), int)
    for turn, clip in enumerate(order[np.argsort(labels[order], kind="stable")]):
        drawn[clip] = turn % folds
    return drawn


def write_tables(folder, ids, clips, has, labelled):
    names = list(COUNTS)
    for file, chosen in (("labels.csv", labelled), ("truth.csv", ~labelled)):
        with open(folder / file, "w", newline="") as out:
            rows = csv.writer(out, lineterminator="\n")
            rows.writerow(["filename", *names])
            for clip in np.flatnonzero(chosen):
                rows.writerow([f"{ids[clip][:10]}.mp4", *has[clips.labels[clip]].astype(int)])
    with open(folder / "clips.csv", "w", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["filename", "clip", "camera", "seconds"])
        for clip, identity in enumerate(ids):
            rows.writerow(
                [f"{identity[:10]}.mp4", identity, f"camera-{clips.cameras[clip]}", int(clips.minutes[clip] * 60)])


def write_datasets(folder, ids, clips, has, labelled, folds, options, shards):
    sets = [
        {
            "backbone": f"simulated-{index}", "frames": options.frames, "width": options.width,
            "fingerprint": hashlib.sha256(f"simulated backbone {options.seed} {index}".encode()).hexdigest(),
        }
        for index in range(options.backbones)
    ]
    sizes = clips.metadata[:, 2:]
    metadata = np.column_stack([clips.metadata[:, :2], (sizes - sizes.mean(0)) / sizes.std(0)])
    per_set = len(shards) // options.backbones
    for file, chosen in (("dataset.json", labelled), ("unlabelled.json", ~labelled)):
        rows = []
        for clip in sorted(np.flatnonzero(chosen), key=lambda clip: ids[clip]):
            shard = int(clip) // options.shard_clips
            row = {
                "clip": ids[clip], "shards": [index * per_set + shard for index in range(options.backbones)],
                "metadata": [round(float(value), 5) for value in metadata[clip]],
            }
            if labelled[clip]:
                row |= {"labels": digits(has[clips.labels[clip]]), "fold": int(folds[clip])}
            rows.append(row)
        dataset = {"classes": list(COUNTS), "featureSets": sets, "shards": shards, "rows": rows}
        (folder / file).write_text(json.dumps(dataset, separators=(",", ":")))


def make(options):
    # One stream for each purpose, so that more backbones change no clip.
    streams = [np.random.default_rng([options.seed, purpose]) for purpose in range(4)]
    total = options.clips + options.unlabelled
    world = make_world(streams[0], options.clips, options.backbones, options.width, options.strength)
    clips = draw_clips(streams[1], world, total, options.frames)
    labelled = np.ones(total, bool)
    labelled[streams[2].permutation(total)[:options.unlabelled]] = False
    folds = np.full(total, -1)
    folds[labelled] = stratified_folds(streams[2], clips.labels[labelled], options.folds)
    ids = [hashlib.sha256(f"simulated {options.seed} {clip}".encode()).hexdigest() for clip in range(total)]

    folder = options.output
    folder.mkdir(parents=True, exist_ok=True)
    count = -(-total // options.shard_clips)
    paths = [
        str(folder.resolve() / f"simulated-{index}-{shard}.safetensors")
        for index in range(options.backbones) for shard in range(count)
    ]
    evidence = metadata_evidence(world, clips)
    for shard in range(count):
        rows = np.arange(shard * options.shard_clips, min((shard + 1) * options.shard_clips, total))
        features = draw_features(np.random.default_rng([options.seed, 9, shard]), world, clips, rows, options.frames)
        evidence[rows] += feature_evidence(world, features)
        for index in range(options.backbones):
            write_shard(paths[index * count + shard], [ids[row] for row in rows], features[index])
    write_tables(folder, ids, clips, world.has, labelled)
    write_datasets(folder, ids, clips, world.has, labelled, folds, options, paths)
    best = best_losses(world, clips, evidence, folds, labelled)
    (folder / "bayes.json").write_text(json.dumps(best, indent=2) + "\n")
    return best


def arguments(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0], epilog="One seed makes one set.")
    parser.add_argument("output", type=Path, help="the folder to write into")
    parser.add_argument("--clips", type=int, default=20_000, help="labelled clips (default: %(default)s)")
    parser.add_argument("--unlabelled", type=int, default=5_000, help="others (default: %(default)s)")
    parser.add_argument("--backbones", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--frames", type=int, default=12, help="at least 8 (default: %(default)s)")
    parser.add_argument("--width", type=int, default=64, help="features a frame (default: %(default)s)")
    parser.add_argument("--folds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--strength", type=float, default=2.0, help="how far animals stand out (default: %(default)s)")
    parser.add_argument("--shard-clips", type=int, default=2_000, help="clips a shard (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7_961_730, help="default: %(default)s")
    options = parser.parse_args(words)
    least = {"unlabelled": 0, "seed": 0, "frames": 8}
    for name in ("clips", "unlabelled", "backbones", "frames", "width", "folds", "shard_clips", "seed"):
        value = least.get(name, 1)
        if getattr(options, name) < value:
            parser.error(f"--{name.replace('_', '-')} must be at least {value}")
    return options


def main():
    best = make(arguments(sys.argv[1:]))
    print("Best possible mean log loss of the labelled clips:")
    for name, words in (
        ("priors", "answering the priors"), ("clip", "from the clip alone"),
        ("neighbours", "from its neighbours in time too"),
        ("neighbourLabels", "and their labels, but for those of its fold"),
    ):
        loss = best[name]
        print(
            f"  {words + ':':<46}{loss['expected']:.5f} +- {loss['expectedStandardError']:.5f} expected, "
            f"{loss['logLoss']:.5f} +- {loss['standardError']:.5f} with these labels")


if __name__ == "__main__":
    main()
