"""Writes what the tests of MobileNetV1 to MobileNetV4 and their relatives compare with.

    python src/reference/make_mobilenet_goldens.py

Into models/src/test/resources: listings/mobilenet*.txt.gz, names and shapes of presets; goldens/FAMILY/CASE/{config.json,
golden.safetensors}, full-size models of timm with synthetic weights, and small random checkpoints as transformers saves them.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from timm.models._hub import save_config_for_hf
from torch import nn
from transformers import (
    MobileNetV1Config,
    MobileNetV1ForImageClassification,
    MobileNetV1Model,
    MobileNetV2Config,
    MobileNetV2ForImageClassification,
    MobileNetV2Model,
)

import goldens

FAMILIES = {
    "mobilenetv1": ["mobilenetv1_*"],
    "mobilenetv2": ["mobilenetv2_*"],
    "mobilenetv3": ["mobilenetv3_*", "tf_mobilenetv3_*"],
    "lcnet": ["lcnet_*"],
    "fbnetv3": ["fbnetv3_*"],
    "hardcorenas": ["hardcorenas_*"],
    "mnasnet": ["mnasnet_*", "semnasnet_*", "spnasnet_*", "fbnetc_*"],
    "mobilenetv4": ["mobilenetv4_conv_[slm]*", "mobilenetv4_hybrid_*"],
}

# case: (architecture, height, width, gain, arguments). The gain, of the batch norms, keeps the signal from fading on its way:
# with 1 the answer hardly depends on the image, with much more the network amplifies what single precision rounds off (PyTorch's
# own errors then exceed the tolerance). MobileNetV*Test.java repeats it. Most sizes are odd somewhere on the way down, where
# TensorFlow's padding is lopsided.
TIMM_CASES = {
    "mobilenetv1": {
        "mobilenetv1_100": ("mobilenetv1_100", 224, 224, 1.5, {}),
        "mobilenetv1_100h": ("mobilenetv1_100h", 65, 50, 1.5, {}),
        "mobilenetv1_125": ("mobilenetv1_125", 33, 90, 1.5, {"output_stride": 16, "pad_type": "same", "num_classes": 0}),
        "arguments": (
            "mobilenetv1_100",
            47,
            66,
            1.5,
            {"in_chans": 2, "num_classes": 10, "act_layer": "silu", "bn_eps": 0.01, "depth_multiplier": 0.6, "global_pool": "catavgmax"},
        ),
    },
    "mobilenetv2": {
        "mobilenetv2_035": ("mobilenetv2_035", 96, 96, 1.25, {}),
        "mobilenetv2_100": ("mobilenetv2_100", 97, 123, 1.25, {}),
        "mobilenetv2_110d": ("mobilenetv2_110d", 64, 50, 1.25, {}),
        "mobilenetv2_140": ("mobilenetv2_140", 33, 65, 1.25, {}),
        "dilated": ("mobilenetv2_050", 75, 49, 1.25, {"output_stride": 8, "pad_type": "same", "global_pool": "max", "num_classes": 0}),
        "small_image": ("mobilenetv2_050", 3, 1, 1.25, {}),
        "arguments": (
            "mobilenetv2_050",
            47,
            66,
            1.25,
            {
                "in_chans": 1,
                "num_classes": 10,
                "act_layer": "silu",
                "bn_eps": 0.01,
                "depth_multiplier": 1.5,
                "global_pool": "catavgmax",
                "drop_rate": 0.2,
            },
        ),
    },
    "mobilenetv3": {
        "mobilenetv3_small_050": ("mobilenetv3_small_050", 65, 47, 1.5, {}),
        "mobilenetv3_small_100": ("mobilenetv3_small_100", 224, 224, 1.5, {}),
        "mobilenetv3_large_100": ("mobilenetv3_large_100", 97, 123, 1.25, {}),
        "mobilenetv3_large_150d": ("mobilenetv3_large_150d", 70, 51, 1.2, {}),
        "mobilenetv3_rw": ("mobilenetv3_rw", 81, 64, 1.4, {}),
        "tf_mobilenetv3_small_075": ("tf_mobilenetv3_small_075", 95, 33, 1.5, {}),
        "tf_mobilenetv3_large_100": ("tf_mobilenetv3_large_100", 98, 121, 1.25, {}),
        "tf_mobilenetv3_large_minimal_100": ("tf_mobilenetv3_large_minimal_100", 63, 90, 1.25, {}),
        "small_image": ("tf_mobilenetv3_small_100", 1, 2, 1.25, {}),
        "arguments": (
            "mobilenetv3_large_075",
            48,
            61,
            1.25,
            {"num_classes": 10, "act_layer": "gelu", "head_bias": False, "depth_multiplier": 1.3, "global_pool": "avgmax"},
        ),
    },
    "lcnet": {
        "lcnet_035": ("lcnet_035", 96, 65, 1.5, {}),
        "lcnet_150": ("lcnet_150", 35, 50, 1.5, {"num_classes": 0, "pad_type": "same"}),
    },
    "fbnetv3": {
        "fbnetv3_b": ("fbnetv3_b", 65, 50, 1.25, {}),
        "fbnetv3_g": ("fbnetv3_g", 33, 47, 1.25, {"num_classes": 10}),
    },
    "hardcorenas": {
        "hardcorenas_a": ("hardcorenas_a", 65, 50, 1.25, {}),
        "hardcorenas_f": ("hardcorenas_f", 33, 47, 1.25, {"num_classes": 0, "global_pool": "catavgmax"}),
    },
    # timm makes a new FBNet-C with another epsilon than where it loads one.
    "mnasnet": {
        "mnasnet_100": ("mnasnet_100", 65, 50, 1.3, {}),
        "semnasnet_075": ("semnasnet_075", 47, 66, 1.5, {}),
        "mnasnet_small": ("mnasnet_small", 96, 96, 1.3, {}),
        "spnasnet_100": ("spnasnet_100", 35, 47, 1.3, {"num_classes": 0, "act_layer": "silu"}),
        "fbnetc_100": ("fbnetc_100", 61, 48, 1.2, {"bn_eps": 1e-3}),
    },
    "mobilenetv4": {
        "mobilenetv4_conv_small": ("mobilenetv4_conv_small", 224, 224, 1.5, {}),
        "mobilenetv4_conv_small_035": ("mobilenetv4_conv_small_035", 65, 47, 1.5, {"pad_type": "same"}),
        "mobilenetv4_conv_medium": ("mobilenetv4_conv_medium", 75, 50, 1.5, {}),
        "mobilenetv4_hybrid_medium_075": ("mobilenetv4_hybrid_medium_075", 97, 123, 2, {}),
        "mobilenetv4_hybrid_large_075": ("mobilenetv4_hybrid_large_075", 66, 81, 1.5, {}),
        "small_image": ("mobilenetv4_hybrid_medium_075", 3, 1, 1.5, {}),
        "arguments": (
            "mobilenetv4_hybrid_medium_075",
            48,
            61,
            1.25,
            {"num_classes": 10, "act_layer": "silu", "bn_eps": 0.01, "pad_type": "same", "global_pool": "catavgmax"},
        ),
    },
}

# What Google published.
V1_TRANSFORMERS_WIDTHS = (0.25, 0.75, 1.0)
TRANSFORMERS_WIDTHS = (0.35, 0.75, 1.0, 1.4)

TINY = {"depth_multiplier": 0.1, "depth_divisible_by": 4, "min_depth": 4, "num_labels": 5}

V1_TINY = {"depth_multiplier": 0.03, "min_depth": 5, "num_labels": 5}

# case of MobileNetV1: (class, height, width, gain, configuration besides V1_TINY)
V1_TRANSFORMERS_CASES = {
    "transformers_same": (MobileNetV1ForImageClassification, 65, 50, 1.5, {}),
    "transformers_symmetric": (
        MobileNetV1Model,
        50,
        33,
        1.5,
        {"tf_padding": False, "hidden_act": "gelu", "layer_norm_eps": 0.05, "depth_multiplier": 0.045},
    ),
}

# case: (class, height, width, gain, configuration besides TINY)
TRANSFORMERS_CASES = {
    "transformers_same": (MobileNetV2ForImageClassification, 65, 50, 1.25, {"finegrained_output": False}),
    "transformers_symmetric": (
        MobileNetV2ForImageClassification,
        50,
        65,
        1.1,
        {
            "depth_multiplier": 0.03,
            "min_depth": 6,
            "tf_padding": False,
            "output_stride": 16,
            "first_layer_is_expansion": False,
            "hidden_act": "hardswish",
        },
    ),
    "transformers_dilated": (
        MobileNetV2Model,
        49,
        38,
        1.25,
        {"depth_multiplier": 0.15, "output_stride": 8, "expand_ratio": 3.3, "layer_norm_eps": 0.1, "finegrained_output": False},
    ),
}


def amplify(model: nn.Module, gain: float) -> None:
    """Multiplies the weights of the batch norms."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if re.search(r"(bn\d?|norm|norm_head|normalization)\.weight$", name):
                parameter *= gain


def write_golden(
    directory: Path,
    model: nn.Module,
    image: torch.Tensor,
    stages: dict[str, nn.Module],
    outputs: Callable[[torch.Tensor], dict[str, torch.Tensor]],
    extra: dict[str, torch.Tensor],
) -> None:
    """Writes samples of what each module of `stages` returns and all of the outputs for image [H, W, C], in float64."""
    results = dict(extra)
    model.double().eval()
    for name, module in stages.items():
        name = f"sampled.{name}"
        module.register_forward_hook(lambda _module, _args, y, name=name: results.update({name: goldens.sample(y)}))
    with torch.no_grad():
        answers = outputs(image.double().permute(2, 0, 1).unsqueeze(0))
    assert len(results) == len(extra) + len(stages)
    goldens.save_f32(directory / "golden.safetensors", results | {name: value[0] for name, value in answers.items()})


def write_timm(directory: Path, case: tuple, seed: int) -> None:
    """A model with synthetic weights, and no file of these. The image is the synthetic one where that has enough channels."""
    architecture, height, width, gain, arguments = case
    channels = arguments.get("in_chans", 3)
    overlay = {"input_size": (channels, height, width)}
    model = timm.create_model(architecture, pretrained_cfg_overlay=overlay, **arguments)
    directory.mkdir(parents=True)
    save_config_for_hf(model, directory / "config.json", model_args=arguments)

    model.load_state_dict(goldens.synthetic_state(model), strict=False)
    amplify(model, gain)
    image, extra = goldens.image_and_input(height, width, channels, seed)
    blocks = (block for stage in model.blocks for block in stage)
    stages = {"stem": model.bn1} | {f"block.{i}": block for i, block in enumerate(blocks)}
    if not hasattr(model, "bn2"):
        stages |= {"pool": model.global_pool}
    elif not isinstance(model.bn2, nn.Identity):
        stages |= {"head": model.bn2}
    write_golden(directory, model, image, stages, goldens.timm_outputs(model), extra)


def write_transformers(directory: Path, case: tuple, seed: int) -> None:
    """A model with random weights as save_pretrained writes it."""
    model_class, height, width, gain, extra = case
    config = MobileNetV2Config(image_size=[height, width], **(TINY | extra))
    model = goldens.randomize(model_class(config), seed)
    amplify(model, gain)
    model.save_pretrained(directory)
    backbone = getattr(model, "mobilenet_v2", model)
    stages = {"stem": backbone.conv_stem.first_conv, "block.0": backbone.conv_stem, "head": backbone.conv_1x1}
    stages |= {f"block.{i}": layer for i, layer in enumerate(backbone.layer, start=1)}
    image = goldens.random_image(height, width, seed)
    write_golden(directory, model, image, stages, goldens.transformers_outputs(model, backbone), {"input": image})


def write_v1_transformers(directory: Path, case: tuple, seed: int) -> None:
    """A MobileNetV1 with random weights as save_pretrained writes it."""
    model_class, height, width, gain, extra = case
    config = MobileNetV1Config(image_size=[height, width], **(V1_TINY | extra))
    model = goldens.randomize(model_class(config), seed)
    amplify(model, gain)
    model.save_pretrained(directory)
    backbone = getattr(model, "mobilenet_v1", model)
    stages = {"stem": backbone.conv_stem}
    stages |= {f"block.{i}": layer for i, layer in enumerate(backbone.layer[1::2])}
    image = goldens.random_image(height, width, seed)
    write_golden(directory, model, image, stages, goldens.transformers_outputs(model, backbone), {"input": image})


def write_listing(family: str, patterns: list[str]) -> None:
    with torch.device("meta"):
        models = [(preset, timm.create_model(preset)) for preset in timm.list_models(patterns)]
    goldens.write_listing(goldens.RESOURCES / "listings" / f"{family}.txt.gz", models)


def write_transformers_listings() -> None:
    with torch.device("meta"):
        models = [
            (str(width), MobileNetV1ForImageClassification(MobileNetV1Config(depth_multiplier=width, num_labels=1001)))
            for width in V1_TRANSFORMERS_WIDTHS
        ]
    goldens.write_listing(goldens.RESOURCES / "listings" / "mobilenetv1_transformers.txt.gz", models)
    with torch.device("meta"):
        models = [
            (str(width), MobileNetV2ForImageClassification(MobileNetV2Config(depth_multiplier=width, num_labels=1001)))
            for width in TRANSFORMERS_WIDTHS
        ]
    goldens.write_listing(goldens.RESOURCES / "listings" / "mobilenetv2_transformers.txt.gz", models)


def main() -> None:
    torch.set_num_threads(1)
    write_transformers_listings()
    for family, patterns in FAMILIES.items():
        write_listing(family, patterns)
        directory = goldens.RESOURCES / "goldens" / family
        shutil.rmtree(directory, ignore_errors=True)
        for seed, (case, parameters) in enumerate(TIMM_CASES[family].items()):
            write_timm(directory / case, parameters, seed)
    for seed, (case, parameters) in enumerate(V1_TRANSFORMERS_CASES.items()):
        write_v1_transformers(goldens.RESOURCES / "goldens" / "mobilenetv1" / case, parameters, seed)
    for seed, (case, parameters) in enumerate(TRANSFORMERS_CASES.items()):
        write_transformers(goldens.RESOURCES / "goldens" / "mobilenetv2" / case, parameters, seed)


if __name__ == "__main__":
    main()
