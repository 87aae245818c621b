"""scripts/score-submission, run as a user runs it."""

import math
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "score-submission"


class ScoreSubmission(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def run_on(self, submission: str | bytes, truth: str | bytes, labels: str | bytes | None = None, *options: str):
        paths = []
        for name, text in (("submission.csv", submission), ("truth.csv", truth), ("labels.csv", labels)):
            if text is not None:
                path = self.folder / name
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
                paths += [path] if name != "labels.csv" else ["--labels", path]
        return subprocess.run([SCRIPT, *paths, *options], capture_output=True, text=True)

    def score(self, *files: str | bytes | None) -> float:
        result = self.run_on(*files)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return float(result.stdout.split("log loss: ")[1].split()[0])

    def test_scores(self) -> None:
        truth = "filename,hog,bird\na.mp4,1,0\nb.mp4,0,0\n"
        cases = {
            "half of everything": ("filename,hog,bird\na.mp4,0.5,0.5\nb.mp4,0.5,0.5\n", math.log(2)),
            "all right": ("filename,hog,bird\na.mp4,1.0,0.0\nb.mp4,0.0,0.0\n", 0),
            "classes in another order": ("filename,bird,hog\nb.mp4,0,0\na.mp4,0,1\n", 0),
            "further rows and classes": ("filename,x,bird,hog\nz.mp4,1,1,1\nb.mp4,1,0,0\na.mp4,1,0,1\n", 0),
            "one of four wrong": ("filename,hog,bird\na.mp4,0.1,0\nb.mp4,0,0\n", -math.log(0.1) / 4),
            "certain and wrong": ("filename,hog,bird\na.mp4,0,0\nb.mp4,0,0\n", -math.log(1e-15) / 4),
            "byte order mark and CRLF": ("\ufefffilename,hog,bird\r\na.mp4,1,0\r\nb.mp4,0,0\r\n", 0),
        }
        for name, (submission, wanted) in cases.items():
            with self.subTest(name):
                self.assertAlmostEqual(self.score(submission, truth), wanted, places=4)

    def test_names_are_compared_as_bytes(self) -> None:
        for name in (b'"a, ""b""\nc.mp4"', "Taï/x.avi".encode(), b"Ta\xef.avi"):
            with self.subTest(name):
                self.assertEqual(self.score(b"filename,hog\n" + name + b",1\n", b"filename,hog\n" + name + b",1\n"), 0)

    def test_the_priors_come_from_the_labels(self) -> None:
        truth = "filename,hog,bird\na.mp4,1,0\nb.mp4,0,0\n"
        labels = "filename,bird,hog\nc.mp4,0,1\nd.mp4,0,0\ne.mp4,0,0\nf.mp4,0,0\nbad.mp4,0,7\n"
        result = self.run_on("filename,hog,bird\na.mp4,1,0\nb.mp4,0,0\n", truth, labels)
        # hog stands on one of the four good rows: 1.5 of 5 is better here than 1 of 4. bird stands on none, which is right.
        wanted = (-math.log(0.3) - math.log(0.7)) / 2 / 2
        self.assertEqual(result.stdout, f"Held-back truth, mean log loss: 0.0000   (answering the priors: {wanted:.4f})\n")

    def test_a_class_without_a_label_is_not_infinitely_dear(self) -> None:
        result = self.run_on("filename,hog\na.mp4,1\n", "filename,hog\na.mp4,1\n", "filename,hog\nb.mp4,0\n")
        self.assertIn(f"priors: {-math.log(0.25):.4f}", result.stdout)

    def test_classes_one_by_one(self) -> None:
        result = self.run_on("filename,hog\na.mp4,0.5\n", "filename,hog\na.mp4,1\n", "filename,hog\nb.mp4,1\nc.mp4,0\n", "--classes")
        self.assertIn("hog        1 clips   0.6931   priors 0.6931", result.stdout)

    def test_mistakes(self) -> None:
        good = "filename,hog\na.mp4,1\n"
        cases = {
            "no row": ("filename,hog\nb.mp4,1\n", good, 65, ["submission.csv", "no row for 1 clips", "a.mp4"]),
            "no class": ("filename,bird\na.mp4,1\n", good, 65, ["submission.csv", "hog", "truth.csv"]),
            "no header": ("a.mp4,1\n", good, 65, ["submission.csv:1", "filename"]),
            "empty": ("", good, 65, ["submission.csv:1", "header"]),
            "only a header": ("filename,hog\n", good, 65, ["submission.csv", "no row"]),
            "columns": ("filename,hog\na.mp4,1,1\n", good, 65, ["submission.csv:2", "3 columns", "2"]),
            "no number": ("filename,hog\na.mp4,much\n", good, 65, ["submission.csv:2", "a.mp4", "hog", "much"]),
            "not a number": ("filename,hog\na.mp4,nan\n", good, 65, ["0 to 1", "nan"]),
            "too much": ("filename,hog\na.mp4,1.01\n", good, 65, ["0 to 1", "1.01"]),
            "twice": ("filename,hog\na.mp4,1\na.mp4,1\n", good, 65, ["submission.csv:3", "a.mp4 stands twice"]),
            "a class twice": ("filename,hog,hog\na.mp4,1,1\n", good, 65, ["submission.csv:1", "name of its own"]),
            "truth is no probability": (good, "filename,hog\na.mp4,0.5\n", 65, ["truth.csv:2", "0 or 1"]),
            "an open quote": ('filename,hog\n"a.mp4,1\n', good, 65, ["submission.csv"]),
            "hostile": ("filename,hog\n\x1b[31mred,2\n", good, 65, ["\N{REPLACEMENT CHARACTER}[31mred"]),
        }
        for name, (submission, truth, status, words) in cases.items():
            with self.subTest(name):
                result = self.run_on(submission, truth)
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertTrue(result.stderr.startswith("score-submission: "))
                self.assertEqual(result.stderr.count("\n"), 1, "one line, and no traceback")
                for word in words:
                    self.assertIn(word, result.stderr)
                self.assertEqual(result.stdout, "")

    def test_command_lines(self) -> None:
        for arguments, status in (([], 64), (["a"], 64), (["a", "b", "--nonsense"], 64), (["/nonexistent/a", "/nonexistent/b"], 66), (["--help"], 0)):
            with self.subTest(arguments):
                result = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True)
                self.assertEqual(result.returncode, status)


if __name__ == "__main__":
    unittest.main()
