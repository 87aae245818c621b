"""A foreign ONNX network in the form that Primatrix runs: its own input convention becomes part of the graph."""

import dataclasses

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

PREFIX = "network/"


@dataclasses.dataclass
class Convention:
    """What the network wants done to RGB pixels from 0 to 255: divided by `scale`, channels in its order, minus `mean`,
    divided by `deviation` (both in the network's channel order), in its layout."""

    scale: float = 1.0
    channels: str = "rgb"
    mean: tuple = (0.0, 0.0, 0.0)
    deviation: tuple = (1.0, 1.0, 1.0)
    layout: str = "nchw"

    def apply(self, frames):
        """The same in NumPy: uint8 [N, side, side, 3] to what the foreign network takes."""
        pixels = frames.astype(numpy.float32) / numpy.float32(self.scale)
        pixels = pixels[..., ::-1] if self.channels == "bgr" else pixels
        pixels = (pixels - numpy.float32(self.mean)) / numpy.float32(self.deviation)
        return numpy.ascontiguousarray(pixels.transpose(0, 3, 1, 2) if self.layout == "nchw" else pixels)


def wrap(foreign, convention, side, taps, path):
    """Writes the wrapped network; returns its taps as (name, width).

    `taps` are (tensor, None): tensors of the graph, averaged over the picture; or (name, width): how the only output is
    made up; or empty: its outputs as they are.
    """
    model = onnx.compose.add_prefix(foreign, PREFIX)
    graph = model.graph
    weights = {each.name for each in graph.initializer}
    inputs = [each for each in graph.input if each.name not in weights]
    if len(inputs) != 1:
        raise SystemExit(f"it has {len(inputs)} inputs ({', '.join(each.name for each in inputs)}); one is wanted")
    if inputs[0].type.tensor_type.elem_type != TensorProto.FLOAT:
        raise SystemExit("its input is not float32")
    nodes = prepare(graph, convention, inputs[0].name)
    tensors = [name for name, width in taps if width is None] or [each.name[len(PREFIX):] for each in graph.output]
    rear = []
    pooled = [pool(rear, graph, model, PREFIX + name) for name in tensors]
    rear.append(helper.make_node("Concat", pooled, ["features"], axis=1))
    middle = list(graph.node)
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend(nodes + middle + rear)
    graph.input.append(helper.make_tensor_value_info("frames", TensorProto.UINT8, ["N", side, side, 3]))
    graph.output.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", None]))
    graph.value_info.clear()
    widths = measure(model, pooled, side)
    named = [each for each in taps if each[1] is not None]
    found = named or list(zip(tensors, widths))
    if sum(width for _, width in found) != sum(widths):
        raise SystemExit(f"its features are {sum(widths)} wide, the taps {sum(width for _, width in found)}")
    graph.output[0].type.tensor_type.shape.dim[1].dim_value = sum(widths)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return found


def prepare(graph, convention, name):
    """Nodes from `frames` to the tensor that was the network's input."""
    nodes, last = [], "frames"

    def constant(label, values):
        graph.initializer.append(numpy_helper.from_array(values, label))
        return label

    def add(kind, *more, **attributes):
        nonlocal last
        output = f"prepared/{len(nodes)}"
        nodes.append(helper.make_node(kind, [last, *more], [output], **attributes))
        last = output

    add("Cast", to=TensorProto.FLOAT)
    add("Div", constant("prepared/scale", numpy.float32(convention.scale)))
    if convention.channels == "bgr":
        add("Gather", constant("prepared/order", numpy.int64([2, 1, 0])), axis=3)
    add("Sub", constant("prepared/mean", numpy.float32(convention.mean)))
    add("Div", constant("prepared/deviation", numpy.float32(convention.deviation)))
    if convention.layout == "nchw":
        add("Transpose", perm=[0, 3, 1, 2])
    nodes[-1].output[0] = name
    return nodes


def pool(nodes, graph, model, name):
    """The tensor, averaged over the picture where it has places."""
    known = {each.name: each for each in onnx.shape_inference.infer_shapes(model).graph.value_info}
    known.update({each.name: each for each in graph.output})
    if name not in known:
        raise SystemExit(f"it has no tensor {name[len(PREFIX):]} of a known shape")
    rank = len(known[name].type.tensor_type.shape.dim)
    if rank == 2:
        return name
    if rank != 4:
        raise SystemExit(f"{name[len(PREFIX):]} has {rank} dimensions; 2, or 4 with the channels first, are wanted")
    nodes.append(helper.make_node("GlobalAveragePool", [name], [f"pooled/{name}"]))
    nodes.append(helper.make_node("Flatten", [f"pooled/{name}"], [f"tap/{name}"], axis=1))
    return f"tap/{name}"


def measure(model, names, side):
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    frames = numpy.zeros((1, side, side, 3), numpy.uint8)
    return [each.shape[1] for each in session.run(names, {"frames": frames})]


def run_foreign(foreign, convention, frames, tensors):
    """What the network gives when it is asked its own way, one frame at a time."""
    probe = onnx.ModelProto()
    probe.CopyFrom(foreign)
    outputs = {each.name for each in probe.graph.output}
    names = tensors or [each.name for each in foreign.graph.output]
    probe.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names if name not in outputs)
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    rows = []
    for frame in frames:
        found = session.run(names, {session.get_inputs()[0].name: convention.apply(frame[None])})
        rows.append(numpy.concatenate([each.mean((2, 3)) if each.ndim == 4 else each for each in found], 1))
    return numpy.concatenate(rows)
