#!/usr/bin/python3
"""Makes a small data set of drawn camera-trap clips, laid out like the one of the Pri-matrix contest.

Everything is drawn from one seed: still scenes, moving plants, drifting leaves, changing light, and animals whose size,
coat, gait and time in view differ by class and by individual. No footage is used, so the set can be made anywhere.
"""

import argparse
import csv
import functools
import gzip
import hashlib
import io
import json
import os
import shutil
import signal
import string
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from math import cos, pi, sin
from pathlib import Path
from typing import NamedTuple

try:
    import numpy as np
except ImportError:
    print("make-sample-dataset.py: numpy is missing; install the package python3-numpy", file=sys.stderr)
    sys.exit(69)

VERSION = 2
UNAVAILABLE, SOFTWARE, CANNOT_CREATE, INTERRUPTED = 69, 70, 73, 130  # exit statuses, the first three of sysexits.h
CLASSES = (  # the columns of the contest's files; their order is not quite the alphabet's
    "bird", "blank", "cattle", "chimpanzee", "elephant", "forest buffalo", "gorilla", "hippopotamus", "human", "hyena",
    "large ungulate", "leopard", "lion", "other (non-primate)", "other (primate)", "pangolin", "porcupine", "reptile",
    "rodent", "small antelope", "small cat", "wild dog", "duiker", "hog",
)


class Failure(Exception):
    """Something the user can act on. Its text is one sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def random_stream(*key: int | str) -> np.random.Generator:
    """A generator for one purpose. Streams share no state, so it does not matter who draws first."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "little"))


# ---- The plan: which clips there are, and what is in them


class Habit(NamedTuple):
    share: float  # of the clips
    night: float  # of the visits
    company: tuple[str, ...] = ()  # classes that now and then appear in the same clip


HABITS = {
    "blank": Habit(0.45, 0.40),
    "human": Habit(0.11, 0.10, ("chimpanzee", "other (primate)", "elephant")),
    "duiker": Habit(0.11, 0.55, ("other (primate)", "hog", "bird")),
    "other (primate)": Habit(0.10, 0.10),
    "chimpanzee": Habit(0.07, 0.05),
    "hog": Habit(0.06, 0.55),
    "bird": Habit(0.05, 0.10),
    "elephant": Habit(0.05, 0.50),
}
COMPANY_SHARE = 0.2
LABELLED_SHARE = 0.67
DAMAGE = ("empty", "noise", "truncated")
FIRST_DAY = 1_453_593_600  # 2016-01-24 00:00 UTC; fixed, so that a seed gives the same bytes on any day


class Camera(NamedTuple):
    suffix: str
    width: int
    height: int
    rate: int
    weight: float  # of its site in the deal of visits
    codec: tuple[str, ...]
    sound: bool = False


H264 = ("libx264", "-preset", "ultrafast", "-crf", "29")
CAMERAS = (  # one hangs at each site
    Camera(".mp4", 720, 404, 24, 0.16, H264, sound=True),
    Camera(".mp4", 640, 360, 15, 0.20, H264),
    Camera(".mp4", 480, 270, 12, 0.20, H264),
    Camera(".mp4", 426, 240, 30, 0.12, H264, sound=True),
    Camera(".avi", 640, 480, 12, 0.09, ("mpeg4", "-q:v", "9", "-g", "48")),
    Camera(".avi", 320, 240, 15, 0.07, ("mjpeg", "-q:v", "12", "-pix_fmt", "yuvj420p")),
    Camera(".asf", 320, 180, 10, 0.07, ("msmpeg4", "-q:v", "6", "-g", "40")),
    Camera(".mov", 480, 270, 20, 0.09, H264),
)


@dataclass(frozen=True)
class Clip:
    name: str
    site: int
    visit: int
    classes: tuple[str, ...]  # ("blank",) or one or two others
    time: int  # seconds since 1970; the file's modification time
    seconds: int
    labelled: bool = False
    damage: str | None = None

    @property
    def camera(self) -> Camera:
        return CAMERAS[self.site]

    @property
    def night(self) -> bool:
        return not 6 <= self.time // 3600 % 24 < 18


def quotas(count: int) -> dict[str, int]:
    """`count` clips by share, with the largest remainders, so that a small set keeps its rare classes."""
    exact = {name: habit.share * count for name, habit in HABITS.items()}
    whole = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (whole[name] - exact[name], name))
    for name in by_remainder[: count - sum(whole.values())]:
        whole[name] += 1
    return whole


def plan_clips(count: int, seed: int) -> list[Clip]:
    """The clips of a set, site by site in visits: runs of clips of the same animals, a minute or so apart."""
    rng = random_stream(seed, "plan")
    visits: list[tuple[str, int]] = []
    for name, left in quotas(count).items():
        while left:
            visits.append((name, min(left, 1 + int(rng.poisson(1.3)))))
            left -= visits[-1][1]
    day = [0] * len(CAMERAS)
    clips: list[Clip] = []
    for visit, pick in enumerate(rng.permutation(len(visits))):
        name, length = visits[pick]
        site = int(rng.choice(len(CAMERAS), p=[camera.weight for camera in CAMERAS]))
        hour = rng.uniform(18.2, 28.8) if rng.random() < HABITS[name].night else rng.uniform(6.2, 17.2)
        day[site] += int(rng.integers(1, 3))
        time = FIRST_DAY + day[site] * 86_400 + int(hour * 3600)
        for _ in range(length):
            seconds = int(rng.choice((4, 5, 6, 8, 10, 15), p=(0.25, 0.3, 0.2, 0.12, 0.08, 0.05)))
            clips.append(Clip(clip_name(rng, site), site, visit, with_company(rng, name), time, seconds))
            time += seconds + int(rng.integers(15, 200))
    return break_some(rng, label_some(rng, clips))


def clip_name(rng: np.random.Generator, site: int) -> str:
    characters = string.ascii_letters + string.digits
    return "".join(characters[i] for i in rng.integers(len(characters), size=10)) + CAMERAS[site].suffix


def with_company(rng: np.random.Generator, name: str) -> tuple[str, ...]:
    company = HABITS[name].company
    return (name, str(rng.choice(company))) if company and rng.random() < COMPANY_SHARE else (name,)


def label_some(rng: np.random.Generator, clips: list[Clip]) -> list[Clip]:
    """Labels the same share of every class; a plain draw can leave a rare class without any. Shuffles the clips."""
    result: list[Clip] = []
    for name in HABITS:
        group = [clip for clip in clips if clip.classes[0] == name]
        for k, pick in enumerate(rng.permutation(len(group))):
            labelled = int((k + 1) * LABELLED_SHARE + 0.5) > int(k * LABELLED_SHARE + 0.5)
            result.append(replace(group[pick], labelled=labelled))
    return [result[pick] for pick in rng.permutation(len(result))]


def break_some(rng: np.random.Generator, clips: list[Clip]) -> list[Clip]:
    """Marks clips as broken, in turn a labelled one and one of the test part."""
    count = max(round(0.035 * len(clips)), min(len(DAMAGE), len(clips) // 5))
    parts = [[clip for clip in clips if clip.labelled == labelled] for labelled in (True, False)]
    orders = [rng.permutation(len(part)) for part in parts]
    broken = {parts[k % 2][orders[k % 2][k // 2]].name: DAMAGE[k % len(DAMAGE)] for k in range(count)}
    return [replace(clip, damage=broken.get(clip.name)) for clip in clips]


# ---- Drawing: everything that has a shape is made of limbs, and rendered once into sprites

Colour = tuple[float, float, float]
WIDTH = 320  # frames are drawn this wide, and scaled to the camera's size by ffmpeg
PHASES = 12  # pictures of one stride


class Limb(NamedTuple):
    """A tapered capsule from a to b. x points forward, y up, lengths are in units of the animal's length."""

    ax: float
    ay: float
    bx: float
    by: float
    ra: float
    rb: float
    colour: Colour


class Sprite(NamedTuple):
    colour: np.ndarray  # [height, width, channels], already multiplied by the cover
    keep: np.ndarray  # of the same shape: how much of what is behind shows through
    left: int  # of the picture relative to the point where the sprite is put
    top: int

    def mirrored(self) -> "Sprite":
        return Sprite(self.colour[:, ::-1], self.keep[:, ::-1], -self.left - self.keep.shape[1], self.top)


class Placement(NamedTuple):
    sprite: Sprite
    x: float
    y: float


Actor = tuple[float, list[Placement]]  # depth, by which actors cover each other, and one placement per frame


def shade(colour: Colour, factor: float) -> Colour:
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)


def texture(rng: np.random.Generator, height: int, width: int, grain_y: float, grain_x: float) -> np.ndarray:
    """Smooth periodic noise of mean 0 and deviation 1, whose patches are about `grain` pixels long."""
    spectrum = np.fft.rfft2(rng.standard_normal((height, width)))
    fy, fx = np.fft.fftfreq(height)[:, None] * grain_y, np.fft.rfftfreq(width)[None, :] * grain_x
    noise = np.fft.irfft2(spectrum * np.exp(-6.0 * (fy * fy + fx * fx)), s=(height, width))
    return ((noise - noise.mean()) / noise.std()).astype(np.float32)


def tone(colour: np.ndarray, night: bool) -> np.ndarray:
    """The channels a camera records: three by day, one in infrared."""
    return (colour @ np.array((0.4, 0.4, 0.2), np.float32))[..., None] if night else colour


def render(limbs: Iterable[Limb], length: float, coat: np.ndarray, night: bool, opacity: float = 1.0) -> Sprite:
    """Paints limbs, later ones over earlier ones, lit from the upper left. The coat moves with the animal."""
    drawn = [[value * length for value in limb[:6]] + [limb.colour] for limb in limbs]
    left = int(min(min(ax - ra, bx - rb) for ax, _, bx, _, ra, rb, _ in drawn)) - 2
    right = int(max(max(ax + ra, bx + rb) for ax, _, bx, _, ra, rb, _ in drawn)) + 2
    top = int(min(min(-ay - ra, -by - rb) for _, ay, _, by, ra, rb, _ in drawn)) - 2
    bottom = int(max(max(-ay + ra, -by + rb) for _, ay, _, by, ra, rb, _ in drawn)) + 2
    colour = np.zeros((bottom - top, right - left, 3), np.float32)
    cover = np.zeros((bottom - top, right - left, 1), np.float32)
    for ax, ay, bx, by, ra, rb, paint in drawn:
        x0, x1 = int(min(ax - ra, bx - rb)) - 1, int(max(ax + ra, bx + rb)) + 2
        y0, y1 = int(min(-ay - ra, -by - rb)) - 1, int(max(-ay + ra, -by + rb)) + 2
        px, py = np.arange(x0, x1, dtype=np.float32)[None, :] - ax, np.arange(y0, y1, dtype=np.float32)[:, None] + ay
        dx, dy = bx - ax, ay - by
        # numpy's clip takes longer than both together on pictures as small as these.
        along = np.minimum(np.maximum((px * dx + py * dy) / (dx * dx + dy * dy + 1e-6), 0), 1)
        nx, ny, radius = px - along * dx, py - along * dy, ra + (rb - ra) * along
        mine = np.minimum(np.maximum(radius + 0.5 - np.sqrt(nx * nx + ny * ny), 0), 1)[..., None]
        fur = coat[np.arange(y0, y1)[:, None] % coat.shape[0], np.arange(x0, x1) % coat.shape[1]]
        light = 1 + fur - 0.22 * (nx * 0.5 + ny) / (radius + 0.5)
        here = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        colour[here] = colour[here] * (1 - mine) + np.array(paint, np.float32) * light[..., None] * mine
        cover[here] = np.maximum(cover[here], mine)
    seen = tone(colour, night) * opacity
    return Sprite(seen, np.repeat(1 - cover * opacity, seen.shape[2], axis=2), left, top)


def paint(frame: np.ndarray, placement: Placement) -> None:
    sprite, x, y = placement.sprite, round(placement.x) + placement.sprite.left, round(placement.y) + placement.sprite.top
    height, width = sprite.keep.shape[:2]
    x0, x1, y0, y1 = max(x, 0), min(x + width, frame.shape[1]), max(y, 0), min(y + height, frame.shape[0])
    if x0 < x1 and y0 < y1:
        here, there = np.s_[y0:y1, x0:x1], np.s_[y0 - y : y1 - y, x0 - x : x1 - x]
        frame[here] *= sprite.keep[there]
        frame[here] += sprite.colour[there]


# ---- Bodies: the limbs of an animal at one phase of its stride


def chain(x: float, y: float, angle: float, curl: float, length: float, ra: float, rb: float, colour: Colour) -> list[Limb]:
    """A tail, trunk, neck or stem: four limbs in a row, each turned by `curl` against the one before. 0 is forward."""
    limbs = []
    for k in range(4):
        nx, ny = x + cos(angle) * length / 4, y + sin(angle) * length / 4
        limbs.append(Limb(x, y, nx, ny, ra + (rb - ra) * k / 4, ra + (rb - ra) * (k + 1) / 4, colour))
        x, y, angle = nx, ny, angle + curl
    return limbs


def leg(x: float, y: float, phase: float, width: float, colour: Colour, knee: float = -0.1) -> list[Limb]:
    """A leg from the hip at (x, y) to the ground, which swings about the hip and is lifted on its way forward."""
    swing, lift = 0.42 * y * sin(2 * pi * phase), 0.16 * y * max(0.0, cos(2 * pi * phase))
    kx, ky = x + swing * 0.5 + (knee + 0.15 * max(0.0, cos(2 * pi * phase))) * y, y * 0.5 + lift * 0.5
    return [Limb(x, y, kx, ky, width, width * 0.75, colour), Limb(kx, ky, x + swing, lift, width * 0.7, width * 0.5, colour)]


class Build(NamedTuple):
    """The proportions of an animal on four legs, in units of the distance from hip to shoulder."""

    legs: tuple[float, float]  # hind, fore
    leg_width: float
    girth: tuple[float, float]
    neck: tuple[float, float]  # length, angle
    head: float
    snout: float
    ear: float
    tail: tuple[float, float, float]  # length, angle, curl
    pale: tuple[str, ...] = ()  # parts in the second colour
    trunk: float = 0.0
    bound: bool = False  # hind legs together, fore legs together


def four_legged(build: Build, phase: float, resting: bool, coat: Colour, second: Colour) -> list[Limb]:
    hop = 0.12 * abs(sin(2 * pi * phase)) if build.bound and not resting else 0.0
    offsets = (0.0, 0.06, 0.5, 0.56) if build.bound else (0.0, 0.5, 0.25, 0.75)
    steps = [0.0 if resting else phase + offset for offset in offsets]
    colour_of = {part: second if part in build.pale else coat for part in ("tail", "face", "legs")}
    hind, fore = build.legs[0] + hop, build.legs[1] + hop
    length, angle = build.neck[0], build.neck[1] - (0.9 if resting else 0.06 * sin(4 * pi * phase))
    nx, ny = 0.52 + cos(angle) * length, fore + 0.06 + sin(angle) * length
    far, near = shade(colour_of["legs"], 0.6), shade(colour_of["legs"], 0.9)
    limbs = leg(-0.44, hind, steps[0], build.leg_width, far) + leg(0.42, fore, steps[2], build.leg_width, far, 0.02)
    limbs += chain(-0.55, hind + build.girth[0] * 0.5, build.tail[1], build.tail[2], build.tail[0], 0.05, 0.03, colour_of["tail"])
    limbs.append(Limb(-0.4, hind + 0.03, 0.4, fore + 0.03, build.girth[0], build.girth[1], coat))
    limbs.append(Limb(-0.45, hind, -0.4, hind + 0.05, build.girth[0] * 0.8, build.girth[0] * 0.9, coat))
    if "mane" in build.pale:
        limbs.append(Limb(-0.4, hind + build.girth[0], 0.45, fore + build.girth[1], 0.04, 0.05, second))
    limbs.append(Limb(0.42, fore + 0.08, nx, ny, build.girth[1] * 0.75, build.head, coat))
    limbs += leg(-0.38, hind, steps[1], build.leg_width, near) + leg(0.48, fore, steps[3], build.leg_width, near, 0.02)
    limbs.append(Limb(nx, ny, nx + build.snout, ny - build.snout * 0.7, build.head, build.head * 0.6, coat))
    limbs.append(Limb(nx + build.snout * 0.7, ny - build.snout * 0.6, nx + build.snout, ny - build.snout * 0.8,
                      build.head * 0.62, build.head * 0.5, colour_of["face"]))
    limbs.append(Limb(nx - build.head, ny + build.head * 0.5, nx - build.head * 1.2, ny + build.head * 0.9 - build.ear * 0.5,
                      build.ear, build.ear * 0.7, shade(coat, 0.8)))
    if build.trunk:
        limbs += chain(nx + build.snout, ny - 0.1, -1.2, -0.16 + 0.25 * sin(2 * pi * phase), build.trunk, 0.09, 0.04, coat)
        limbs.append(Limb(nx + build.snout * 0.8, ny - 0.14, nx + build.snout + 0.2, ny - 0.3, 0.03, 0.015, (215, 205, 185)))
    return limbs


def human(phase: float, resting: bool, coat: Colour, second: Colour) -> list[Limb]:
    step, swing = (0.0, 0.0) if resting else (phase, 0.55 * sin(2 * pi * phase))
    skin: Colour = (105, 70, 50)
    limbs = leg(-0.01, 0.5, step, 0.05, shade(second, 0.7), 0.04)
    limbs += chain(0.0, 0.79, -pi / 2 - swing, 0.12, 0.36, 0.035, 0.025, shade(coat, 0.7))
    limbs += leg(0.01, 0.5, step + 0.5, 0.055, second, 0.04)
    limbs += [Limb(0, 0.52, 0.01, 0.77, 0.085, 0.1, coat), Limb(0.01, 0.83, 0.03, 0.91, 0.045, 0.06, skin)]
    limbs.append(Limb(0.015, 0.95, 0.035, 0.955, 0.05, 0.05, shade(second, 0.6)))
    return limbs + chain(0.0, 0.79, -pi / 2 + swing, 0.12, 0.36, 0.035, 0.025, coat)


def walking_bird(phase: float, resting: bool, coat: Colour, second: Colour) -> list[Limb]:
    hx, hy = (0.62, 0.2) if resting else (0.42 + 0.08 * sin(4 * pi * phase), 0.95)
    limbs = leg(-0.02, 0.4, phase, 0.05, (150, 110, 60), 0.05) + leg(0.04, 0.4, phase + 0.5, 0.05, (170, 120, 60), 0.05)
    limbs += chain(-0.4, 0.6, 2.8, 0.1, 0.55, 0.14, 0.06, shade(coat, 0.7))
    limbs += [Limb(-0.28, 0.58, 0.2, 0.6, 0.2, 0.22, coat), Limb(0.25, 0.66, hx, hy, 0.13, 0.1, coat)]
    return limbs + [Limb(hx, hy, hx + 0.07, hy, 0.13, 0.1, second), Limb(hx + 0.12, hy, hx + 0.3, hy - 0.06, 0.05, 0.02, (220, 180, 80))]


def flying_bird(phase: float, resting: bool, coat: Colour, second: Colour) -> list[Limb]:
    beat = 0.8 * sin(2 * pi * phase)
    limbs = chain(-0.3, 0.0, pi, 0.0, 0.45, 0.1, 0.12, shade(coat, 0.7)) + [Limb(-0.25, 0, 0.3, 0.02, 0.14, 0.13, coat)]
    limbs.append(Limb(0.4, 0.06, 0.55, 0.05, 0.11, 0.04, second))
    return limbs + [Limb(0.1, 0.05, -0.05, beat * 0.6, 0.15, 0.13, shade(coat, 1.2)), Limb(-0.05, beat * 0.6, -0.25, beat, 0.13, 0.05, coat)]


DUIKER = Build((0.52, 0.46), 0.045, (0.19, 0.16), (0.34, 0.75), 0.085, 0.17, 0.05, (0.16, -2.2, 0.0), ("tail",))
HOG = Build((0.34, 0.38), 0.06, (0.22, 0.25), (0.26, -0.05), 0.16, 0.27, 0.08, (0.3, -2.0, 0.0), ("mane",))
ELEPHANT = Build((0.62, 0.66), 0.13, (0.33, 0.32), (0.2, 0.4), 0.2, 0.12, 0.22, (0.4, -1.9, 0.0), (), 0.75)
CHIMPANZEE = Build((0.36, 0.64), 0.085, (0.19, 0.25), (0.2, 0.8), 0.19, 0.08, 0.06, (0.05, pi, 0.0), ("face",))
MONKEY = Build((0.4, 0.36), 0.05, (0.15, 0.14), (0.14, 0.5), 0.12, 0.07, 0.04, (1.1, 2.4, -0.35), ("face", "legs"), 0, True)


# ---- Animals: what a class looks like and how it moves

Body = Callable[[float, bool, Colour, Colour], list[Limb]]


class Animal(NamedTuple):
    name: str  # the class
    body: Body
    length: float  # pixels, in the middle of the scene
    pace: float  # lengths per second
    rest: float  # share of the time
    group: int  # at most
    coats: tuple[tuple[Colour, Colour], ...]
    fur: tuple[float, float, float]  # strength and grain of the coat's texture
    altitude: float = 0.0  # pixels above the ground


ANIMALS = (
    Animal("duiker", functools.partial(four_legged, DUIKER), 44, 0.9, 0.45, 1,
           (((150, 88, 48), (225, 215, 200)), ((112, 98, 82), (205, 195, 180)), ((165, 104, 60), (120, 60, 30))), (0.08, 4, 4)),
    Animal("hog", functools.partial(four_legged, HOG), 50, 1.1, 0.35, 3,
           (((150, 82, 46), (168, 146, 120)), ((66, 56, 50), (104, 92, 82))), (0.22, 2, 5)),
    Animal("elephant", functools.partial(four_legged, ELEPHANT), 125, 0.32, 0.3, 2, (((122, 116, 110), (0, 0, 0)),), (0.09, 3, 7)),
    Animal("chimpanzee", functools.partial(four_legged, CHIMPANZEE), 52, 0.75, 0.4, 2,
           (((34, 31, 32), (105, 82, 68)), ((46, 42, 40), (60, 48, 42))), (0.2, 5, 2)),
    Animal("other (primate)", functools.partial(four_legged, MONKEY), 32, 2.0, 0.4, 3,
           (((118, 112, 82), (60, 56, 50)), ((150, 84, 56), (70, 45, 38)), ((96, 98, 92), (205, 200, 190))), (0.15, 3, 2)),
    Animal("human", human, 98, 0.5, 0.25, 2,
           (((92, 100, 64), (70, 66, 58)), ((50, 74, 130), (58, 52, 50)), ((160, 58, 48), (52, 58, 82)), ((178, 166, 138), (92, 78, 58))),
           (0.08, 6, 3)),
    Animal("bird", walking_bird, 21, 1.3, 0.5, 2, (((52, 48, 58), (205, 60, 50)), ((132, 112, 92), (90, 110, 150))), (0.15, 2, 4)),
    Animal("bird", flying_bird, 24, 4.5, 0.0, 2, (((62, 56, 60), (90, 90, 96)), ((220, 215, 205), (200, 190, 170))), (0.1, 2, 4), 62),
)



class Shot(NamedTuple):
    """What the film of one clip is made under."""

    scene: "Scene"
    frames: int
    rate: int
    night: bool


def walk(animal: Animal, rng: np.random.Generator, length: float, facing: int, shot: Shot) -> tuple[np.ndarray, list]:
    """Walking and resting by turns: where the animal is in each frame, and (phase, resting, facing) of its picture."""
    pace = animal.pace * length * float(np.exp(rng.normal(0, 0.3))) / shot.rate
    moves, turns = np.zeros(shot.frames), np.zeros(shot.frames, int)
    start = 0
    while start < shot.frames:
        resting = rng.random() < animal.rest
        end = start + max(1, int(rng.uniform(0.6, 2.8) * shot.rate))
        facing = -facing if resting and rng.random() < 0.25 else facing
        moves[start:end], turns[start:end] = 0 if resting else pace, facing
        start = end
    resting_phase = np.arange(shot.frames) / shot.rate * 0.5
    phase = np.where(moves > 0, np.cumsum(moves) / (0.8 * length), resting_phase)
    steps = [(int(p * PHASES) % PHASES, m == 0, int(f)) for p, m, f in zip(phase, moves, turns)]
    return np.cumsum(moves * turns), steps


def act(animal: Animal, rng: np.random.Generator, visit: np.random.Generator, shot: Shot) -> list[Actor]:
    """A group of one kind. `visit` draws who they are, the same in all clips of a visit; `rng` what they do in this one."""
    coats = [shade(c, float(visit.uniform(0.85, 1.2))) for c in animal.coats[visit.integers(len(animal.coats))]]
    fur = animal.fur[0] * texture(visit, 128, 128, *animal.fur[1:])
    size, members = animal.length * float(np.exp(visit.normal(0, 0.17))), 1 + int(visit.integers(animal.group))
    nearness, facing = rng.uniform(0.1, 0.9), int(rng.choice((-1, 1)))
    when, where = rng.uniform(0.15, 0.85) * shot.frames, rng.uniform(0.2, 0.8) * WIDTH  # so it is in view at least then
    actors: list[Actor] = []
    for member in range(members):
        near = float(np.clip(nearness + rng.normal(0, 0.12), 0, 1))
        length = size * (0.62 + 0.7 * near) * (float(visit.uniform(0.75, 1)) if member else 1.0)
        ground = shot.scene.horizon + (len(shot.scene.background) - shot.scene.horizon) * (0.14 + 0.8 * near)

        @functools.cache
        def picture(phase: int, resting: bool, facing: int) -> Sprite:
            sprite = render(animal.body(phase / PHASES, resting, *coats), length, fur, shot.night)
            return sprite if facing > 0 else sprite.mirrored()

        x, steps = walk(animal, rng, length, facing, shot)
        now = int(np.clip(when + member * rng.normal(0, 0.8) * shot.rate, 0, shot.frames - 1))
        x = x - x[now] + where
        actors.append((ground, [Placement(picture(*step), at, ground - animal.altitude) for at, step in zip(x, steps)]))
        if not shot.night and not animal.altitude:
            shadow = render([Limb(-0.3, 0, 0.3, 0, 0.07, 0.07, (12, 14, 12))], min(length, 90.0), fur * 0, False, 0.4)
            actors.append((ground - 0.1, [Placement(shadow, at, ground) for at in x]))
    return actors


# ---- Scenes: what a site looks like, and what moves there without being an animal


class Plant(NamedTuple):
    x: float
    y: float
    depth: float
    rate: float  # of its swaying, radians per second
    bent: Callable[[int], Sprite]  # by 0 ..< BENDS, from left to right


class Scene(NamedTuple):
    background: np.ndarray
    light: np.ndarray
    horizon: float
    trunks: list[tuple[float, Placement]]
    plants: list[Plant]


BENDS = 9  # pictures of a plant in the wind


@functools.cache
def scene_of(site: int, night: bool) -> Scene:
    """The view of a site's camera. It depends on no seed, so clips of all seeds come from the same places."""
    rng, camera = random_stream("site", site), CAMERAS[site]
    height = round(WIDTH * camera.height / camera.width / 2) * 2
    horizon = height * rng.uniform(0.3, 0.48)
    background, light = landscape(rng, height, horizon, night)
    bark, leaves = 0.22 * texture(rng, 128, 128, 16, 2), 0.1 * texture(rng, 128, 128, 3, 3)
    trunks = []
    for _ in range(rng.integers(3, 8)):
        depth = horizon + (height - horizon) * rng.uniform(0.0, 0.5) ** 1.5
        width, brown = 3 + 9 * (depth - horizon) / (height - horizon) + rng.uniform(0, 3), shade((98, 82, 64), rng.uniform(0.6, 1.1))
        trunk = render([Limb(0, 0, rng.normal(0, 12), depth + 20, width * 1.15, width * 0.8, brown)], 1.0, bark, night)
        trunks.append((float(depth), Placement(trunk, rng.uniform(0, WIDTH), float(depth))))
    plants = []
    for k in range(rng.integers(5, 8)):
        hanging = k < 2
        x, y = rng.uniform(0, WIDTH), -4.0 if hanging else horizon + (height - horizon) * rng.uniform(0.1, 1.1)
        bent = functools.cache(functools.partial(bent_plant, f"{site}/{k}", hanging, leaves, night))
        plants.append(Plant(x, y, float("inf") if hanging else y, rng.uniform(1.2, 3.5), bent))
    return Scene(background, light, horizon, trunks, plants)


def landscape(rng: np.random.Generator, height: int, horizon: float, night: bool) -> tuple[np.ndarray, np.ndarray]:
    """The ground and the foliage behind it without light, and the light that falls on the scene."""

    def grain(*octaves: tuple[float, float, float]) -> np.ndarray:
        return 1 + sum(weight * texture(rng, height, WIDTH, y, x) for weight, y, x in octaves)[..., None]

    rows, columns = np.mgrid[:height, :WIDTH].astype(np.float32)
    forest = np.array((66, 86, 46), np.float32) * rng.uniform(0.75, 1.15, 3).astype(np.float32)
    forest = forest * grain((0.28, 30, 24), (0.2, 8, 7), (0.22, 3, 3))
    gaps = np.clip(texture(rng, height, WIDTH, 16, 12) - 1.0 - rows / horizon, 0, 0.6)[..., None] * 1.6
    forest = forest * (1 - gaps) + np.array((188, 200, 192), np.float32) * gaps
    soil = np.array((114, 94, 68), np.float32) * rng.uniform(0.75, 1.2, 3).astype(np.float32)
    soil = soil * grain((0.16, 30, 90), (0.1, 5, 14), (0.14, 2, 4))
    edge = np.clip((rows - horizon + 5 * texture(rng, height, WIDTH, 40, 25)) / 8, 0, 1)[..., None]
    background = forest * (1 - edge) + soil * edge
    if night:  # a lamp at the camera: bright in the middle and near, and nearly nothing behind
        radius = ((columns / WIDTH - 0.5) ** 2 + (rows / height - 0.55) ** 2)[..., None]
        light = 1.8 * np.exp(-2.8 * radius) * (0.4 + 0.6 * edge)
    else:
        light = 1 + 0.2 * np.clip(texture(rng, height, WIDTH, 26, 34), -1.5, 2)[..., None]
    return np.clip(tone(background, night), 0, 255).astype(np.float32), light.astype(np.float32)


def bent_plant(name: str, hanging: bool, coat: np.ndarray, night: bool, bend: int) -> Sprite:
    rng = random_stream("plant", name)  # anew for every bend, so that each draws the same plant
    lean = bend / (BENDS // 2) - 1
    size, green = rng.uniform(50, 100) if hanging else rng.uniform(24, 70), shade((70, 104, 44), rng.uniform(0.6, 1.2))
    limbs: list[Limb] = []
    for _ in range(rng.integers(3, 7)):
        angle, curl = (-pi / 2 if hanging else pi / 2) + rng.normal(0, 0.45) - 0.3 * lean, rng.normal(0, 0.1) - 0.12 * lean
        stem = chain(rng.normal(0, 5), 0, angle, curl, size * rng.uniform(0.6, 1.1), 1.5, 0.7, shade(green, 0.6))
        limbs += stem
        for limb in [*stem[1:], *stem[1:]]:
            turn, reach, colour = angle + rng.uniform(-1.3, 1.3) - 0.4 * lean, rng.uniform(6, 14), shade(green, rng.uniform(0.7, 1.35))
            limbs.append(Limb(limb.bx, limb.by, limb.bx + cos(turn) * reach, limb.by + sin(turn) * reach, 2.8, 0.8, colour))
    return render(limbs, 1.0, coat, night)


def sway(plant: Plant, rng: np.random.Generator, wind: float, shot: Shot) -> list[Placement]:
    seconds = np.arange(shot.frames) / shot.rate
    first, second, gust = rng.uniform(0, 2 * pi, 3)
    bend = 0.65 * np.sin(plant.rate * seconds + first) + 0.35 * np.sin(2.3 * plant.rate * seconds + second)
    bend = wind * bend * (0.6 + 0.4 * np.sin(0.7 * seconds + gust)) + 0.5 * wind - 0.25
    levels = np.clip(np.rint((bend + 1) * (BENDS // 2)), 0, BENDS - 1).astype(int)
    return [Placement(plant.bent(int(level)), plant.x, plant.y) for level in levels]


def drift(rng: np.random.Generator, shot: Shot) -> list[Placement]:
    """A leaf that falls by day, or a moth in the lamp's light by night: as small and as quick as a bird."""
    size = rng.uniform(2, 6)
    colour = (235, 235, 225) if shot.night else shade((150, 120, 60), rng.uniform(0.5, 1.3))
    turned = [Limb(-cos(a), -sin(a), cos(a), sin(a), 0.7, 0.3, colour) for a in (0.2, 0.9, 1.7, 2.5)]
    sprites = [render([limb], size, np.zeros((8, 8)), shot.night) for limb in turned]
    seconds = np.arange(shot.frames) / shot.rate - rng.uniform(0, shot.frames / shot.rate - 1)
    swing, beat, phase = rng.uniform(8, 40), rng.uniform(1.5, 5), rng.uniform(0, 2 * pi)
    x = rng.uniform(30, WIDTH - 30) + rng.normal(0, 20) * seconds + swing * np.sin(beat * seconds + phase)
    y = rng.uniform(0.1, 0.5) * len(shot.scene.background) + (0 if shot.night else 30) * seconds
    y = y + 0.5 * swing * np.sin(1.7 * beat * seconds)
    return [Placement(sprites[k // 3 % 4], at_x, at_y) for k, (at_x, at_y) in enumerate(zip(x, y))]


# ---- Films: the frames of a clip


def film(clip: Clip, seed: int) -> Iterator[bytes]:
    """The frames as raw video, WIDTH pixels wide: RGB by day, grey by night."""
    rng, visit = random_stream(seed, "clip", clip.name), random_stream(seed, "visit", clip.visit)
    scene = scene_of(clip.site, clip.night)
    shot = Shot(scene, clip.seconds * clip.camera.rate, clip.camera.rate, clip.night)
    blank = clip.classes == ("blank",)
    wind = visit.uniform(0.35, 1.0) if blank and visit.random() < 0.7 else visit.uniform(0.0, 0.7)
    actors: list[Actor] = [(depth, [placement] * shot.frames) for depth, placement in scene.trunks]
    actors += [(plant.depth, sway(plant, rng, wind, shot)) for plant in scene.plants]
    if rng.random() < (0.4 if blank else 0.15):
        actors.append((float(rng.uniform(scene.horizon, len(scene.background))), drift(rng, shot)))
    for name in clip.classes if not blank else ():
        kinds = [animal for animal in ANIMALS if animal.name == name]
        actors += act(kinds[visit.integers(len(kinds))], rng, visit, shot)
    actors.sort(key=lambda actor: actor[0])
    gain = visit.uniform(0.75, 1.15) * brightness(rng, shot, 0.3 if blank else 0.15)
    deviation = 9.0 if clip.night else 4.0
    grain = (rng.standard_normal(np.add(scene.background.shape, (64, 64, 0))) * deviation).astype(np.float32)
    shifts = rng.integers(0, 64, (shot.frames, 2))
    for k, (top, left) in enumerate(shifts):
        frame = scene.background.copy()
        for _, placements in actors:
            paint(frame, placements[k])
        frame *= scene.light * gain[k]
        frame += grain[top : top + frame.shape[0], left : left + frame.shape[1]]
        yield np.clip(frame, 0, 255, out=frame).astype(np.uint8).tobytes()


def brightness(rng: np.random.Generator, shot: Shot, chance: float) -> np.ndarray:
    """Now and then a cloud passes; at night the camera settles on its lamp."""
    seconds = np.arange(shot.frames) / shot.rate
    if rng.random() >= chance:
        return np.ones(shot.frames, np.float32)
    if shot.night:
        return (1 + rng.uniform(0.3, 0.9) * np.exp(-seconds / 0.5)).astype(np.float32)
    passed = 1 / (1 + np.exp(-(seconds - rng.uniform(0.2, 0.8) * seconds[-1]) / rng.uniform(0.15, 0.8)))
    return (1 + rng.uniform(-0.35, 0.35) * passed).astype(np.float32)


def encode(clip: Clip, seed: int, raw: Path, micro: Path) -> None:
    """One run of ffmpeg for both sizes. Its settings keep clocks, versions and thread counts out of the bytes."""
    camera, height = clip.camera, len(scene_of(clip.site, clip.night).background)
    exact = ["-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-filter_threads", "1", "-f", "rawvideo"]
    command += ["-pix_fmt", "gray" if clip.night else "rgb24", "-s", f"{WIDTH}x{height}", "-r", str(camera.rate), "-i", "pipe:0"]
    if camera.sound:
        noise = f"anoisesrc=color=pink:amplitude=0.02:sample_rate=16000:seed={clip.visit}:duration={clip.seconds}"
        command += ["-f", "lavfi", "-i", noise, "-map", "1:a", "-c:a", "libmp3lame", "-b:a", "32k"]
    scale = "scale={}:{}:flags=bilinear+accurate_rnd+bitexact"
    command += ["-map", "0:v", "-vf", scale.format(camera.width, camera.height), "-pix_fmt", "yuv420p", "-c:v", *camera.codec]
    command += [*exact, str(raw), "-map", "0:v", "-vf", "fps=2," + scale.format(64, 64), "-pix_fmt", "yuv420p"]
    command += ["-c:v", "libx264", "-preset", "fast", "-crf", "23", *exact, "-f", "mp4", str(micro)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        for frame in film(clip, seed):
            process.stdin.write(frame)
    except BrokenPipeError:
        pass  # ffmpeg says below why it stopped
    _, complaint = process.communicate()
    if process.returncode:
        lines = complaint.decode(errors="replace").strip().splitlines() or ["it did not say why"]
        raise Failure(SOFTWARE, f"ffmpeg could not write {raw.name}: {lines[-1]}")


def damage(clip: Clip, seed: int, raw: Path, micro: Path) -> None:
    """What a full disk, a lost connection and a worn memory card leave behind. The micro set has some of it, some not."""
    if clip.damage == "empty":
        raw.write_bytes(b"")
        micro.write_bytes(b"")
    elif clip.damage == "noise":
        raw.write_bytes(random_stream(seed, "noise", clip.name).bytes(40_000))
        micro.unlink()
    elif clip.damage == "truncated":
        for path in (raw, micro):
            os.truncate(path, path.stat().st_size * 55 // 100)


def make_clip(clip: Clip, seed: int, folder: Path) -> None:
    raw, micro = folder / "raw" / clip.name, folder / "micro" / clip.name
    encode(clip, seed, raw, micro)
    damage(clip, seed, raw, micro)
    for path in (raw, micro):
        if path.exists():
            os.utime(path, (clip.time, clip.time))


# ---- The set: archives, tables, and a folder that is there completely or not at all


def pack(archive: Path, folder: Path) -> None:
    """A compressed tar file of a folder whose bytes depend on names, times and contents alone."""
    members = sorted(folder.iterdir())
    with open(archive, "wb") as file, gzip.GzipFile("", "wb", 1, file, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for path in [folder, *members]:
                entry = tarfile.TarInfo(path.name if path == folder else f"{folder.name}/{path.name}")
                entry.type, entry.mode = (tarfile.DIRTYPE, 0o755) if path == folder else (tarfile.REGTYPE, 0o644)
                entry.mtime = FIRST_DAY if path == folder else int(path.stat().st_mtime)
                entry.size = 0 if path == folder else path.stat().st_size
                tar.addfile(entry, None if path == folder else io.BytesIO(path.read_bytes()))


def write_table(path: Path, clips: list[Clip], known: bool) -> None:
    with open(path, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["filename", *CLASSES])
        for clip in clips:
            rows.writerow([clip.name, *(int(known and name in clip.classes) for name in CLASSES)])


def describe(clips: list[Clip], folder: Path, parameters: dict) -> dict:
    def count(part: list[Clip]) -> dict[str, int]:
        return {name: sum(name in clip.classes for clip in part) for name in CLASSES if name in HABITS}

    return {
        "made_by": "make-sample-dataset.py",
        "parameters": parameters,
        "labelled": count([clip for clip in clips if clip.labelled]),
        "test": count([clip for clip in clips if not clip.labelled]),
        "broken": {clip.name: clip.damage for clip in clips if clip.damage},
        "files": {
            path.name: {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in sorted(folder.iterdir()) if path.is_file()
        },
    }


def ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; a worker ends with its clip


def fill(folder: Path, parameters: dict, processes: int) -> None:
    """Makes the whole set in an empty folder."""
    seed = parameters["seed"]
    clips = plan_clips(parameters["clips"], seed)
    for name in ("raw", "micro"):
        (folder / name).mkdir()
    with ProcessPoolExecutor(processes, initializer=ignore_interrupts) as pool:
        for done, _ in enumerate(pool.map(functools.partial(make_clip, seed=seed, folder=folder), clips), 1):
            if sys.stderr.isatty():
                print(f"\rmade {done} of {len(clips)} clips", end="" if done < len(clips) else "\n", file=sys.stderr, flush=True)
    pack(folder / "raw.tar.gz", folder / "raw")
    pack(folder / "micro.tgz", folder / "micro")
    labelled, test = [clip for clip in clips if clip.labelled], [clip for clip in clips if not clip.labelled]
    write_table(folder / "train_labels.csv", labelled, known=True)
    write_table(folder / "submission_format.csv", test, known=False)
    write_table(folder / "test_truth.csv", test, known=True)
    (folder / "dataset.json").write_text(json.dumps(describe(clips, folder, parameters), indent=2) + "\n")
    shutil.rmtree(folder / "micro")
    if parameters["keep_clips"]:
        (folder / "raw").rename(folder / "clips")
    else:
        shutil.rmtree(folder / "raw")


def is_made(out: Path, parameters: dict) -> bool:
    """Whether `out` is this very set. Anything else in its place is left alone."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return False
    try:
        if json.loads((out / "dataset.json").read_text())["parameters"] == parameters:
            return True
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise Failure(CANNOT_CREATE, f"{out} holds something else; remove it, or name another folder with --out")


def make_dataset(out: Path, parameters: dict, processes: int) -> None:
    if is_made(out, parameters):
        print(f"{out} is already made with these parameters; nothing to do")
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
    try:
        fill(scratch, parameters, processes)
        scratch.chmod(0o755)
        scratch.rename(out)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"made {out}: {parameters['clips']} clips of seed {parameters['seed']}")


def make_one_more(file: Path, seed: int) -> None:
    """One clip as a camera would add it: it appears under its name only when it is complete."""
    rng = random_stream(seed, "one more")
    sites = [site for site, camera in enumerate(CAMERAS) if camera.suffix == file.suffix]
    if not sites:
        raise Failure(CANNOT_CREATE, f"{file} must end in one of " + ", ".join(sorted({c.suffix for c in CAMERAS})))
    if file.exists():
        raise Failure(CANNOT_CREATE, f"{file} exists already")
    name = str(rng.choice([name for name in HABITS if name != "blank"]))
    time = FIRST_DAY + 200 * 86_400 + int(rng.integers(86_400))
    clip = Clip(file.name, int(rng.choice(sites)), 0, (name,), time, int(rng.integers(5, 10)))
    partial = file.with_name(f".{file.name}.partial")
    with tempfile.TemporaryDirectory() as scratch:
        for part in ("raw", "micro"):
            (Path(scratch) / part).mkdir()
        make_clip(clip, seed, Path(scratch))
        try:
            shutil.copy2(Path(scratch) / "raw" / file.name, partial)
            partial.rename(file)
        finally:
            partial.unlink(missing_ok=True)
    print(f"made {file}: {name}, by {'night' if clip.night else 'day'}")


# ---- The command


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Makes a small data set of drawn camera-trap clips, laid out like the one of the Pri-matrix contest: "
        "raw.tar.gz, micro.tgz, train_labels.csv, submission_format.csv, and test_truth.csv with the answers.",
        epilog="The same seed makes the same bytes, however many processes make them. A few clips are broken on purpose.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="DIR", help="the folder to make; it must be new or empty")
    what.add_argument("--one-more", type=Path, metavar="FILE", help="write only one further clip, such as one.mp4")
    parser.add_argument("--clips", type=int, default=120, metavar="N", help="how many clips (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7_961_730, metavar="S", help="default: %(default)s")
    parser.add_argument("--keep-clips", action="store_true", help="leave the clips in DIR/clips as well")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1), metavar="P", help="default: %(default)s")
    options = parser.parse_args(arguments)
    for name in ("clips", "processes"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that being ended cleans up as Ctrl-C does
    try:
        if shutil.which("ffmpeg") is None:
            raise Failure(UNAVAILABLE, "the command ffmpeg is missing; install the package ffmpeg")
        if options.one_more:
            make_one_more(options.one_more, options.seed)
        else:
            parameters = {"version": VERSION, "clips": options.clips, "seed": options.seed, "keep_clips": options.keep_clips}
            make_dataset(options.out, parameters, options.processes)
    except Failure as failure:
        print(f"make-sample-dataset.py: {failure}", file=sys.stderr)
        return failure.status
    except OSError as error:
        print(f"make-sample-dataset.py: {error}", file=sys.stderr)
        return CANNOT_CREATE
    except KeyboardInterrupt:
        print("make-sample-dataset.py: interrupted; nothing is left behind", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
