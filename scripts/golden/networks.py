#!/usr/bin/env python3
"""Writes Tests/Fixtures/networks/*.safetensors: what PyTorch computes for small inputs, for NetworksTests to compare with.

Run it where torch and safetensors are installed (pip install torch safetensors); the tests only read the files.
The networks are written anew here from the reference solution's description, not translated from the Swift code.
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "networks"
EPSILON = 1e-3


def normal(*shape, scale=1.0, shift=0.0):
    return torch.randn(*shape) * scale + shift


def write(name, inputs, outputs):
    tensors = {k: v.detach().clone().contiguous().float() for k, v in (inputs | outputs).items()}
    file = OUT / f"{name}.safetensors"
    save_file(tensors, file, metadata={"torch": torch.__version__})
    file.chmod(0o644)


def gradients(of, wrt):
    """The gradients of the scalar `of`, named `gradient.<name>`."""
    found = torch.autograd.grad(of, list(wrt.values()))
    return {f"gradient.{name}": value for name, value in zip(wrt, found)}


def layer(name, inputs, function):
    """A layer's output and gradients for a random pull on the output."""
    inputs = {key: value.requires_grad_() for key, value in inputs.items()}
    output = function(**inputs)
    pull = normal(*output.shape)
    wrt = {key: value for key, value in inputs.items() if not key.startswith("constant.")}
    write(name, inputs | {"pull": pull}, {"output": output} | gradients((output * pull).sum(), wrt))


def batch_norm(x, gamma, beta):
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=EPSILON)


def attention(x, gamma, beta, weight, bias):
    """x [N, T, C]: batch norm of each feature over clips and times, then one weight a frame."""
    n, t, c = x.shape
    frames = batch_norm(x.reshape(n * t, c), gamma, beta).reshape(n, t, c)
    e = torch.exp(torch.tanh(frames @ weight + bias))
    a = e / (e.sum(1, keepdim=True) + 1e-7)
    return (frames * a.unsqueeze(2)).sum(1)


def normalised(gamma, beta, **x):
    x = x["constant.x"]
    return batch_norm(x.flatten(0, 1), gamma, beta).reshape(x.shape)


def sequence_attention(weight, one, two, **x):
    return pool(weight, torch.cat([one, two, normalised(**x)], 2))


def normaliser(p, statistics):
    """Batch norm by name. `statistics` collects the batch's (mean, variance) of every one, or, when it is full, gives what
    to normalise with."""
    collect = statistics is not None and not statistics
    use = statistics if statistics else None

    def norm(name, value):
        gamma, beta = p[f"{name}.gamma"], p[f"{name}.beta"]
        if use is not None:
            mean, variance = use[name]
            return gamma * (value - mean) / torch.sqrt(variance + EPSILON) + beta
        if collect:
            statistics[name] = (value.mean(0).detach(), value.var(0, unbiased=False).detach())
        return batch_norm(value, gamma, beta)

    return norm


def head(p, norm, parts, metadata):
    branch = metadata
    for name in ("metadata.0", "metadata.1"):
        branch = torch.relu(norm(f"{name}.norm", branch @ p[f"{name}.weight"]))
    h = norm("joined", torch.cat(parts + [branch], 1))
    for name in ("head.0", "head.1"):
        h = torch.relu(norm(f"{name}.norm", h @ p[f"{name}.weight"]))
    return h @ p["output.weight"] + p["output.bias"]


def span(x):
    return x.max(1).values - x.min(1).values


def dense_model(p, x, metadata, statistics=None):
    """The dense model without dropout."""
    norm = normaliser(p, statistics)
    n, t, c = x.shape
    frames = norm("attention", x.reshape(n * t, c)).reshape(n, t, c)
    e = torch.exp(torch.tanh(frames @ p["attention.weight"] + p["attention.bias"]))
    a = e / (e.sum(1, keepdim=True) + 1e-7)
    return head(p, norm, [(frames * a.unsqueeze(2)).sum(1), span(x)], metadata)


def backwards(x, weight, bias, recurrent, recurrent_bias):
    """PyTorch's own GRU, which has cuDNN's gates, reading x [N, T, C] from its last moment on; its states stay in the order
    in which they were reached."""
    gru = torch.nn.GRU(weight.shape[0], recurrent.shape[0], batch_first=True)
    own = {"weight_ih_l0": weight.T, "weight_hh_l0": recurrent.T, "bias_ih_l0": bias, "bias_hh_l0": recurrent_bias}
    return torch.func.functional_call(gru, own, (x.flip(1),))[0]


def pool(weight, moments):
    a = torch.softmax(moments @ weight, 1)
    return (moments * a.unsqueeze(2)).sum(1)


def rnn_model(p, x, metadata, statistics=None):
    """The RNN model without dropout."""
    norm = normaliser(p, statistics)
    n, t, c = x.shape
    frames = norm("features", x.reshape(n * t, c)).reshape(n, t, c)
    sequences = [frames]
    for name in ("first", "second"):
        own = (p[f"{name}.{part}"] for part in ("weight", "bias", "recurrent", "recurrentBias"))
        sequences.append(backwards(sequences[-1], *own))
    pooled = pool(p["attention.weight"], torch.cat([sequences[1], sequences[2], frames], 2))
    return head(p, norm, [pooled, span(x)], metadata)


def stack_model(p, x, _, statistics=None):
    """The second level without dropout."""
    norm = normaliser(p, statistics)
    h = norm("input", x)
    for name in ("hidden.0", "hidden.1"):
        h = torch.relu(norm(f"{name}.norm", h @ p[f"{name}.weight"]))
    return h @ p["output.weight"] + p["output.bias"]


def drawn(maps, norms, others):
    p = {f"{name}.weight": normal(inputs, outputs, scale=inputs**-0.5) for name, inputs, outputs in maps}
    p |= others
    for name, size in norms:
        p |= {f"{name}.gamma": normal(size, scale=0.2, shift=1), f"{name}.beta": normal(size, scale=0.2)}
    return {name: value.requires_grad_() for name, value in p.items()}


def head_maps(joined, metadata, hidden, side):
    maps = [
        ("metadata.0", metadata, side), ("metadata.1", side, side), ("head.0", joined, hidden),
        ("head.1", hidden, hidden),
    ]
    norms = [
        ("metadata.0.norm", side), ("metadata.1.norm", side), ("joined", joined), ("head.0.norm", hidden),
        ("head.1.norm", hidden),
    ]
    return maps, norms


def output_map(hidden, classes):
    return {"output.weight": normal(hidden, classes, scale=0.4), "output.bias": normal(classes, scale=0.3)}


def dense_parameters(frames, width, metadata, classes, hidden, side):
    maps, norms = head_maps(2 * width + side, metadata, hidden, side)
    return drawn(
        maps, [("attention", width)] + norms,
        {"attention.weight": normal(width), "attention.bias": normal(frames, scale=0.1)} | output_map(hidden, classes),
    )


def rnn_parameters(frames, width, metadata, classes, hidden, side, units):
    maps, norms = head_maps(2 * (units + width) + side, metadata, hidden, side)
    maps += [("first", width, 3 * units), ("second", units, 3 * units)]
    others = {"attention.weight": normal(2 * units + width)} | output_map(hidden, classes)
    for name in ("first", "second"):
        others |= {
            f"{name}.bias": normal(3 * units, scale=0.3), f"{name}.recurrentBias": normal(3 * units, scale=0.3),
            f"{name}.recurrent": normal(units, 3 * units, scale=units**-0.5),
        }
    return drawn(maps, [("features", width)] + norms, others)


def stack_parameters(columns, classes, hidden):
    return drawn(
        [("hidden.0", columns, hidden), ("hidden.1", hidden, hidden)],
        [("input", columns), ("hidden.0.norm", hidden), ("hidden.1.norm", hidden)], output_map(hidden, classes),
    )


def adam():
    value = normal(6).requires_grad_()
    inputs, outputs = {"before": value.detach().clone()}, {}
    optimiser = torch.optim.Adam([value], lr=1e-3, eps=1e-7)
    for step in range(5):
        value.grad = normal(6)
        inputs[f"gradient.{step}"] = value.grad.clone()
        optimiser.step()
        outputs[f"after.{step}"] = value.detach().clone()
    write("adam", inputs, outputs)


def half(x):
    """What a float16 shard can hold of x."""
    return x.half().float()


def model(name, network, p, draw, classes):
    """Three steps of Adam, the first one's logits and gradients, and what the network answers after the last one with the
    mean of the three batches' statistics."""
    before = {f"before.{key}": value.detach().clone() for key, value in p.items()}
    batches, losses, seen, first = [], [], [], {}
    optimiser = torch.optim.Adam(p.values(), lr=1e-3, eps=1e-7)
    for step in range(3):
        x, metadata = draw()
        targets = (torch.rand(len(x), classes) < 0.3).float()
        batches.append((x, metadata, targets))
        statistics = {}
        logits = network(p, x, metadata, statistics)
        loss = F.binary_cross_entropy_with_logits(logits, targets)
        seen.append(statistics)
        losses.append(loss)
        if step == 0:
            first = {"logits": logits} | gradients(F.binary_cross_entropy_with_logits(network(p, x, metadata), targets), p)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    mean = {key: tuple(sum(s[key][k] for s in seen) / len(seen) for k in (0, 1)) for key in seen[0]}
    x, metadata, _ = batches[0]
    inputs = {}
    for step, (x_, metadata_, targets_) in enumerate(batches):
        inputs |= {f"features.{step}": x_, f"targets.{step}": targets_}
        inputs |= {f"metadata.{step}": metadata_} if metadata_ is not None else {}
    write(
        name, before | inputs,
        first | {f"after.{key}": value for key, value in p.items()}
        | {"losses": torch.stack(losses), "inference": network(p, x, metadata, mean)},
    )


def models():
    size = {"frames": 3, "metadata": 4, "classes": 3, "hidden": 9, "side": 6}

    def clips(width, frames=3):
        return lambda: (half(normal(10, frames, width, scale=0.5, shift=0.4).abs()), normal(10, 4))

    model("dense-model", dense_model, dense_parameters(width=21, **size), clips(21), 3)
    model("concat-model", dense_model, dense_parameters(width=5 + 9 + 4, **size), clips(18), 3)
    size |= {"frames": 4, "units": 5, "hidden": 7, "side": 4}
    model("rnn-model", rnn_model, rnn_parameters(width=11, **size), clips(11, frames=4), 3)
    model("stack-model", stack_model, stack_parameters(13, 3, 8), lambda: (torch.rand(12, 13), None), 3)


def main():
    torch.manual_seed(7961730)
    torch.set_num_threads(1)
    OUT.mkdir(parents=True, exist_ok=True)
    layer("dense", {"x": normal(5, 7), "weight": normal(7, 4), "bias": normal(4)}, lambda x, weight, bias: x @ weight + bias)
    layer("batch-norm", {"x": normal(6, 5, scale=2, shift=3), "gamma": normal(5), "beta": normal(5)}, batch_norm)
    layer("rectifier", {"x": normal(4, 6)}, torch.relu)
    layer(
        "attention",
        {
            "constant.x": normal(4, 5, 19, scale=0.7, shift=2), "gamma": normal(19, shift=1), "beta": normal(19),
            "weight": normal(19, scale=0.3), "bias": normal(5),
        },
        lambda gamma, beta, weight, bias, **x: attention(x["constant.x"], gamma, beta, weight, bias),
    )
    x = normal(4, 5, 7)
    write("time-range", {"x": x}, {"output": span(x)})
    logits, targets = (normal(5, 3) * 10).requires_grad_(), torch.rand(5, 3)
    loss = F.binary_cross_entropy_with_logits(logits, targets)
    write(
        "cross-entropy", {"logits": logits, "targets": targets},
        {"loss": loss.reshape(1)} | gradients(loss, {"logits": logits}),
    )
    adam()
    units, frames = 6, 5
    layer(
        "recurrence",
        {"x": normal(3, frames, 3 * units), "weight": normal(units, 3 * units, scale=0.6), "bias": normal(3 * units)},
        lambda x, weight, bias: backwards(x, torch.eye(3 * units), torch.zeros(3 * units), weight, bias),
    )
    layer(
        "sequence-attention",
        {
            "constant.x": normal(3, frames, 7, scale=0.7, shift=2), "gamma": normal(7, shift=1), "beta": normal(7),
            "weight": normal(4 + 3 + 7, scale=0.5), "one": normal(3, frames, 4), "two": normal(3, frames, 3),
        },
        sequence_attention,
    )
    layer(
        "projection",
        {
            "constant.x": normal(3, frames, 7, scale=0.7, shift=2), "gamma": normal(7, shift=1), "beta": normal(7),
            "weight": normal(7, 9), "bias": normal(9),
        },
        lambda weight, bias, **x: normalised(**x) @ weight + bias,
    )
    models()


if __name__ == "__main__":
    main()
