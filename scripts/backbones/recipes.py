"""Which networks are exported by name, and exactly how each sees a clip."""

import dataclasses

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A network of timm's, where its features are taken, and which frames of a clip it sees.

    `taps` are modules whose outputs are averaged over the picture, and their widths in channels; a width of None is
    found out. `normalisation` is mean and deviation of pixels from 0 to 1; None is what the weights were trained with.
    """

    name: str
    model: str
    taps: tuple
    side: int
    rate: str = "3"
    frames: int = 45
    normalisation: tuple | None = None


def of_reference(name, model, taps, side=404, rate="3", frames=45, normalisation=HALF):
    return Recipe(name, model, tuple(taps), side, rate, frames, normalisation)


# The four of the contest's third place, in the order of its README, then one that it tried, then one of today's.
RECIPES = {
    recipe.name: recipe
    for recipe in (
        of_reference("resnet152", "resnet152.tv_in1k",
                     [("layer1", 256), ("layer2", 512), ("layer3", 1024), ("layer4", 2048)], normalisation=IMAGENET),
        # After the last Inception-A, the last Inception-B and the last Inception-C.
        of_reference("inception_v4", "inception_v4.tf_in1k",
                     [("features.9", 384), ("features.17", 1024), ("features.21", 1536)]),
        of_reference("inception_resnet_v2", "inception_resnet_v2.tf_in1k",
                     [("repeat", 320), ("repeat_1", 1088), ("repeat_2", 2080)]),
        of_reference("nasnetalarge", "nasnetalarge.tf_in1k",
                     [("reduction_cell_0", 1344), ("reduction_cell_1", 2688), ("cell_17", 4032)],
                     side=331, rate="2", frames=30),
        of_reference("densenet161", "densenet161.tv_in1k",
                     [("features.denseblock1", 384), ("features.denseblock2", 768), ("features.denseblock3", 2112)],
                     normalisation=IMAGENET),
        Recipe("convnext_tiny", "convnext_tiny.fb_in22k_ft_in1k_384",
               (("stages.0", 96), ("stages.1", 192), ("stages.2", 384), ("stages.3", 768)), 384),
    )
}
REFERENCE = ("resnet152", "inception_v4", "inception_resnet_v2", "nasnetalarge")
