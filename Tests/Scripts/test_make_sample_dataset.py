"""scripts/make-sample-dataset.py: what it promises about the set that it makes."""

import csv
import json
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "make-sample-dataset.py"
CLIPS = 16
CLASSES = [  # the contest's columns, in its order
    "bird", "blank", "cattle", "chimpanzee", "elephant", "forest buffalo", "gorilla", "hippopotamus", "human", "hyena",
    "large ungulate", "leopard", "lion", "other (non-primate)", "other (primate)", "pangolin", "porcupine", "reptile",
    "rodent", "small antelope", "small cat", "wild dog", "duiker", "hog",
]


def make(out: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run([SCRIPT, "--out", out, *options], capture_output=True, text=True)


def rows(path: Path) -> list[list[str]]:
    with open(path, newline="") as file:
        return list(csv.reader(file))


def probe(path: Path) -> dict:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-select_streams", "v:0", "-count_frames", path]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"][0]


class SampleDataset(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.folder = Path(cls.scratch.name)
        cls.one = cls.folder / "one"
        result = make(cls.one, "--clips", str(CLIPS), "--seed", "3")
        assert result.returncode == 0, result.stderr
        for name in ("raw.tar.gz", "micro.tgz"):
            with tarfile.open(cls.one / name) as archive:
                archive.extractall(cls.folder)

    def test_the_promised_files_and_no_others(self) -> None:
        names = ["dataset.json", "micro.tgz", "raw.tar.gz", "submission_format.csv", "test_truth.csv", "train_labels.csv"]
        self.assertEqual(sorted(path.name for path in self.one.iterdir()), names)

    def test_the_same_seed_makes_the_same_bytes(self) -> None:
        sets = []
        for name, seed, processes in (("a", 3, 1), ("b", 3, 2), ("c", 4, 2)):
            options = ["--clips", "4", "--seed", str(seed), "--processes", str(processes)]
            self.assertEqual(make(self.folder / name, *options).returncode, 0)
            sets.append({path.name: path.read_bytes() for path in (self.folder / name).iterdir()})
        self.assertEqual(*sets[:2])
        for name, content in sets[0].items():
            self.assertNotEqual(content, sets[2][name], f"{name} of another seed")

    def test_tables(self) -> None:
        train, form, truth = (rows(self.one / f"{name}.csv") for name in ("train_labels", "submission_format", "test_truth"))
        for table in (train, form, truth):
            self.assertEqual(table[0], ["filename", *CLASSES])
            self.assertTrue(all(len(row) == 25 and set(row[1:]) <= {"0", "1"} for row in table[1:]))
        self.assertEqual(len(train) + len(truth) - 2, CLIPS)
        self.assertEqual([row[0] for row in form], [row[0] for row in truth], "the truth is in the format's order")
        self.assertTrue(all(set(row[1:]) == {"0"} for row in form[1:]), "the format tells nothing")
        for row in train[1:] + truth[1:]:
            present = [CLASSES[k] for k, value in enumerate(row[1:]) if value == "1"]
            self.assertTrue(present)
            self.assertTrue("blank" not in present or present == ["blank"])
        names = [row[0] for row in train[1:] + truth[1:]]
        self.assertEqual(len(set(names)), CLIPS)
        self.assertEqual(sorted(path.name for path in (self.folder / "raw").iterdir()), sorted(names))

    def test_broken_clips_are_broken_and_the_others_whole(self) -> None:
        broken = json.loads((self.one / "dataset.json").read_text())["broken"]
        self.assertEqual(set(broken.values()), {"empty", "noise", "truncated"})
        for path in (self.folder / "raw").iterdir():
            if broken.get(path.name) == "empty":
                self.assertEqual(path.stat().st_size, 0)
            elif path.name not in broken:
                stream = probe(path)
                self.assertGreaterEqual(int(stream["nb_read_frames"]), 40)

    def test_micro_clips(self) -> None:
        broken = json.loads((self.one / "dataset.json").read_text())["broken"]
        for path in (self.folder / "micro").iterdir():
            if path.name not in broken:
                stream = probe(path)
                self.assertEqual((stream["width"], stream["height"], stream["r_frame_rate"]), (64, 64, "2/1"))
                self.assertEqual(path.stat().st_mtime, (self.folder / "raw" / path.name).stat().st_mtime)

    def test_clips_come_in_runs(self) -> None:
        """Neighbours in time are of one visit: half of them at least are closer than ten minutes, the others far apart."""
        times = sorted(path.stat().st_mtime for path in (self.folder / "raw").iterdir())
        gaps = [after - before for before, after in zip(times, times[1:])]
        self.assertTrue(any(gap < 600 for gap in gaps) and any(gap > 3600 for gap in gaps))
        self.assertTrue(all(time == int(time) and time < 1.5e9 for time in times), "no time is that of the making")

    def test_what_is_made_already_is_left_alone(self) -> None:
        before = (self.one / "raw.tar.gz").stat().st_mtime_ns
        self.assertIn("nothing to do", make(self.one, "--clips", str(CLIPS), "--seed", "3").stdout)
        self.assertEqual((self.one / "raw.tar.gz").stat().st_mtime_ns, before)
        other = make(self.one, "--clips", str(CLIPS + 1), "--seed", "3")
        self.assertEqual(other.returncode, 73)
        self.assertIn("holds something else", other.stderr)

    def test_one_more(self) -> None:
        more = self.folder / "one more.mp4"
        result = subprocess.run([SCRIPT, "--one-more", more, "--seed", "5"], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(probe(more)["codec_name"], "h264")
        self.assertEqual([path.name for path in self.folder.iterdir() if path.name.startswith(".")], [])
        again = subprocess.run([SCRIPT, "--one-more", more, "--seed", "5"], capture_output=True, text=True)
        self.assertEqual(again.returncode, 73)

    def test_mistakes(self) -> None:
        for options, status, word in (
            (["--clips", "0"], 2, "at least 1"), (["--clips", "x"], 2, "invalid int"), (["--nonsense"], 2, "--nonsense"),
        ):
            with self.subTest(options):
                result = make(self.folder / "never", *options)
                self.assertEqual(result.returncode, status)
                self.assertIn(word, result.stderr)
        self.assertFalse((self.folder / "never").exists())


if __name__ == "__main__":
    unittest.main()
