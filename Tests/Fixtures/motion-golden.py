#!/usr/bin/python3
"""Works out features of builtin/motion in NumPy (float64, plain loops over windows) and prints them as JSON.

    Tests/Fixtures/motion-golden.py > Tests/Fixtures/motion-golden.json

It says what the features mean, independently of the graph that Swift builds; the clip is drawn the same way in
MotionTests.swift.
"""

import json

import numpy as np

FRAMES, SIDE, SMALL, CROP = 30, 128, 64, 32
SHOWN = (0, 7, 19, 29)


def clip():
    """A patch that walks over a still, noisy ground; five frames are darker, and the last ten repeat the one before."""
    t, y, x, c = np.ogrid[:FRAMES, :SIDE, :SIDE, :3]
    ground = 60 + (x * 3 + y * 5 + c * 40) % 64
    noise = (x * 31 + y * 57 + t * 101 + c * 13 + x * y * (t + 3)) % 5
    patch = (x >= 8 + 3 * t) & (x < 40 + 3 * t) & (y >= 50) & (y < 70)
    frames = np.where(patch, 200 - 50 * c + (x * y) % 17, ground) + noise
    frames = np.where((t >= 5) & (t < 10), frames * 9 // 10, frames)
    frames[20:] = frames[19]
    return frames.astype(np.float64)


def shrunk(a, factor):  # [n, c, h, w]
    n, c, h, w = a.shape
    return a.reshape(n, c, h // factor, factor, w // factor, factor).mean((3, 5))


def boxed(a, height, width):
    h, w = a.shape[2:]
    out = np.empty_like(a)
    for i in range(h):
        for j in range(w):
            rows = slice(max(0, i - height // 2), i + (height + 1) // 2)
            columns = slice(max(0, j - width // 2), j + (width + 1) // 2)
            out[..., i, j] = a[..., rows, columns].mean((2, 3))
    return out


def mean(a, weight, axes):
    return (a * weight).sum(axes, keepdims=True) / np.broadcast_to(weight, a.shape).sum(axes, keepdims=True)


def scene(small):
    fresh = np.ones((FRAMES, 1, 1, 1))
    fresh[1:, 0, 0, 0] = [(small[k] != small[k - 1]).any() for k in range(1, FRAMES)]
    exposure = small.mean((1, 2, 3), keepdims=True) + 0.02
    exposure = exposure / mean(exposure, fresh, 0)
    weight, background = fresh, mean(small / exposure, fresh, 0)
    for _ in range(3):
        energy = ((small / exposure - background) ** 2).mean(1, keepdims=True)
        scale = mean(energy, weight, (0, 2, 3)) + 3.5e-5
        trust = (1 + energy / (3 * scale)) ** -2
        exposure = mean(small * background, trust, (1, 2, 3)) / mean(np.broadcast_to(background**2, small.shape), trust, (1, 2, 3))
        weight = fresh * trust
        background = mean(small / exposure, weight, 0)
    return exposure, weight, small / exposure, background


def excess(energy, weight):
    noise = mean(energy, weight, (0, 2, 3))
    local = boxed((energy * weight).sum(0, keepdims=True) / (weight.sum(0, keepdims=True) + 0.1), 3, 3)
    ratio = np.sqrt(boxed(energy, 3, 3) / (noise + local + 3.5e-5))
    return np.clip((ratio - 1.8) / 3, 0, 1), noise


def square(mask):
    """Centre, half side and presence of the moving region."""
    axis = (np.arange(SMALL) + 0.5) * 2 / SMALL - 1
    y, x = axis[:, None], axis[None, :]
    compact = mask[:, 0] * boxed(mask, 9, 9)[:, 0] ** 2
    result = []
    for k in range(FRAMES):
        total = compact[k].sum() + 1e-3
        fx, fy = (compact[k] * x).sum() / total, (compact[k] * y).sum() / total
        near = np.sqrt(compact[k]) * np.exp(-4 * ((x - fx) ** 2 + (y - fy) ** 2))
        mass = near.sum() + 1e-3
        cx, cy = (near * x).sum() / mass, (near * y).sum() / mass
        sx = np.sqrt((near * (x - cx) ** 2).sum() / mass + 4e-4)
        sy = np.sqrt((near * (y - cy) ** 2).sum() / mass + 4e-4)
        result.append((cx, cy, np.clip(2.2 * max(sx, sy) + 0.04, 0.08, 1)))
    presence = np.clip(boxed(mask, 5, 5).max((1, 2, 3)) * 1.6 - 0.2, 0, 1)
    return result, presence


def sample(a, cx, cy, half):
    """Bilinear, the border repeated: [c, h, w] to [c, CROP, CROP]."""
    axis = (np.arange(CROP) + 0.5) * 2 / CROP - 1
    side = a.shape[-1]
    out = np.zeros((a.shape[0], CROP, CROP))
    for i in range(CROP):
        for j in range(CROP):
            px, py = ((axis[j] * half + cx + 1) * side - 1) / 2, ((axis[i] * half + cy + 1) * side - 1) / 2
            x0, y0 = int(np.floor(px)), int(np.floor(py))
            for yy, wy in ((y0, y0 + 1 - py), (y0 + 1, py - y0)):
                for xx, wx in ((x0, x0 + 1 - px), (x0 + 1, px - x0)):
                    out[:, i, j] += wx * wy * a[:, min(max(yy, 0), side - 1), min(max(xx, 0), side - 1)]
    return out


def features():
    frames = clip().transpose(0, 3, 1, 2)
    small = shrunk(frames, 2) / 255
    exposure, weight, picture, background = scene(small)
    residual = picture - background
    near, noise = excess((residual**2).mean(1, keepdims=True), weight)
    wide, _ = excess((shrunk(residual, 2) ** 2).mean(1, keepdims=True), shrunk(weight, 2))
    mask = np.maximum(near, wide.repeat(2, 2).repeat(2, 3))
    luma = picture.mean(1, keepdims=True)
    area = mask.mean((1, 2, 3))
    places, presence = square(mask)
    change = np.abs(np.diff(mask, axis=0, prepend=mask[:1]))
    insides, tints, outlines = [], [], []
    for k, (cx, cy, half) in enumerate(places):
        seen = sample(frames[k], cx, cy, half) / 255 / exposure[k]
        cover = sample(mask[k], cx, cy, half)
        share = cover / (cover.mean() + 1e-3)
        insides.append((seen.mean(0) * share).mean())
        tints.append(((seen[0] - seen.mean(0)) * share).mean())
        cells = cover[0].reshape(8, 4, 8, 4).mean((1, 3))
        outlines.append((cells + cells[:, ::-1])[:, :4] / (cells.max() + 0.05))
    ones = np.ones(FRAMES)
    columns = {
        0: (luma.mean((1, 2, 3)) - 0.3) * 10,
        1: (np.abs(picture - luma).mean((1, 2, 3)) - 0.03) * 20,
        2: np.log(exposure[:, 0, 0, 0]) * 8,
        3: ones * (background.mean(1).std() - 0.15) * 15,
        4: ones * (np.log(noise.item() + 1e-5) + 10) * 1.5,
        5: (np.log(area + 1e-4) + 4.5) * 0.6,
        9: (boxed(mask, 15, 15).max((1, 2, 3)) - 0.3) * 2.5,
        11: (boxed(mask, 3, 13).max((1, 2, 3)) - 0.3) * 2.5,
        16: (np.sqrt(mask[:, 0, 16:32].mean((1, 2))) - 0.1) * 6,
        23: (presence - 0.5) * 2,
        24: presence * [place[0] for place in places] * 2,
        25: presence * [place[1] for place in places] * 3,
        31: (np.sqrt(change.mean((1, 2, 3))) - 0.1) * 6,
        36: ones * (mask.max(0).mean() - 0.2) * 4,
        40: presence * (np.array(insides) - 0.3) * 6,
        41: presence * np.array(tints) * 20,
    }
    for cell in range(32):
        columns[65 + cell] = presence * np.array(outlines).reshape(FRAMES, 32)[:, cell] * 1.5
    return columns


if __name__ == "__main__":
    table = [
        {"frame": k, "column": column, "value": round(float(values[k]), 5)}
        for column, values in features().items()
        for k in SHOWN
    ]
    print("[\n" + ",\n".join(json.dumps(row) for row in table) + "\n]")
