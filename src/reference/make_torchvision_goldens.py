"""Writes what the tests of AlexNet, SqueezeNet, GoogLeNet and Inception v3 compare with.

    python src/reference/make_torchvision_goldens.py

Into models/src/test/resources: listings/torchvision.txt.gz, names and shapes of torchvision's networks; goldens/torchvision/CASE/
{config.json, golden.safetensors}, networks of torchvision, and timm's Inception v3, with synthetic weights. torchvision has no
configuration: those written here are as timm's, with the builder's name and arguments.
"""

import json
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

DIRECTORY = goldens.RESOURCES / "goldens" / "torchvision"

PRESETS = ("alexnet", "squeezenet1_0", "squeezenet1_1", "googlenet", "inception_v3")

# Weights of convolutions where there are no batch norms, of these where there are, so that the signal does not fade on its way.
# TorchvisionTest.java repeats both.
AMPLIFIED = r"(features|classifier)\..*\.weight|.*\.bn\.weight"
GAIN = 1.4

# case: (builder, height, width, arguments)
CASES = {
    "alexnet": ("alexnet", 224, 224, {}),
    "alexnet_smallest": ("alexnet", 63, 80, {"num_classes": 7}),
    "alexnet_larger": ("alexnet", 300, 261, {"num_classes": 7}),
    "squeezenet1_0": ("squeezenet1_0", 97, 75, {"num_classes": 7}),
    "squeezenet1_1": ("squeezenet1_1", 224, 224, {}),
    "googlenet": ("googlenet", 224, 224, {"transform_input": True, "aux_logits": False}),
    "googlenet_small": ("googlenet", 47, 66, {"num_classes": 7, "aux_logits": False}),
}

# case: (height, width, arguments) of timm's inception_v3
INCEPTION_CASES = {
    "inception_v3": (97, 120, {}),
    "inception_v3_arguments": (
        75,
        83,
        {"in_chans": 1, "num_classes": 7, "norm_eps": 0.01, "act_layer": "silu", "global_pool": "catavgmax", "drop_rate": 0.2},
    ),
}


def build(builder: str, **arguments) -> nn.Module:
    """Without the initial weights, which take GoogLeNet a minute."""
    initial = {"init_weights": False} if builder in ("googlenet", "inception_v3") else {}
    return torchvision.models.get_model(builder, **arguments, **initial)


def prepare(model: nn.Module) -> None:
    """Gives it the synthetic weights."""
    model.load_state_dict(goldens.synthetic_state(model), strict=False)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if re.fullmatch(AMPLIFIED, name):
                parameter *= GAIN


def layers(model: nn.Module) -> list[nn.Module]:
    """The modules whose outputs Ocellus shows as layer.0 and so on, but for a transformation of the image."""
    match model:
        case torchvision.models.AlexNet() | torchvision.models.SqueezeNet():
            children = list(model.features)
            return [m for m in children if not isinstance(m, nn.Conv2d)]
        case torchvision.models.GoogLeNet():
            return [m for name, m in model.named_children() if name not in ("avgpool", "dropout", "fc")]
        case _:
            return [model.Pool2] + [m for name, m in model.named_children() if name.startswith("Mixed")]


def pooled(model: nn.Module, image: torch.Tensor) -> torch.Tensor:
    """What the last layer of a network of torchvision sees; of SqueezeNet, whose last layer comes before the pooling, the logits."""
    if isinstance(model, torchvision.models.SqueezeNet):
        return model(image)
    last = model.classifier[-1] if hasattr(model, "classifier") else model.fc
    seen = []
    hook = last.register_forward_pre_hook(lambda _module, arguments: seen.append(arguments[0]))
    model(image)
    hook.remove()
    return seen[0]


def write(case: str) -> None:
    builder, height, width, arguments = CASES[case]
    model = build(builder, **arguments)
    prepare(model)
    config = {
        "architecture": builder,
        "num_classes": arguments.get("num_classes", 1000),
        "model_args": arguments,
        "pretrained_cfg": {"input_size": [3, height, width]},
    }
    (DIRECTORY / case).mkdir(parents=True)
    (DIRECTORY / case / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    image = goldens.synthetic_image(height, width)
    extra = {}
    transforms = hasattr(model, "_transform_input")
    if transforms:
        transformed = model._transform_input(image.double().permute(2, 0, 1).unsqueeze(0))
        extra["sampled.layer.0"] = goldens.sample(transformed)
    stages = {f"layer.{i}": layer for i, layer in enumerate(layers(model), start=int(transforms))}

    def outputs(batch: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"features": pooled(model, batch), "logits": model(batch)}

    write_golden(DIRECTORY / case, model, image, stages, outputs, extra)


def write_inception(case: str, seed: int) -> None:
    height, width, arguments = INCEPTION_CASES[case]
    channels = arguments.get("in_chans", 3)
    overlay = {"input_size": (channels, height, width)}
    model = timm.create_model("inception_v3", pretrained_cfg_overlay=overlay, **arguments)
    (DIRECTORY / case).mkdir(parents=True)
    save_config_for_hf(model, DIRECTORY / case / "config.json", model_args=arguments)
    prepare(model)
    image, extra = goldens.image_and_input(height, width, channels, seed)
    extra["sampled.layer.0"] = goldens.sample(image.double().permute(2, 0, 1).unsqueeze(0))
    stages = {f"layer.{i}": layer for i, layer in enumerate(layers(model), start=1)}
    write_golden(DIRECTORY / case, model, image, stages, goldens.timm_outputs(model), extra)


def main() -> None:
    torch.set_num_threads(1)
    with torch.device("meta"):
        presets = [(name, build(name)) for name in PRESETS]
    goldens.write_listing(goldens.RESOURCES / "listings" / "torchvision.txt.gz", presets)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for case in CASES:
        write(case)
    for seed, case in enumerate(INCEPTION_CASES):
        write_inception(case, seed)


if __name__ == "__main__":
    main()
