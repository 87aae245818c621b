#!/usr/bin/env python3
"""Which frames of the sample clips the reference samples: Tests/Fixtures/frames-golden.json.

Usage: scripts/golden/frames.py CLIPS     (the folder that PRIMATRIX_TEST_CLIPS names)

The reference takes frame floor(t * fps) for t = 0, 1/rate, ..., fps being the average. Numbers here count the pictures
that a clip has. Where it has fewer than its time and rate make frames, a frame without a picture of its own is the one
before, by the time stamps: so players show it, and so ffmpeg writes it for moviepy. Behind a clip's end stands its last.
"""

import bisect
import fractions
import hashlib
import json
import pathlib
import subprocess
import sys

SAMPLINGS = [(3, 45), (2, 30)]
SUFFIXES = {".avi", ".asf", ".mp4"}


def probe(path):
    """Frames a second, and of each picture the number of the first frame that it is."""
    found = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-of", "json", "-show_entries",
         "stream=avg_frame_rate,time_base,duration:frame=best_effort_timestamp", str(path)], check=True,
        capture_output=True).stdout)
    stream = found["streams"][0]
    rate, base = fractions.Fraction(stream["avg_frame_rate"]), fractions.Fraction(stream["time_base"])
    stamps = [int(frame["best_effort_timestamp"]) for frame in found["frames"]]
    # Two less may be in a decoder's delay.
    if len(stamps) >= float(stream["duration"]) * rate - 2:
        return rate, list(range(len(stamps)))
    return rate, [round((stamp - stamps[0]) * base * rate) for stamp in stamps]


def main():
    clips = {}
    for path in sorted(each for each in pathlib.Path(sys.argv[1]).rglob("*") if each.suffix.lower() in SUFFIXES):
        rate, first = probe(path)
        # The clips have names that are not ours to give away.
        clips[hashlib.sha256(path.read_bytes()).hexdigest()] = [
            [bisect.bisect_right(first, int(index * rate / per_second)) - 1 for index in range(frames)]
            for per_second, frames in SAMPLINGS]
    fixture = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "frames-golden.json"
    lines = [f'"{digest}": {json.dumps(numbers)}' for digest, numbers in sorted(clips.items())]
    fixture.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{fixture.name}: {len(clips)} clips")


if __name__ == "__main__":
    main()
