#!/usr/bin/env python3
"""Writes pretrained networks in the form that Primatrix runs: NAME.onnx and NAME.toml.

Usage: scripts/export-backbones.py --out DIR [NAME ...]            by name; without one, the contest's four
       scripts/export-backbones.py --out DIR --timm MODEL --taps MODULE,... [--as NAME]
       scripts/export-backbones.py --out DIR --wrap FILE.onnx --as NAME --side N ...

Each network is checked: what ONNX Runtime makes of the file is compared with what PyTorch (for --wrap: the foreign file,
asked its own way) makes of the same frames. Needs torch, timm, onnx and onnxruntime.
"""

import argparse
import dataclasses
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

# Of the largest feature. Other compilers add in another order.
TOLERANCE = 1e-4


def main():
    arguments = parse()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.wrap:
        wrap(arguments)
    else:
        for recipe in recipes(arguments):
            export(recipe, arguments)


def parse():
    parser = argparse.ArgumentParser(prog="scripts/export-backbones.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the files go: the daemon's backbone_dir")
    parser.add_argument("--random", action="store_true", help="random weights: for tests and measurements")
    parser.add_argument("--seed", type=int, default=1, help="of random weights (1)")
    parser.add_argument("--timm", metavar="MODEL", help="any network of timm's")
    parser.add_argument("--taps", type=lambda text: text.split(","), default=[],
                        help="modules whose outputs are kept; with --wrap tensors, or NAME:WIDTH for parts of the output")
    parser.add_argument("--as", dest="name", metavar="NAME", help="what it is to be called")
    parser.add_argument("--side", type=int, help="width and height of a frame in pixels")
    parser.add_argument("--rate", help="frames of a second: N, or 1/N (3)")
    parser.add_argument("--frames", type=int, help="frames of a clip (45)")
    foreign = parser.add_argument_group("--wrap: what the foreign network wants done to RGB pixels from 0 to 255")
    foreign.add_argument("--wrap", type=pathlib.Path, metavar="FILE.onnx")
    foreign.add_argument("--scale", type=float, default=1, help="what they are divided by first (1)")
    foreign.add_argument("--channels", choices=["rgb", "bgr"], default="rgb")
    foreign.add_argument("--mean", type=triple, default=(0.0, 0.0, 0.0), help="subtracted, in its channel order (0,0,0)")
    foreign.add_argument("--std", type=triple, default=(1.0, 1.0, 1.0), help="divided by then, likewise (1,1,1)")
    foreign.add_argument("--layout", choices=["nchw", "nhwc"], default="nchw")
    foreign.add_argument("--licence", default="unknown")
    foreign.add_argument("--origin")
    arguments = parser.parse_args()
    if sum(map(bool, (arguments.names, arguments.timm, arguments.wrap))) > 1:
        parser.error("names, --timm and --wrap exclude each other")
    if arguments.timm and not arguments.taps:
        parser.error("--timm wants --taps MODULE,...")
    if arguments.wrap and not (arguments.name and arguments.side):
        parser.error("--wrap wants --as NAME and --side N")
    if arguments.rate and not re.fullmatch(r"[1-9]\d*|1/[1-9]\d*", arguments.rate):
        parser.error("--rate is N or 1/N")
    if arguments.name and not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", arguments.name):
        parser.error("--as takes letters, digits, - _ and dots")
    return arguments


def triple(text):
    values = tuple(float(part) for part in text.split(","))
    if len(values) != 3:
        raise argparse.ArgumentTypeError("three numbers are wanted, as in 0.5,0.5,0.5")
    return values


def recipes(arguments):
    from backbones.recipes import RECIPES, REFERENCE, Recipe

    if arguments.timm:
        name = arguments.name or arguments.timm.split("/")[-1]
        chosen = [Recipe(name, arguments.timm, tuple((tap, None) for tap in arguments.taps), arguments.side or 224)]
    else:
        unknown = [name for name in arguments.names if name not in RECIPES]
        if unknown:
            raise SystemExit(f"no recipe for {', '.join(unknown)}: there are {', '.join(RECIPES)}; others by --timm")
        chosen = [RECIPES[name] for name in arguments.names or REFERENCE]
    given = {"side": arguments.side, "rate": arguments.rate, "frames": arguments.frames}
    given = {key: value for key, value in given.items() if value}
    return [dataclasses.replace(recipe, **given) for recipe in chosen]


def export(recipe, arguments):
    from backbones import manifest, network

    module, licence, origin = network.make(recipe, seed=arguments.seed if arguments.random else None)
    taps = [(name, width) for (name, _), width in zip(recipe.taps, module.widths())]
    with whole(arguments.out / f"{recipe.name}.onnx") as path:
        network.export(module, recipe.side, path)
        judge(recipe.name, *network.check(module, recipe.side, path))
    manifest.write(arguments.out, recipe.name, recipe.rate, recipe.frames, recipe.side, licence, origin, taps)
    tell(arguments.out, recipe.name, taps)


def wrap(arguments):
    import onnx

    from backbones import manifest, network, wrap

    foreign = onnx.load(str(arguments.wrap))
    convention = wrap.Convention(arguments.scale, arguments.channels, arguments.mean, arguments.std, arguments.layout)
    asked = [(part.split(":")[0], int(part.split(":")[1]) if ":" in part else None) for part in arguments.taps]
    with whole(arguments.out / f"{arguments.name}.onnx") as path:
        taps = wrap.wrap(foreign, convention, arguments.side, asked, path)
        frames = network.pictures(2, arguments.side).numpy()
        tensors = [name for name, width in asked if width is None]
        wanted = wrap.run_foreign(foreign, convention, frames, tensors)
        judge(arguments.name, network.difference(network.run(path, frames), wanted))
    manifest.write(arguments.out, arguments.name, arguments.rate or "3", arguments.frames or 45, arguments.side,
                   arguments.licence, arguments.origin or arguments.wrap.name, taps)
    tell(arguments.out, arguments.name, taps)


class whole:
    """A file under another name until it is good."""

    def __init__(self, path):
        self.path = path
        self.partial = path.with_name(f".{path.name}.partial")

    def __enter__(self):
        return self.partial

    def __exit__(self, kind, *_):
        if kind is None:
            os.replace(self.partial, self.path)
        else:
            self.partial.unlink(missing_ok=True)


def judge(name, difference, rounding=0.0):
    """`rounding` is how far the original is from itself in single precision."""
    allowed = max(TOLERANCE, 2 * rounding)
    print(f"{name}: differs from the original by {difference:.1e} of the largest feature", flush=True)
    if not difference <= allowed:
        raise SystemExit(f"{name}: that is more than {allowed:.0e}; nothing was written")


def tell(folder, name, taps):
    widths = " + ".join(str(width) for _, width in taps)
    print(f"{name}: {sum(width for _, width in taps)} features ({widths}) in {folder / name}.onnx and .toml", flush=True)


if __name__ == "__main__":
    main()
