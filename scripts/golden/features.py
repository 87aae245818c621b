#!/usr/bin/env python3
"""What PyTorch makes of real frames, for GoldenFeatureTests to compare with.

Usage: scripts/golden/features.py --clip FILE --out DIR [NAME ...] [--frames N] [--weights]
       scripts/golden/features.py --small

For each backbone (the contest's four, unless names are given) DIR gets NAME.onnx and NAME.toml as export-backbones.py writes
them, with random weights unless --weights, and NAME.safetensors: `frames` uint8 [N, side, side, 3] as the ffmpeg command
samples and scales them, and `features` float32 [N, D] as PyTorch computes them. They are hundreds of MB and stay out of the
repository: PRIMATRIX_TEST_GOLDEN=DIR has the tests use them.

--small writes Tests/Fixtures/features-golden.json, for the small network that GoldenNetwork.swift builds by the same rules.
"""

import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys

import torch
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))


def sampled(clip, recipe):
    """The first frames of a clip, evenly, as uint8 [frames, side, side, 3]."""
    scale = f"fps={recipe.rate},scale={recipe.side}:{recipe.side}:flags=bicubic+accurate_rnd+bitexact"
    found = subprocess.run(["ffmpeg", "-loglevel", "error", "-i", clip, "-vf", scale, "-frames:v", str(recipe.frames),
                            "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], check=True, capture_output=True).stdout
    return torch.frombuffer(bytearray(found), dtype=torch.uint8).reshape(recipe.frames, recipe.side, recipe.side, 3)


def big(arguments):
    from backbones import manifest, network
    from backbones.recipes import RECIPES, REFERENCE

    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or REFERENCE:
        recipe = dataclasses.replace(RECIPES[name], frames=arguments.frames)
        module, licence, origin = network.make(recipe, seed=None if arguments.weights else 1)
        frames = sampled(arguments.clip, recipe)
        with torch.no_grad():
            features = module(frames)
        network.export(module, recipe.side, arguments.out / f"{name}.onnx")
        taps = [(tap, width) for (tap, _), width in zip(recipe.taps, module.widths())]
        manifest.write(arguments.out, name, recipe.rate, recipe.frames, recipe.side, licence, origin, taps)
        save_file({"frames": frames, "features": features.contiguous()}, arguments.out / f"{name}.safetensors")
        print(f"{name}: {list(features.shape)}", flush=True)


def weights(*shape, seed):
    """-0.5 to 0.5 in steps of 1/2048, by a rule that any language follows exactly."""
    count = torch.Size(shape).numel()
    numbers = [((index + 1) * 2654435761 + seed * 40503) % 2**32 >> 21 for index in range(count)]
    return (torch.tensor(numbers, dtype=torch.float32) / 2048 - 0.5).reshape(shape)


def small():
    """Two frames of 24 by 24: a convolution, a depthwise and a pointwise one; a tap after the first and after the last."""
    side, frames = 24, 2
    pixels = torch.tensor([(index * 7919 + index // 997) % 256 for index in range(frames * side * side * 3)],
                          dtype=torch.uint8).reshape(frames, side, side, 3)
    x = pixels.permute(0, 3, 1, 2).float() / 255 - 0.5
    first = torch.relu(torch.nn.functional.conv2d(x, weights(8, 3, 3, 3, seed=1), padding=1))
    deep = torch.nn.functional.conv2d(first, weights(8, 1, 5, 5, seed=2), padding=2, groups=8)
    last = torch.sigmoid(torch.nn.functional.conv2d(deep, weights(16, 8, 1, 1, seed=3)))
    features = torch.cat([first.mean((2, 3)), last.mean((2, 3))], 1)
    fixture = ROOT / "Tests" / "Fixtures" / "features-golden.json"
    fixture.write_text(json.dumps([round(value, 8) for value in features.flatten().tolist()]) + "\n")
    print(f"{fixture.name}: {list(features.shape)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--clip")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--frames", type=int, default=2)
    parser.add_argument("--weights", action="store_true", help="the authors' weights, downloaded")
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    if arguments.small:
        return small()
    if not (arguments.clip and arguments.out):
        parser.error("--clip and --out are wanted, or --small")
    big(arguments)


if __name__ == "__main__":
    main()
