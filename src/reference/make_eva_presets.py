"""Writes timm's EVA architectures, DINOv3's vision transformers among them, and BEiT as the arguments of their constructors, and
the listing of the names and shapes of their tensors.

    python src/reference/make_eva_presets.py

Writes eva.json and beit.json (models/src/main/resources/ocellus/models/arch): a line per entry point of timm.models.eva and
timm.models.beit. Arguments at their defaults are left out; `norm_eps` stands for a norm_layer with that epsilon. Writes
listings/eva.txt.gz and listings/beit.txt.gz (test resources) for those without learned rotations. No weights are needed.
"""

import json

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from timm.models import beit, eva
from timm.models._builder import build_model_with_cfg

import goldens
from make_vit_presets import RESOURCE as VIT, arguments

MODULES = {"eva": eva, "beit": beit}

# What the constructor takes these for where nothing else is said.
DEFAULTS = {"img_size": 224, "num_classes": 1000, "global_pool": "avg"}


def architectures(family: str) -> dict[str, tuple[dict, torch.nn.Module]]:
    """The arguments that each entry point gives to the constructor, and the model on the meta device."""
    captured = {}

    def build(model_cls, variant, pretrained, **kwargs):
        captured[variant] = arguments(kwargs)
        return build_model_with_cfg(model_cls, variant, pretrained, **kwargs)

    MODULES[family].build_model_with_cfg = build
    models = {}
    for name in timm.list_models(module=family):
        with torch.device("meta"):
            models[name] = timm.create_model(name)
    return {name: (described(captured[name], model), model) for name, model in models.items()}


def described(kwargs: dict, model: torch.nn.Module) -> dict:
    """With what the model took from its pretrained configuration, and without what is a default."""
    height, width = model.patch_embed.img_size
    assert height == width
    kwargs |= {"img_size": height, "num_classes": model.num_classes, "global_pool": model.global_pool}
    return {key: value for key, value in kwargs.items() if DEFAULTS.get(key) != value}


def main() -> None:
    for family in MODULES:
        found = architectures(family)
        lines = [f"  {json.dumps(name)}: {json.dumps(kwargs)}" for name, (kwargs, _) in sorted(found.items())]
        VIT.with_name(f"{family}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
        fixed = {name: model for name, (kwargs, model) in sorted(found.items()) if kwargs.get("rope_type") != "mixed"}
        goldens.write_listing(goldens.RESOURCES / "listings" / f"{family}.txt.gz", fixed.items())
        print(f"{family}: {len(found)} architectures, {len(fixed)} without learned rotations")


if __name__ == "__main__":
    main()
