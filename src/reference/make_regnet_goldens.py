"""Writes what the tests of RegNet compare with.

    python src/reference/make_regnet_goldens.py

Into models/src/test/resources/goldens/regnet/CASE: config.json and golden.safetensors of timm's models with synthetic weights, and
small random checkpoints as torchvision and transformers save them.
"""

import shutil

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from safetensors.torch import save_file
from timm.models._hub import save_config_for_hf
from torchvision.models import regnet as torchvision_regnet
from transformers import RegNetConfig, RegNetForImageClassification, RegNetModel

import goldens
from make_mobilenet_goldens import write_golden

DIRECTORY = goldens.RESOURCES / "goldens" / "regnet"

# Stages of 1, 1, 3 and 1 blocks, 8, 16, 32 and 64 wide.
SMALL = {"w0": 8, "wa": 8.0, "wm": 2.0, "depth": 6, "group_size": 8, "stem_width": 12, "num_classes": 7}

# case: (architecture, height, width, arguments). Sizes are odd somewhere on the way down.
TIMM_CASES = {
    "regnetx_002": ("regnetx_002", 224, 224, {}),
    "regnety_004": ("regnety_004", 97, 75, {}),
    "regnetx_004_tv": ("regnetx_004_tv", 64, 50, {}),
    "regnetz_005": ("regnetz_005", 65, 47, {}),
    "x": ("regnetx_080", 61, 50, SMALL),
    "y": ("regnety_120", 45, 70, SMALL | {"group_size": 4, "act_layer": "silu"}),
    "rounded_groups": ("regnety_032", 38, 57, SMALL | {"group_size": 12}),
    "z_without_features": ("regnetz_040", 50, 61, SMALL | {"group_size": 8}),
    "z_with_features": ("regnetz_040_h", 45, 52, SMALL | {"num_features": 20, "global_pool": "catavgmax"}),
    "averaging": ("regnety_064", 75, 38, SMALL | {"downsample": "avg"}),
    "dilated": ("regnetx_064", 75, 50, SMALL | {"output_stride": 8, "num_classes": 0}),
    "dilated_averaging": ("regnetx_064", 70, 51, SMALL | {"output_stride": 16, "downsample": "avg", "global_pool": "max"}),
    "one_pixel": ("regnetx_002", 1, 2, SMALL),
    "arguments": ("regnety_002", 48, 61, SMALL | {"in_chans": 1, "bottle_ratio": 0.5, "group_size": 4, "se_ratio": 0.4, "drop_rate": 0.2}),
}

TRANSFORMERS_SMALL = {"embedding_size": 8, "hidden_sizes": [8, 12, 16], "depths": [1, 2, 1], "num_labels": 5}

# case: (class, height, width, configuration besides TRANSFORMERS_SMALL)
TRANSFORMERS_CASES = {
    "transformers_x": (RegNetForImageClassification, 45, 38, {"layer_type": "x", "groups_width": 4, "hidden_act": "gelu"}),
    "transformers_y": (RegNetForImageClassification, 61, 50, {"groups_width": 4, "hidden_act": "silu"}),
    "transformers_model": (RegNetModel, 33, 47, {"downsample_in_first_stage": False}),
}


def write_config(case: str, model: torch.nn.Module, arguments: dict) -> None:
    (DIRECTORY / case).mkdir(parents=True)
    save_config_for_hf(model, DIRECTORY / case / "config.json", model_args=arguments)


def write_timm(case: str, seed: int) -> None:
    """A model with synthetic weights, and no file of these. The image is the synthetic one where that has enough channels."""
    architecture, height, width, arguments = TIMM_CASES[case]
    channels = arguments.get("in_chans", 3)
    model = timm.create_model(architecture, pretrained_cfg_overlay={"input_size": (channels, height, width)}, **arguments)
    write_config(case, model, arguments)
    model.load_state_dict(goldens.synthetic_state(model), strict=False)
    image, extra = goldens.image_and_input(height, width, channels, seed)
    stages = {"stem": model.stem} | {f"s.{i}": getattr(model, f"s{i}") for i in range(1, 5)}
    write_golden(DIRECTORY / case, model, image, stages, goldens.timm_outputs(model), extra)


def write_torchvision(case: str, seed: int) -> None:
    """A random checkpoint of torchvision with the configuration of timm's model."""
    height, width = 42, 53
    overlay = {"input_size": (3, height, width)}
    arguments = SMALL | {"group_min_ratio": 0.9, "group_size": 12}
    write_config(case, timm.create_model("regnety_008_tv", pretrained_cfg_overlay=overlay, **arguments), arguments)
    parameters = torchvision_regnet.BlockParams.from_init_params(
        depth=SMALL["depth"], w_0=SMALL["w0"], w_a=SMALL["wa"], w_m=SMALL["wm"], group_width=arguments["group_size"], se_ratio=0.25
    )
    model = torchvision_regnet.RegNet(parameters, num_classes=SMALL["num_classes"], stem_width=SMALL["stem_width"])
    goldens.randomize(model, seed)
    save_file(model.state_dict(), DIRECTORY / case / "model.safetensors")

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        features = model.avgpool(model.trunk_output(model.stem(image))).flatten(1)
        return {"features": features, "logits": model.fc(features)}

    stages = {"stem": model.stem} | {f"s.{i}": getattr(model.trunk_output, f"block{i}") for i in range(1, 5)}
    image = goldens.random_image(height, width, seed)
    write_golden(DIRECTORY / case, model, image, stages, outputs, {"input": image})


def write_transformers(case: str, seed: int) -> None:
    """A model with random weights as save_pretrained writes it."""
    model_class, height, width, extra = TRANSFORMERS_CASES[case]
    model = goldens.randomize(model_class(RegNetConfig(**(TRANSFORMERS_SMALL | extra))), seed)
    model.save_pretrained(DIRECTORY / case)
    base = getattr(model, "regnet", model)
    stages = {"stem": base.embedder} | {f"s.{i}": stage for i, stage in enumerate(base.encoder.stages, start=1)}
    image = goldens.random_image(height, width, seed)
    write_golden(DIRECTORY / case, model, image, stages, goldens.transformers_outputs(model, base), {"input": image})


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, case in enumerate(TIMM_CASES):
        write_timm(case, seed)
    write_torchvision("torchvision_names", len(TIMM_CASES))
    for seed, case in enumerate(TRANSFORMERS_CASES):
        write_transformers(case, seed)


if __name__ == "__main__":
    main()
