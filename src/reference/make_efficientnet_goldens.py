"""Writes what the tests of EfficientNet and EfficientNetV2 compare with.

    python src/reference/make_efficientnet_goldens.py

Into models/src/test/resources what make_mobilenet_goldens.py writes, for EfficientNet and its second version:
listings/efficientnet*.txt.gz and goldens/efficientnet*/CASE.
"""

import shutil
from pathlib import Path

import tvshim  # noqa: F401  (before torchvision)
import torch
from transformers import EfficientNetConfig, EfficientNetForImageClassification, EfficientNetModel

import goldens
from make_mobilenet_goldens import amplify, write_golden, write_listing, write_timm

# As far as they consist of convolutions, batch norms and squeeze-and-excitation, and nothing else.
FAMILIES = {
    "efficientnet": [
        f"{prefix}efficientnet_{size}" for prefix in ("", "tf_") for size in ("b[0-8]", "l2", "lite[0-4]", "e[sml]")
    ]
    + ["efficientnet_e[sl]_pruned", "tinynet_*"],
    "efficientnetv2": ["efficientnetv2_*", "tf_efficientnetv2_*"],
}

# case: (architecture, height, width, gain, arguments), as in make_mobilenet_goldens.py. EfficientNet*Test.java repeat the gain.
TIMM_CASES = {
    "efficientnet": {
        "efficientnet_b0": ("efficientnet_b0", 224, 224, 1.5, {}),
        "tf_efficientnet_b1": ("tf_efficientnet_b1", 67, 97, 1.4, {}),
        "efficientnet_b3": ("efficientnet_b3", 50, 65, 1.3, {}),
        "tf_efficientnet_lite0": ("tf_efficientnet_lite0", 61, 90, 1.25, {}),
        "efficientnet_lite2": ("efficientnet_lite2", 65, 34, 1.25, {}),
        "efficientnet_es": ("efficientnet_es", 61, 78, 1.1, {}),
        "tf_efficientnet_em": ("tf_efficientnet_em", 63, 50, 1.1, {}),
        "efficientnet_el_pruned": ("efficientnet_el_pruned", 35, 33, 1.1, {}),
        "dilated": ("efficientnet_b0", 75, 49, 1.5, {"output_stride": 8, "pad_type": "same", "global_pool": "max", "num_classes": 0}),
        "small_image": ("tf_efficientnet_b0", 3, 1, 1.5, {}),
        "arguments": (
            "tf_efficientnet_b0",
            47,
            66,
            1.5,
            {
                "in_chans": 1,
                "num_classes": 10,
                "act_layer": "gelu",
                "bn_eps": 0.01,
                "pad_type": "",
                "output_stride": 16,
                "global_pool": "catavgmax",
                "drop_path_rate": 0.2,
            },
        ),
        "tinynet_c": ("tinynet_c", 64, 81, 1.5, {}),
    },
    "efficientnetv2": {
        "efficientnetv2_s": ("efficientnetv2_s", 96, 81, 1.1, {}),
        "efficientnetv2_rw_t": ("efficientnetv2_rw_t", 65, 50, 1.1, {}),
        "efficientnetv2_rw_s": ("efficientnetv2_rw_s", 33, 47, 1.05, {}),
        "tf_efficientnetv2_b0": ("tf_efficientnetv2_b0", 192, 192, 1.3, {}),
        "tf_efficientnetv2_b2": ("tf_efficientnetv2_b2", 67, 90, 1.2, {}),
        "dilated": ("tf_efficientnetv2_b0", 75, 49, 1.3, {"output_stride": 8, "pad_type": "", "num_classes": 0}),
        "arguments": (
            "tf_efficientnetv2_b1",
            47,
            66,
            1.2,
            {"in_chans": 2, "num_classes": 10, "act_layer": "relu", "bn_eps": 0.01, "global_pool": "avgmax"},
        ),
    },
}

# Google's B0, B2, which has blocks that are padded symmetrically, and B7, as published.
TRANSFORMERS_LISTED = {
    "b0": {"width_coefficient": 1.0, "depth_coefficient": 1.0, "hidden_dim": 1280},
    "b2": {"width_coefficient": 1.1, "depth_coefficient": 1.2, "hidden_dim": 1408, "depthwise_padding": [5, 8, 16]},
    "b7": {"depthwise_padding": [18]},
}

TINY = {"width_coefficient": 0.05, "depth_coefficient": 0.5, "depth_divisor": 4, "hidden_dim": 64, "num_labels": 5}

# case: (class, height, width, gain, configuration besides TINY)
TRANSFORMERS_CASES = {
    "transformers_even": (EfficientNetForImageClassification, 32, 64, 1.5, {}),
    "transformers_odd": (EfficientNetForImageClassification, 51, 35, 1.5, {"depthwise_padding": [1, 3], "pooling_type": "max"}),
    "transformers_other_table": (
        EfficientNetModel,
        35,
        50,
        1.5,
        {
            "depth_coefficient": 1.3,
            "hidden_act": "gelu",
            "batch_norm_eps": 0.05,
            "squeeze_expansion_ratio": 0.4,
            "in_channels": [32, 32, 64],
            "out_channels": [32, 64, 160],
            "kernel_sizes": [5, 3, 7],
            "strides": [1, 2, 2],
            "num_block_repeats": [2, 1, 2],
            "expand_ratios": [1, 3, 2],
            "depthwise_padding": [4],
        },
    ),
}


def write_transformers(directory: Path, case: tuple, seed: int) -> None:
    """A model with random weights as save_pretrained writes it."""
    model_class, height, width, gain, extra = case
    config = EfficientNetConfig(image_size=[height, width], **(TINY | extra))
    model = goldens.randomize(model_class(config), seed)
    amplify(model, gain)
    model.save_pretrained(directory)
    backbone = getattr(model, "efficientnet", model)
    stages = {"stem": backbone.embeddings, "head": backbone.encoder.top_activation}
    stages |= {f"block.{i}": block for i, block in enumerate(backbone.encoder.blocks)}
    image = goldens.random_image(height, width, seed)
    write_golden(directory, model, image, stages, goldens.transformers_outputs(model, backbone), {"input": image})


def write_transformers_listing() -> None:
    with torch.device("meta"):
        models = [
            (name, EfficientNetForImageClassification(EfficientNetConfig(num_labels=1000, **config)))
            for name, config in TRANSFORMERS_LISTED.items()
        ]
    goldens.write_listing(goldens.RESOURCES / "listings" / "efficientnet_transformers.txt.gz", models)


def main() -> None:
    torch.set_num_threads(1)
    write_transformers_listing()
    for family, patterns in FAMILIES.items():
        write_listing(family, patterns)
        directory = goldens.RESOURCES / "goldens" / family
        shutil.rmtree(directory, ignore_errors=True)
        for seed, (case, parameters) in enumerate(TIMM_CASES[family].items()):
            write_timm(directory / case, parameters, seed)
    for seed, (case, parameters) in enumerate(TRANSFORMERS_CASES.items()):
        write_transformers(goldens.RESOURCES / "goldens" / "efficientnet" / case, parameters, seed)


if __name__ == "__main__":
    main()
