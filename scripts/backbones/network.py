"""A network of timm's in the form that Primatrix runs: frames in, features of its taps out."""

import pathlib
import warnings

import numpy
import onnxruntime
import timm
import torch

OPERATOR_SET = 17


class Network(torch.nn.Module):
    """uint8 [N, side, side, 3] RGB to float32 [N, D]: each tap averaged over the picture, side by side."""

    def __init__(self, model, taps, normalisation):
        super().__init__()
        self.model = model
        self.taps = list(taps)
        mean, deviation = (torch.tensor(values).reshape(1, 3, 1, 1) for values in normalisation)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.kept = {}
        modules = dict(model.named_modules())
        for tap in self.taps:
            if tap not in modules:
                raise SystemExit(f"the network has no module {tap}; it has: {', '.join(filter(None, modules))}")
            modules[tap].register_forward_hook(lambda module, inputs, output, tap=tap: self.keep(tap, output))

    def keep(self, tap, output):
        # At once: what comes later may work in place.
        self.kept[tap] = self.average(output)

    def average(self, output):
        if output.dim() == 4:
            return output.mean((1, 2) if getattr(self.model, "output_fmt", "NCHW") == "NHWC" else (2, 3))
        if output.dim() == 3:  # Tokens; those in front stand for no place of the picture.
            return output[:, getattr(self.model, "num_prefix_tokens", 0):].mean(1)
        return output

    def forward(self, frames):
        pixels = frames.permute(0, 3, 1, 2).to(self.mean.dtype) / 255
        self.model.forward_features((pixels - self.mean) / self.deviation)
        return torch.cat([self.kept[tap] for tap in self.taps], 1)

    def widths(self):
        """After a call of `forward`."""
        return [self.kept[tap].shape[1] for tap in self.taps]


def make(recipe, seed=None):
    """The recipe's network, with the weights of its authors, or with random ones when a seed is given.

    Returns the network, its licence and its origin, for people.
    """
    options = {"img_size": recipe.side} if "vit" in recipe.model or "swin" in recipe.model else {}
    if seed is not None:
        torch.manual_seed(seed)
        model = timm.create_model(recipe.model, pretrained=False, **options)
        calibrate(model, recipe.side)
        licence, origin = "none: random weights", f"timm {timm.__version__} {recipe.model}, random weights, seed {seed}"
    else:
        model = timm.create_model(recipe.model, pretrained=True, **options)
        source = model.pretrained_cfg
        licence = source.get("license") or "unknown: see the origin"
        place = source.get("hf_hub_id") or source.get("url") or "unknown"
        origin = f"timm {timm.__version__} {recipe.model}, weights {place}"
    normalisation = recipe.normalisation or (model.pretrained_cfg["mean"], model.pretrained_cfg["std"])
    network = Network(model.eval(), [name for name, _ in recipe.taps], normalisation).eval()
    with torch.no_grad():
        network(pictures(1, recipe.side))
    for (name, wanted), found in zip(recipe.taps, network.widths()):
        if wanted not in (None, found):
            raise SystemExit(f"{recipe.name}: tap {name} is {found} wide, not {wanted}: is this another network?")
    return network, licence, origin


def calibrate(model, side):
    """Random weights whose activations neither vanish nor explode: batch norms take what they see for normal."""
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        torch.nn.init.ones_(norm.weight)
        norm.momentum = 1.0
    if norms:
        model.train()
        with torch.no_grad():
            model.forward_features(pictures(2, side).permute(0, 3, 1, 2).float() / 127.5 - 1)


def pictures(count, side):
    """Frames that look a little like pictures: noise of several scales. uint8 [count, side, side, 3]."""
    generator = torch.Generator().manual_seed(1)
    layers = [
        torch.nn.functional.interpolate(torch.rand(count, 3, cells, cells, generator=generator), (side, side),
                                        mode="bilinear")
        for cells in (4, 16, 64, side)
    ]
    mixed = sum(weight * layer for weight, layer in zip((0.5, 0.25, 0.15, 0.1), layers))
    return (mixed * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def export(network, side, path):
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (pictures(1, side),), str(path), opset_version=OPERATOR_SET, dynamo=False,
            input_names=["frames"], output_names=["features"],
            dynamic_axes={"frames": {0: "N"}, "features": {0: "N"}})


def run(path, frames):
    """What ONNX Runtime makes of frames, one at a time, as Primatrix does."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return numpy.concatenate([session.run(["features"], {"frames": frame[None]})[0] for frame in frames])


def difference(found, wanted):
    """The largest difference of a feature, as a part of the largest feature."""
    if found.shape != wanted.shape or not numpy.isfinite(found).all():
        raise SystemExit(f"features {found.shape} that are not as they should be, {wanted.shape}")
    return float(numpy.abs(found - wanted).max() / max(numpy.abs(wanted).max(), 1e-30))


def check(network, side, path: pathlib.Path):
    """How far the file is from the network in double precision, and how far PyTorch itself is in single precision: deep
    networks of random weights enlarge what rounding does.
    """
    frames = pictures(2, side)
    with torch.no_grad():
        single = network(frames).numpy()
        exact = network.double()(frames).numpy()
    network.float()
    return difference(run(path, frames.numpy()), exact), difference(single, exact)
