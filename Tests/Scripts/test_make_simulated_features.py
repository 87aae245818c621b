"""scripts/make-simulated-features.py: its files, and that what it calls the best possible log loss is."""

import importlib.util
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "make-simulated-features.py"
SMALL = ["--clips", "600", "--unlabelled", "100", "--backbones", "2", "--shard-clips", "300"]


def load():
    specification = importlib.util.spec_from_file_location("make_simulated_features", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


class MakeSimulatedFeatures(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def make(self, name: str, *options: str) -> Path:
        folder = self.folder / name
        result = subprocess.run([SCRIPT, folder, *SMALL, *options], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("Best possible mean log loss", result.stdout)
        return folder

    def test_one_seed_makes_one_set(self) -> None:
        one, same, other = self.make("a"), self.make("b"), self.make("c", "--seed", "2")
        names = sorted(path.name for path in one.iterdir())
        self.assertEqual(names, sorted(path.name for path in same.iterdir()))
        for name in names:
            self.assertEqual(
                (one / name).read_bytes().replace(bytes(one), b""), (same / name).read_bytes().replace(bytes(same), b""))
        self.assertNotEqual((one / "labels.csv").read_bytes(), (other / "labels.csv").read_bytes())

    def test_rows_shards_and_tables_are_of_the_same_clips(self) -> None:
        folder = self.make("a")
        dataset = json.loads((folder / "dataset.json").read_text())
        unlabelled = json.loads((folder / "unlabelled.json").read_text())
        self.assertEqual((len(dataset["rows"]), len(unlabelled["rows"])), (600, 100))
        clips = [row["clip"] for row in dataset["rows"]]
        self.assertEqual(clips, sorted(clips))
        self.assertNotIn("labels", unlabelled["rows"][0])
        self.assertEqual({row["fold"] for row in dataset["rows"]}, set(range(5)))
        for row in dataset["rows"][::97] + unlabelled["rows"][::31]:
            for shard, features in zip(row["shards"], dataset["featureSets"]):
                with open(dataset["shards"][shard], "rb") as file:
                    header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
                self.assertEqual(header[row["clip"]]["shape"], [features["frames"], features["width"]])
        labels = (folder / "labels.csv").read_text().splitlines()
        digits = sorted(line.split(",", 1)[1].replace(",", "") for line in labels[1:])
        self.assertEqual(digits, sorted(row["labels"] for row in dataset["rows"]))

    def test_evidence_is_that_of_the_densities(self) -> None:
        """The closed form against the normal densities written out, one view at a time."""
        module = load()
        random = np.random.default_rng(1)
        world = module.make_world(random, 500, 2, 5, 1.2)
        features = random.normal(0, 1, (2, 3, 9, 5))
        found = module.feature_evidence(world, features)
        inverse = np.linalg.inv(np.eye(9) + module.OFFSET**2 * np.ones((9, 9)))

        def density(values):
            return -np.einsum("tw,ts,sw->", values, inverse, values) / 2

        for row, state in ((0, 3), (1, 0), (2, 25)):
            chance = 0.0
            for length in module.IN_VIEW:
                for start in range(9 - length + 1):
                    seen = np.zeros((9, 1))
                    seen[start:start + length] = 1
                    ratio = sum(
                        density(features[b, row] - seen * world.shifts[b, state]) - density(features[b, row])
                        for b in (0, 1))
                    chance += np.exp(ratio) / len(module.IN_VIEW) / (9 - length + 1)
            self.assertAlmostEqual(found[row, state], np.log(chance), places=9)

    def test_neighbours_are_weighed_as_all_their_paths_are(self) -> None:
        """Forward and backward against the sum over everything that a camera's four clips can have shown."""
        module = load()
        random = np.random.default_rng(2)
        world = module.make_world(random, 500, 1, 4, 1)
        world.shares = np.array([0.7, 0.2, 0.1])
        evidence, stays = random.normal(0, 1, (4, 3)), np.array([0, 0.6, 0.1, 0.9])
        expected = np.zeros((4, 3))
        for path in np.ndindex(3, 3, 3, 3):
            chance = world.shares[path[0]] * np.exp(evidence[0, path[0]])
            for clip in (1, 2, 3):
                same = path[clip] == path[clip - 1]
                chance *= stays[clip] * same + (1 - stays[clip]) * world.shares[path[clip]]
                chance *= np.exp(evidence[clip, path[clip]])
            for clip in range(4):
                expected[clip, path[clip]] += chance
        found = module.smoothed(world, stays, np.zeros(4, int), evidence)
        np.testing.assert_allclose(found, expected / expected.sum(1, keepdims=True), rtol=1e-10)

    def test_the_best_loss_is_what_the_labels_show(self) -> None:
        best = json.loads((self.make("a", "--clips", "4000", "--backbones", "3") / "bayes.json").read_text())
        for name in ("clip", "neighbours", "neighbourLabels"):
            loss = best[name]
            self.assertLess(abs(loss["logLoss"] - loss["expected"]), 4 * loss["standardError"])
        order = [best[name]["expected"] for name in ("priors", "clip", "neighbours", "neighbourLabels")]
        self.assertEqual(order, sorted(order, reverse=True))
        self.assertLess(order[1], order[0] / 3)

    def test_what_makes_no_sense_is_refused(self) -> None:
        for words in (["--clips", "0"], ["--frames", "7"], ["--backbones", "x"]):
            result = subprocess.run([SCRIPT, self.folder / "x", *words], capture_output=True, text=True)
            self.assertEqual(result.returncode, 2)
            self.assertFalse((self.folder / "x").exists())


if __name__ == "__main__":
    unittest.main()
