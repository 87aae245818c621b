"""scripts/export-backbones.py: manifests always, networks where onnx and torch are installed."""

import hashlib
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from backbones import manifest  # noqa: E402
from backbones.recipes import RECIPES, REFERENCE  # noqa: E402

HAS_NETWORKS = all(importlib.util.find_spec(name) for name in ("torch", "timm", "onnx", "onnxruntime"))


class Manifests(unittest.TestCase):
    def written(self, **given):
        values = {"name": "net", "rate": "3", "frames": 45, "side": 404, "licence": "MIT", "origin": "here",
                  "taps": [("layer1", 256)]} | given
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "net.onnx").write_bytes(b"network")
            manifest.write(folder, **values)
            self.assertEqual(sorted(each.name for each in folder.iterdir()), ["net.onnx", "net.toml"])
            return tomllib.loads((folder / "net.toml").read_text())

    def test_what_it_says(self):
        found = self.written()
        self.assertEqual(found["sha256"], hashlib.sha256(b"network").hexdigest())
        self.assertEqual(found["frames_per_second"], 3)
        self.assertEqual(found["tap"], [{"name": "layer1", "width": 256}])

    def test_rates_below_one_and_odd_words(self):
        words = 'of "timm"\\here\nDüne'
        found = self.written(rate="1/2", origin=words)
        self.assertEqual(found["frames_per_second"], "1/2")
        self.assertEqual(found["origin"], words)


class Recipes(unittest.TestCase):
    def test_widths_are_the_references(self):
        widths = {name: sum(width for _, width in RECIPES[name].taps) for name in REFERENCE}
        self.assertEqual(widths, {"resnet152": 3840, "inception_v4": 2944, "inception_resnet_v2": 3488,
                                  "nasnetalarge": 8064})
        self.assertEqual(sum(width for _, width in RECIPES["densenet161"].taps), 3264)

    def test_frames_are_the_references(self):
        for name in REFERENCE:
            recipe = RECIPES[name]
            wanted = ("2", 30, 331) if name == "nasnetalarge" else ("3", 45, 404)
            self.assertEqual((recipe.rate, recipe.frames, recipe.side), wanted)


@unittest.skipUnless(HAS_NETWORKS, "torch, timm, onnx or onnxruntime is missing")
class Networks(unittest.TestCase):
    def export(self, folder, *arguments):
        return subprocess.run([sys.executable, ROOT / "scripts" / "export-backbones.py", "--out", folder, *arguments],
                              capture_output=True, text=True)

    def test_a_small_network_of_timm(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.export(folder, "--random", "--timm", "resnet10t", "--taps", "layer1,layer4", "--side", "64")
            self.assertEqual(done.returncode, 0, done.stderr)
            found = tomllib.loads((pathlib.Path(folder) / "resnet10t.toml").read_text())
            self.assertEqual([tap["width"] for tap in found["tap"]], [64, 512])

    def test_an_unknown_tap_writes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.export(folder, "--random", "--timm", "resnet10t", "--taps", "layer9", "--side", "64")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("no module layer9", done.stderr)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_a_foreign_network_is_wrapped(self):
        import onnx
        from onnx import TensorProto, helper

        # Means of the channels, which are to arrive as (B - 1, G - 2, R - 3) / 2 of pixels from 0 to 1.
        graph = helper.make_graph(
            [helper.make_node("GlobalAveragePool", ["features"], ["means"])], "foreign",
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, 3, "H", "W"])],
            [helper.make_tensor_value_info("means", TensorProto.FLOAT, [1, 3, 1, 1])])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 8
        with tempfile.TemporaryDirectory() as folder:
            foreign = pathlib.Path(folder) / "foreign.onnx"
            onnx.save(model, foreign)
            out = pathlib.Path(folder) / "out"
            done = self.export(out, "--wrap", foreign, "--as", "net", "--side", "8", "--scale", "255", "--channels",
                               "bgr", "--mean", "1,2,3", "--std", "2,2,2", "--taps", "colour:2,rest:1")
            self.assertEqual(done.returncode, 0, done.stderr)

            import numpy
            import onnxruntime

            session = onnxruntime.InferenceSession(out / "net.onnx")
            frames = numpy.zeros((1, 8, 8, 3), numpy.uint8)
            frames[..., 0] = 255
            found = session.run(["features"], {"frames": frames})[0]
            self.assertEqual(found.round(5).tolist(), [[-0.5, -1.0, -1.0]])


if __name__ == "__main__":
    unittest.main()
