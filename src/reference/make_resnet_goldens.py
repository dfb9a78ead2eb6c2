"""Writes what the tests of ResNet compare with.

    python src/reference/make_resnet_goldens.py

Into models/src/test/resources/goldens/resnet/CASE: config.json and golden.safetensors of timm's models with synthetic weights, and
small random checkpoints as transformers saves them.
"""

import shutil

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from timm.models._hub import save_config_for_hf
from torch import nn
from transformers import ResNetConfig, ResNetForImageClassification, ResNetModel

import goldens
from make_mobilenet_goldens import write_golden

DIRECTORY = goldens.RESOURCES / "goldens" / "resnet"

SMALL = {"layers": [1, 2, 1, 1], "channels": [16, 24, 32, 40], "num_classes": 7}
ONE_EACH = {"layers": [1, 1, 1, 1], "num_classes": 7}

# case: (architecture, height, width, arguments). Sizes are odd somewhere on the way down.
TIMM_CASES = {
    "resnet10t": ("resnet10t", 61, 50, {}),
    "resnet18": ("resnet18", 224, 224, {}),
    "resnet50": ("resnet50", 97, 75, {}),
    "test_resnet": ("test_resnet", 160, 160, {}),
    "bottlenecks": ("resnet101", 45, 70, SMALL),
    "deep": ("resnet50s", 37, 61, SMALL | {"stem_width": 12}),
    "averaging": ("resnet152d", 75, 38, SMALL),
    "resnext": ("resnext50_32x4d", 33, 47, ONE_EACH),
    "resnext_wide_groups": ("resnext101_64x4d", 40, 33, SMALL | {"cardinality": 2, "base_width": 40, "channels": [32, 48, 64, 72]}),
    "wide": ("wide_resnet50_2", 39, 52, SMALL),
    "squeeze_basic": ("seresnet18", 50, 47, SMALL),
    "squeeze_bottlenecks": ("seresnext26d_32x4d", 42, 53, SMALL | {"cardinality": 4, "base_width": 24}),
    "senet154": ("senet154", 53, 36, SMALL | {"cardinality": 4, "base_width": 32, "stem_width": 10}),
    "eca": ("ecaresnet50t", 38, 57, SMALL),
    "eca_wide": ("ecaresnetlight", 34, 35, SMALL | {"layers": [1, 1, 1, 1], "channels": [16, 16, 16, 128]}),
    "resnetrs": ("resnetrs50", 45, 52, SMALL),
    "dilated": ("resnet50", 75, 50, SMALL | {"output_stride": 8, "global_pool": "max", "num_classes": 0}),
    "dilated_averaging": ("resnet50d", 70, 51, SMALL | {"output_stride": 8, "global_pool": "avgmax"}),
    "dilated_senet154": ("senet154", 47, 66, SMALL | {"cardinality": 4, "base_width": 32, "stem_width": 10, "output_stride": 16}),
    "dilated_basic": ("resnet18", 50, 49, SMALL | {"output_stride": 8, "block_reduce_first": 2}),
    "one_pixel": ("resnet18", 1, 2, SMALL),
    "arguments": (
        "resnet26d",
        48,
        61,
        SMALL | {"in_chans": 1, "act_layer": "silu", "global_pool": "catavgmax", "drop_rate": 0.2, "drop_block_rate": 0.1},
    ),
    "legacy_basic": ("legacy_seresnet18", 41, 58, ONE_EACH),
    "legacy_bottlenecks": ("legacy_seresnet50", 40, 33, ONE_EACH | {"layers": [1, 2, 1, 1]}),
    "legacy_next": ("legacy_seresnext26_32x4d", 39, 64, ONE_EACH | {"global_pool": "max"}),
    "legacy_senet154": ("legacy_senet154", 35, 46, ONE_EACH | {"reduction": 8}),
}

TRANSFORMERS_SMALL = {"embedding_size": 8, "num_labels": 5}

# case: (class, height, width, configuration besides TRANSFORMERS_SMALL)
TRANSFORMERS_CASES = {
    "transformers_basic": (
        ResNetForImageClassification,
        45,
        38,
        {"layer_type": "basic", "hidden_sizes": [8, 12, 16], "depths": [1, 2, 1]},
    ),
    "transformers_bottlenecks": (
        ResNetForImageClassification,
        61,
        50,
        {"hidden_sizes": [16, 24, 32, 40], "depths": [1, 2, 1, 1], "hidden_act": "gelu"},
    ),
    "transformers_strides": (
        ResNetModel,
        70,
        59,
        {
            "hidden_sizes": [16, 24, 32],
            "depths": [1, 2, 1],
            "downsample_in_bottleneck": True,
            "downsample_in_first_stage": True,
        },
    ),
}


def stages(model: nn.Module) -> dict[str, nn.Module]:
    """Before every stage there is the pooling of the stem: what goes into it is the stem's map, after its activation."""
    layers = {f"layer.{i}": getattr(model, f"layer{i}") for i in range(1, 5)}
    return {"stem": model.layer0 if hasattr(model, "layer0") else model.act1} | layers


def write_timm(case: str, seed: int) -> None:
    """A model with synthetic weights, and no file of these. The image is the synthetic one where that has enough channels."""
    architecture, height, width, arguments = TIMM_CASES[case]
    channels = arguments.get("in_chans", 3)
    model = timm.create_model(architecture, pretrained_cfg_overlay={"input_size": (channels, height, width)}, **arguments)
    directory = DIRECTORY / case
    directory.mkdir(parents=True)
    save_config_for_hf(model, directory / "config.json", model_args=arguments)
    model.load_state_dict(goldens.synthetic_state(model), strict=False)
    image, extra = goldens.image_and_input(height, width, channels, seed)
    write_golden(directory, model, image, stages(model), goldens.timm_outputs(model), extra)


def write_transformers(case: str, seed: int) -> None:
    """A model with random weights as save_pretrained writes it."""
    model_class, height, width, extra = TRANSFORMERS_CASES[case]
    model = goldens.randomize(model_class(ResNetConfig(**(TRANSFORMERS_SMALL | extra))), seed)
    model.save_pretrained(DIRECTORY / case)
    base = getattr(model, "resnet", model)
    layers = {"stem": base.embedder.embedder} | {f"layer.{i}": stage for i, stage in enumerate(base.encoder.stages, start=1)}
    image = goldens.random_image(height, width, seed)
    write_golden(DIRECTORY / case, model, image, layers, goldens.transformers_outputs(model, base), {"input": image})


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, case in enumerate(TIMM_CASES):
        write_timm(case, seed)
    for seed, case in enumerate(TRANSFORMERS_CASES):
        write_transformers(case, seed)


if __name__ == "__main__":
    main()
