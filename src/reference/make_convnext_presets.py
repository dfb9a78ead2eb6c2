"""Writes timm's ConvNeXt architectures as the arguments of their constructor, and the listing of the names and shapes of their
tensors.

    python src/reference/make_convnext_presets.py

Writes convnext.json (models/src/main/resources/ocellus/models/arch), a line per entry point of timm.models.convnext, and
listings/convnext.txt.gz (test resources). No weights are needed.
"""

import json

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from timm.models import convnext

import goldens

RESOURCE = goldens.RESOURCES.parents[1] / "main" / "resources" / "ocellus" / "models" / "arch" / "convnext.json"

NOT_OF_THE_MODEL = {"pretrained_filter_fn", "feature_cfg", "pretrained_cfg", "pretrained_cfg_overlay", "cache_dir"}


def architectures() -> dict[str, tuple[dict, torch.nn.Module]]:
    """The arguments that each entry point gives to the constructor, and the model on the meta device."""
    build, captured = convnext.build_model_with_cfg, {}

    def capture(model_cls, variant, pretrained, **kwargs):
        captured[variant] = {k: v for k, v in kwargs.items() if k not in NOT_OF_THE_MODEL}
        return build(model_cls, variant, pretrained, **kwargs)

    convnext.build_model_with_cfg = capture
    with torch.device("meta"):
        models = {name: timm.create_model(name) for name in timm.list_models(module="convnext")}
    return {name: (captured[name], model) for name, model in models.items()}


def main() -> None:
    found = architectures()
    lines = [f"  {json.dumps(name)}: {json.dumps(arguments)}" for name, (arguments, _) in found.items()]
    RESOURCE.parent.mkdir(parents=True, exist_ok=True)
    RESOURCE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    listing = goldens.RESOURCES / "listings" / "convnext.txt.gz"
    goldens.write_listing(listing, ((name, model) for name, (_, model) in found.items()))
    print(f"{len(found)} architectures")


if __name__ == "__main__":
    main()
