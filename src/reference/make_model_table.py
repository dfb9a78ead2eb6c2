"""Writes what `ocellus models` tells.

    python src/reference/make_model_table.py

Into models/src/main/resources/ocellus/models/architectures.tsv: a line for each architecture of listings/*.txt.gz, which the
scripts of the families write, with its parameters, its multiply-adds on one image, and the image's channels, height and width.
Multiply-adds are those of convolutions, linear layers and attention. Nothing is allocated: the models are on PyTorch's meta device.
"""

import gzip
from pathlib import Path

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
import torchvision
from timm.layers import set_fused_attn
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import make_dinov2_goldens as dinov2

ROOT = Path(__file__).parents[2]
LISTINGS = ROOT / "models/src/test/resources/listings"
# What timm does not have, with arguments of the constructor: without what serves training alone.
TORCHVISION = {
    "alexnet": {},
    "squeezenet1_0": {},
    "squeezenet1_1": {},
    "googlenet": {"aux_logits": False, "init_weights": False},
}

TABLE = ROOT / "models/src/main/resources/ocellus/models/architectures.tsv"


def listed() -> list[str]:
    """The architectures that Ocellus has, in alphabetical order."""
    names = set()
    for listing in LISTINGS.glob("*.txt.gz"):
        with gzip.open(listing, "rt") as lines:
            names.update(line[2:].strip() for line in lines if line.startswith("# "))
    return sorted(name for name in names if timm.is_model(name) or name in TORCHVISION or is_dinov2(name))


def is_dinov2(architecture: str) -> bool:
    return architecture.startswith("dinov2_") and architecture.endswith("_lc")


def build(architecture: str) -> nn.Module:
    if architecture in TORCHVISION:
        with torch.device("meta"):
            return torchvision.models.get_model(architecture, **TORCHVISION[architecture])
    if is_dinov2(architecture):
        with torch.device("meta"):
            return dinov2.Classifier(architecture, {})
    try:
        with torch.device("meta"):
            return timm.create_model(architecture)
    except (NotImplementedError, RuntimeError):  # those that compute with tensors while they are built
        return timm.create_model(architecture).to("meta")


def row(architecture: str) -> str:
    model = build(architecture).eval().requires_grad_(False)  # the counter trips over learned inputs
    size = model.pretrained_cfg["input_size"] if hasattr(model, "pretrained_cfg") else (3, 224, 224)
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        model(torch.zeros(1, *size, device="meta"))
    parameters = sum(p.numel() for p in model.parameters())
    return "\t".join(map(str, [architecture, parameters, counter.get_total_flops() // 2, *size]))


if __name__ == "__main__":
    set_fused_attn(False)  # a fused kernel is not counted
    TABLE.write_text("".join(row(name) + "\n" for name in listed()))
