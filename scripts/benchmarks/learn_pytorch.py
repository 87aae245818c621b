#!/usr/bin/env python3
"""Clips per second of PyTorch on the reference solution's networks: what `LearnProbe` is compared with.

Eager mode, float32, random clips that lie in memory as float32, so that nothing but the network and Adam is timed. The
layers, their order and their rates are those of Primatrix's own networks; what PyTorch has ready-made is used as it is.
Prints one JSON object. Needs torch.
"""

import argparse
import json
import resource
import time

import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 24
METADATA = 14


def norm(features):
    return nn.BatchNorm1d(features, eps=1e-3, momentum=0.01)


class Block(nn.Sequential):
    def __init__(self, inputs, outputs, *more):
        super().__init__(nn.Linear(inputs, outputs, bias=False), norm(outputs), nn.ReLU(), *more)


class Head(nn.Module):
    """The branch for the metadata, and everything above the joined features."""

    def __init__(self, width, metadata, dropout, first, side):
        super().__init__()
        self.branch = nn.Sequential(Block(metadata, 128, nn.Dropout(0.25)), Block(128, 128, *side))
        self.joined = nn.Sequential(
            norm(width + 128), *first, Block(width + 128, 1024, nn.Dropout(dropout)),
            Block(1024, 1024, nn.Dropout(dropout)), nn.Linear(1024, CLASSES),
        )

    def forward(self, parts, metadata):
        return self.joined(torch.cat([*parts, self.branch(metadata)], 1))


def span(x):
    return x.amax(1) - x.amin(1)


class Dense(nn.Module):
    def __init__(self, frames, width, metadata=METADATA):
        super().__init__()
        self.norm = norm(width)
        self.weight = nn.Parameter(torch.empty(width).uniform_(-0.03, 0.03))
        self.bias = nn.Parameter(torch.zeros(frames))
        self.head = Head(2 * width, metadata, 0.25, [nn.Dropout(0.25)], [])

    def forward(self, x, metadata):
        n, t, c = x.shape
        y = self.norm(x.reshape(n * t, c)).reshape(n, t, c)
        e = torch.exp(torch.tanh(y @ self.weight + self.bias))
        a = e / (e.sum(1, keepdim=True) + 1e-7)
        return self.head([torch.bmm(a.unsqueeze(1), y).squeeze(1), span(x)], metadata)


class Recurrent(nn.Module):
    def __init__(self, frames, width, metadata=METADATA, units=512):
        super().__init__()
        self.norm = norm(width)
        self.first = nn.GRU(width, units, batch_first=True)
        self.second = nn.GRU(units, units, batch_first=True)
        self.weight = nn.Parameter(torch.empty(2 * units + width).uniform_(-0.05, 0.05))
        self.head = Head(2 * (units + width), metadata, 0.3, [], [nn.Dropout(0.25)])

    def forward(self, x, metadata):
        n, t, c = x.shape
        drop = lambda value, share: F.dropout(value, share, self.training)
        y = self.norm(x.reshape(n * t, c)).reshape(n, t, c)
        one = drop(self.first(drop(y, 0.15).flip(1))[0], 0.15)
        two = drop(self.second(one.flip(1))[0], 0.15)
        z = torch.cat([one, two, y], 2)
        a = torch.softmax(z @ self.weight, 1)
        return self.head([drop(torch.bmm(a.unsqueeze(1), z).squeeze(1), 0.25), drop(span(x), 0.25)], metadata)


class Stack(nn.Module):
    def __init__(self, _, width):
        super().__init__()
        self.layers = nn.Sequential(
            norm(width), nn.Dropout(0.15), Block(width, 512, nn.Dropout(0.25)), Block(512, 512, nn.Dropout(0.25)),
            nn.Linear(512, CLASSES),
        )

    def forward(self, x, _):
        return self.layers(x[:, 0])


MODELS = {"dense": Dense, "rnn": Recurrent, "stack": Stack}


def measure(step, warm, steps, batch):
    """Clips a second; `by_processor_time` is what the work itself costs on a machine that others use too, and means
    something with one thread only, since several of them burn time waiting for each other."""
    for _ in range(warm):
        step()
    times, processor_times = [], []
    for _ in range(steps):
        start, processor_start = time.perf_counter(), time.process_time()
        step()
        times.append(time.perf_counter() - start)
        processor_times.append(time.process_time() - processor_start)
    return {
        "median": batch / sorted(times)[steps // 2], "best": batch / min(times),
        "by_processor_time": batch / sorted(processor_times)[steps // 2],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--frames", type=int, default=45)
    parser.add_argument("--width", type=int, default=3840)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--warm", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    network = MODELS[options.model](options.frames, options.width)
    x = torch.rand(options.batch, options.frames, options.width)
    metadata = torch.randn(options.batch, METADATA)
    targets = (torch.rand(options.batch, CLASSES) < 0.1).float()
    adam = torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7)

    def train():
        adam.zero_grad(set_to_none=True)
        F.binary_cross_entropy_with_logits(network(x, metadata), targets).backward()
        adam.step()

    @torch.no_grad()
    def infer():
        network(x, metadata)

    network.train()
    training = measure(train, options.warm, options.steps, options.batch)
    network.eval()
    inference = measure(infer, options.warm, options.steps, options.batch)
    print(json.dumps({
        "model": options.model, "batch": options.batch, "frames": options.frames, "width": options.width,
        "threads": options.threads, "torch": torch.__version__,
        "training_clips_per_second": training, "inference_clips_per_second": inference,
        "peak_memory_mi_b": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }))


if __name__ == "__main__":
    main()
