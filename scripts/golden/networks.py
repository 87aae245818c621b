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


def dense_model(p, x, metadata, statistics=None):
    """The dense model without dropout. `statistics` collects the batch's (mean, variance) of every batch norm, or, when
    it is full, gives what to normalise with."""
    collect = statistics is not None and "attention" not in statistics
    use = statistics if statistics is not None and not collect else None

    def norm(name, value):
        gamma, beta = p[f"{name}.gamma"], p[f"{name}.beta"]
        if use is not None:
            mean, variance = use[name]
            return gamma * (value - mean) / torch.sqrt(variance + EPSILON) + beta
        if collect:
            statistics[name] = (value.mean(0).detach(), value.var(0, unbiased=False).detach())
        return batch_norm(value, gamma, beta)

    n, t, c = x.shape
    frames = norm("attention", x.reshape(n * t, c)).reshape(n, t, c)
    e = torch.exp(torch.tanh(frames @ p["attention.weight"] + p["attention.bias"]))
    a = e / (e.sum(1, keepdim=True) + 1e-7)
    parts = [(frames * a.unsqueeze(2)).sum(1), x.max(1).values - x.min(1).values]
    branch = metadata
    for name in ("metadata.0", "metadata.1"):
        branch = torch.relu(norm(f"{name}.norm", branch @ p[f"{name}.weight"]))
    h = norm("joined", torch.cat(parts + [branch], 1))
    for name in ("head.0", "head.1"):
        h = torch.relu(norm(f"{name}.norm", h @ p[f"{name}.weight"]))
    return h @ p["output.weight"] + p["output.bias"]


def model_parameters(frames, width, metadata, classes, hidden, side):
    joined = 2 * width + side
    p = {"attention.weight": normal(width), "attention.bias": normal(frames, scale=0.1)}
    for name, inputs, outputs in (
        ("metadata.0", metadata, side), ("metadata.1", side, side),
        ("head.0", joined, hidden), ("head.1", hidden, hidden),
    ):
        p[f"{name}.weight"] = normal(inputs, outputs, scale=inputs**-0.5)
    p |= {"output.weight": normal(hidden, classes, scale=0.4), "output.bias": normal(classes, scale=0.3)}
    for name, size in (
        ("attention", width), ("metadata.0.norm", side), ("metadata.1.norm", side), ("joined", joined),
        ("head.0.norm", hidden), ("head.1.norm", hidden),
    ):
        p |= {f"{name}.gamma": normal(size, scale=0.2, shift=1), f"{name}.beta": normal(size, scale=0.2)}
    return {name: value.requires_grad_() for name, value in p.items()}


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


def model():
    sizes = {"frames": 3, "width": 21, "metadata": 4, "classes": 3, "hidden": 9, "side": 6}
    p = model_parameters(**sizes)
    before = {f"before.{name}": value.detach().clone() for name, value in p.items()}
    batches, losses, seen = [], [], []
    optimiser = torch.optim.Adam(p.values(), lr=1e-3, eps=1e-7)
    first = {}
    for step in range(3):
        x = normal(10, sizes["frames"], sizes["width"], scale=0.5, shift=0.4).abs()
        metadata = normal(10, sizes["metadata"])
        targets = (torch.rand(10, sizes["classes"]) < 0.3).float()
        batches.append((x, metadata, targets))
        statistics = {}
        logits = dense_model(p, x, metadata, statistics)
        loss = F.binary_cross_entropy_with_logits(logits, targets)
        seen.append(statistics)
        losses.append(loss)
        if step == 0:
            again = F.binary_cross_entropy_with_logits(dense_model(p, x, metadata), targets)
            first = {"logits": logits} | gradients(again, p)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    mean = {
        name: tuple(sum(s[name][k] for s in seen) / len(seen) for k in (0, 1)) for name in seen[0]
    }
    x, metadata, _ = batches[0]
    inputs = {}
    for step, (x_, metadata_, targets_) in enumerate(batches):
        inputs |= {f"features.{step}": x_, f"metadata.{step}": metadata_, f"targets.{step}": targets_}
    write(
        "dense-model", before | inputs,
        first | {f"after.{name}": value for name, value in p.items()}
        | {"losses": torch.stack(losses), "inference": dense_model(p, x, metadata, mean)},
    )


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
    write("time-range", {"x": x}, {"output": x.max(1).values - x.min(1).values})
    logits, targets = (normal(5, 3) * 10).requires_grad_(), torch.rand(5, 3)
    loss = F.binary_cross_entropy_with_logits(logits, targets)
    write(
        "cross-entropy", {"logits": logits, "targets": targets},
        {"loss": loss.reshape(1)} | gradients(loss, {"logits": logits}),
    )
    adam()
    model()


if __name__ == "__main__":
    main()
