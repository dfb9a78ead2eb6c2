"""Writes what the tests of VGG compare with.

    python src/reference/make_vgg_goldens.py

Into models/src/test/resources: listings/vgg.txt.gz and listings/vgg_torchvision.txt.gz, names and shapes of timm's and torchvision's
presets; goldens/vgg/CASE/{config.json, golden.safetensors}, timm's models with synthetic weights.
"""

import re
import shutil

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
import torchvision
from timm.models._hub import save_config_for_hf
from torch import nn

import goldens
from make_mobilenet_goldens import write_golden

DIRECTORY = goldens.RESOURCES / "goldens" / "vgg"

# Of the weights of convolutions and batch norms, so that the signal does not fade in sixteen of them. VggTest.java repeats it.
GAIN = 1.4

NARROW = {"mlp_ratio": 0.01, "num_classes": 7}

# case: (architecture, height, width, arguments)
TIMM_CASES = {
    "vgg16": ("vgg16", 96, 80, {}),
    "vgg11": ("vgg11", 64, 50, NARROW),
    "vgg13_bn": ("vgg13_bn", 33, 70, NARROW),
    "vgg19_bn": ("vgg19_bn", 38, 41, NARROW | {"num_classes": 0}),
    "usual_map": ("vgg11_bn", 224, 230, NARROW),
    "larger_map": ("vgg11", 290, 225, NARROW | {"global_pool": "max"}),
    "arguments": ("vgg11", 47, 66, NARROW | {"in_chans": 1, "global_pool": "catavgmax", "drop_rate": 0.2}),
}


def amplify(model: nn.Module) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if re.fullmatch(r"features\.\d+\.weight", name):
                parameter *= GAIN


def write_timm(case: str, seed: int) -> None:
    architecture, height, width, arguments = TIMM_CASES[case]
    channels = arguments.get("in_chans", 3)
    overlay = {"input_size": (channels, height, width)}
    with torch.device("meta"):
        model = timm.create_model(architecture, pretrained_cfg_overlay=overlay, **arguments)
    model.to_empty(device="cpu")
    directory = DIRECTORY / case
    directory.mkdir(parents=True)
    save_config_for_hf(model, directory / "config.json", model_args=arguments)
    model.load_state_dict(goldens.synthetic_state(model), strict=False)
    amplify(model)
    image, extra = goldens.image_and_input(height, width, channels, seed)
    pools = (module for module in model.features if isinstance(module, nn.MaxPool2d))
    stages = {f"stages.{i}": pool for i, pool in enumerate(pools)}
    write_golden(directory, model, image, stages, goldens.timm_outputs(model), extra)


def main() -> None:
    torch.set_num_threads(1)
    with torch.device("meta"):
        presets = [(name, timm.create_model(name)) for name in timm.list_models(module="vgg")]
        theirs = [(name, torchvision.models.get_model(name)) for name, _ in presets]
    goldens.write_listing(goldens.RESOURCES / "listings" / "vgg.txt.gz", presets)
    goldens.write_listing(goldens.RESOURCES / "listings" / "vgg_torchvision.txt.gz", theirs)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, case in enumerate(TIMM_CASES):
        write_timm(case, seed)


if __name__ == "__main__":
    main()
