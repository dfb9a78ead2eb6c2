"""Writes timm's ViT and DeiT architectures as the arguments of their constructors, and the listing of the names and shapes of
their tensors.

    python src/reference/make_vit_presets.py

Writes vit.json (models/src/main/resources/ocellus/models/arch): a line per entry point of timm.models.vision_transformer and
timm.models.deit. Arguments at their defaults are left out; `norm_eps` stands for a norm_layer with that epsilon, `distilled` for
VisionTransformerDistilled. Writes listings/vit.txt.gz (test resources) for those without differential
attention. No weights are needed.
"""

import functools
import json

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from timm.layers import SwiGLUPacked
from timm.models import deit, vision_transformer
from timm.models._builder import build_model_with_cfg

import goldens

MODULES = (vision_transformer, deit)
RESOURCE = goldens.RESOURCES.parents[1] / "main" / "resources" / "ocellus" / "models" / "arch" / "vit.json"

# What the constructors take these for where nothing else is said.
DEFAULTS = {"img_size": 224, "num_classes": 1000, "global_pool": "token"}

# Attention that VisionTransformer.java does not know.
FOREIGN = {"attn_layer": "diff", "block_fn": "diffparallelscalingblock"}


def architectures() -> dict[str, tuple[dict, torch.nn.Module]]:
    """The arguments that each entry point gives to the constructor, and the model on the meta device."""
    captured = {}

    def build(model_cls, variant, pretrained, **kwargs):
        captured[variant] = arguments(kwargs) | ({"distilled": True} if "Distilled" in model_cls.__name__ else {})
        return build_model_with_cfg(model_cls, variant, pretrained, **kwargs)

    models = {}
    for module in MODULES:
        module.build_model_with_cfg = build
        for name in timm.list_models(module=module.__name__.rsplit(".", 1)[-1]):
            with torch.device("meta"):
                models[name] = timm.create_model(name)
    return {name: (described(captured[name], model), model) for name, model in models.items()}


def arguments(kwargs: dict) -> dict:
    """Of the keyword arguments of build_model_with_cfg, those of the model, as JSON."""
    kwargs = {k: v for k, v in kwargs.items() if not k.startswith("pretrained") and k != "feature_cfg"}
    norm = kwargs.pop("norm_layer", None)
    if isinstance(norm, functools.partial):
        kwargs["norm_eps"] = norm.keywords["eps"]
        norm = None if norm.func.__name__ == "LayerNorm" else norm
    if norm is not None:
        kwargs["norm_layer"] = norm
    return {key: plain(value) for key, value in kwargs.items()}


def plain(value: object) -> object:
    if value is SwiGLUPacked:
        return "swiglu_packed"
    if isinstance(value, functools.partial):
        return value.func.__name__.lower()
    return value.__name__.lower() if callable(value) else value


def described(kwargs: dict, model: torch.nn.Module) -> dict:
    """With what the model took from its pretrained configuration, and without what is a default."""
    height, width = model.patch_embed.img_size
    assert height == width
    kwargs |= {"img_size": height, "num_classes": model.num_classes, "global_pool": model.global_pool}
    return {key: value for key, value in kwargs.items() if DEFAULTS.get(key) != value}


def main() -> None:
    found = architectures()
    lines = [f"  {json.dumps(name)}: {json.dumps(kwargs)}" for name, (kwargs, _) in sorted(found.items())]
    RESOURCE.parent.mkdir(parents=True, exist_ok=True)
    RESOURCE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    known = {
        name: model
        for name, (kwargs, model) in sorted(found.items())
        if all(kwargs.get(key) != value for key, value in FOREIGN.items())
    }
    goldens.write_listing(goldens.RESOURCES / "listings" / "vit.txt.gz", known.items())
    print(f"{len(found)} architectures, {len(known)} without differential attention")


if __name__ == "__main__":
    main()
