#!/usr/bin/env python3
"""What `scripts/bench perceive` compares with: one network by one library on frames in memory. Prints seconds a frame.

Needs torch, timm, onnx, onnxruntime and NumPy; bare OpenVINO is the one that `scripts/setup` unpacked.
"""

import argparse
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["trivial", "eager", "channels-last", "onnxruntime", "openvino", "separates"])
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--examples", type=pathlib.Path, help="JSON of what separates is to tell")
    parser.add_argument("--home", type=pathlib.Path, help="folder of NAME.onnx")
    parser.add_argument("--network")
    parser.add_argument("--frames", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", default="float32")
    arguments = parser.parse_args()
    if arguments.kind == "trivial":
        return trivial(arguments.out)
    if arguments.kind == "separates":
        return separates(json.loads(arguments.examples.read_text()))
    from backbones.network import pictures
    from backbones.recipes import RECIPES

    recipe = RECIPES[arguments.network]
    frames = pictures(arguments.frames, recipe.side)
    makers = {"eager": torch_eager, "channels-last": torch_eager, "onnxruntime": onnx_runtime, "openvino": openvino}
    ways = makers[arguments.kind](arguments, recipe, frames)
    print(json.dumps({"seconds": min(seconds(way) for way in ways) / arguments.frames}))


def seconds(action):
    action()
    best = float("inf")
    for _ in range(2):
        start = time.monotonic()
        action()
        best = min(best, time.monotonic() - start)
    return best


def torch_eager(arguments, recipe, frames):
    import torch

    from backbones import network

    torch.set_num_threads(arguments.threads)
    module, _, _ = network.make(recipe, seed=1)
    layout = torch.channels_last if arguments.kind == "channels-last" else torch.contiguous_format
    module.to(memory_format=layout)
    pixels = ((frames.permute(0, 3, 1, 2).float() / 255 - module.mean) / module.deviation).contiguous(
        memory_format=layout)

    def run():
        with torch.no_grad():
            module.model.forward_features(pixels)

    return [run]


def onnx_runtime(arguments, recipe, frames):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(str(arguments.home / f"{recipe.name}.onnx"), options,
                                           providers=["CPUExecutionProvider"])
    frames = frames.numpy()
    return [lambda: session.run(None, {"frames": frames}),
            lambda: [session.run(None, {"frames": frame[None]}) for frame in frames]]


def openvino(arguments, recipe, frames):
    """All threads on one frame, a frame a thread, and all frames at once: whatever is fastest."""
    sys.path.insert(0, str(ROOT / ".deps" / "openvino"))
    import openvino

    core = openvino.Core()
    frames = frames.numpy()
    hint = {"float32": "f32", "bfloat16": "bf16"}[arguments.precision]

    def compiled(count, streams):
        model = core.read_model(str(arguments.home / f"{recipe.name}.onnx"))
        model.reshape([count, recipe.side, recipe.side, 3])
        return core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": hint, "NUM_STREAMS": str(streams),
                                                 "INFERENCE_NUM_THREADS": str(arguments.threads)})

    one, whole = compiled(1, 1).create_infer_request(), compiled(len(frames), 1).create_infer_request()
    queue = openvino.AsyncInferQueue(compiled(1, arguments.threads), arguments.threads)

    def streams():
        for frame in frames:
            queue.start_async({"frames": frame[None]})
        queue.wait_all()

    return [lambda: [one.infer({"frames": frame[None]}) for frame in frames], lambda: whole.infer({"frames": frames}),
            streams]


def trivial(folder):
    """A network that looks at the first pixel of each of 45 frames."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from backbones import manifest

    folder.mkdir(parents=True)
    constants = {"from": [0, 0], "to": [1, 1], "axes": [1, 2], "shape": [-1, 3]}
    graph = helper.make_graph(
        [helper.make_node("Slice", ["frames", "from", "to", "axes"], ["pixel"]),
         helper.make_node("Cast", ["pixel"], ["colour"], to=TensorProto.FLOAT),
         helper.make_node("Reshape", ["colour", "shape"], ["features"])], "trivial",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, [45, 404, 404, 3])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [45, 3])],
        [numpy_helper.from_array(numpy.int64(values), name) for name, values in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, str(folder / "trivial.onnx"))
    manifest.write(folder, "trivial", "3", 45, 404, "MIT", "a benchmark", [("pixel", 3)])
    print("{}")


def separates(examples):
    """The area under the ROC curve of a ridge regression, in five folds."""
    import numpy

    features, animal = numpy.array(examples["features"]), numpy.array(examples["animal"])
    features = (features - features.mean(0)) / (features.std(0) + 1e-6)
    fold = numpy.random.default_rng(1).permutation(len(animal)) % 5
    score = numpy.empty(len(animal))
    for held in range(5):
        seen = fold != held
        x, y = features[seen], animal[seen] - animal[seen].mean()
        weights = numpy.linalg.solve(x.T @ x + features.shape[1] * numpy.eye(features.shape[1]), x.T @ y)
        score[fold == held] = features[fold == held] @ weights
    above = score[animal][:, None] - score[~animal]
    print(json.dumps({"area": float((above > 0).mean() + (above == 0).mean() / 2)}))


if __name__ == "__main__":
    main()
