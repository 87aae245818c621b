"""NAME.toml beside NAME.onnx: what `etc/backbones/resnet152.toml.example` explains."""

import hashlib
import json
import os


def write(folder, name, rate, frames, side, licence, origin, taps):
    """The manifest of `folder/name.onnx`, whole or not at all."""
    network = folder / f"{name}.onnx"
    with open(network, "rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    quoted = json.dumps  # TOML's basic strings are JSON's, for text without surrogates.
    lines = [
        f"name = {quoted(name)}",
        f"file = {quoted(network.name)}",
        f"sha256 = {quoted(digest)}",
        f"frames_per_second = {rate if rate.isdigit() else quoted(rate)}",
        f"frames_per_clip = {frames}",
        f"side = {side}",
        f"licence = {quoted(licence, ensure_ascii=False)}",
        f"origin = {quoted(origin, ensure_ascii=False)}",
    ]
    for tap, width in taps:
        lines += ["", "[[tap]]", f"name = {quoted(tap)}", f"width = {width}"]
    partial = folder / f".{name}.toml.partial"
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(partial, folder / f"{name}.toml")
