"""Writes timm's Swin architectures as the arguments of their constructor, and the listing of the names and shapes of their
tensors.

    python src/reference/make_swin_presets.py

Writes swin.json (models/src/main/resources/ocellus/models/arch), a line per entry point of timm.models.swin_transformer and
swin_transformer_v2, and listings/swin.txt.gz (test resources). The entry points of swin_transformer_v2_cr, another
implementation, are in swin.json by their names alone, and not listed. No weights are needed.
"""

import json

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from timm.models import swin_transformer, swin_transformer_v2

import goldens

RESOURCE = goldens.RESOURCES.parents[1] / "main" / "resources" / "ocellus" / "models" / "arch" / "swin.json"

NOT_OF_THE_MODEL = {"pretrained_filter_fn", "feature_cfg", "pretrained_cfg", "pretrained_cfg_overlay", "cache_dir"}

MODULES = (swin_transformer, swin_transformer_v2)


def architectures(module) -> dict[str, tuple[dict, torch.nn.Module]]:
    """The arguments that each entry point gives to the constructor, with the size of the published weights, and the model on
    the meta device."""
    build, captured = module.build_model_with_cfg, {}

    def capture(model_cls, variant, pretrained, **kwargs):
        captured[variant] = {k: v for k, v in kwargs.items() if k not in NOT_OF_THE_MODEL}
        return build(model_cls, variant, pretrained, **kwargs)

    module.build_model_with_cfg = capture
    with torch.device("meta"):
        models = {name: timm.create_model(name) for name in timm.list_models(module=module.__name__.rsplit(".", 1)[-1])}
    return {name: (captured[name] | {"img_size": model.pretrained_cfg["input_size"][-1]}, model) for name, model in models.items()}


def main() -> None:
    found = {}
    for module in MODULES:
        found |= architectures(module)
    presets = {name: arguments for name, (arguments, _) in found.items()}
    presets |= {name: {} for name in timm.list_models(module="swin_transformer_v2_cr")}
    lines = [f"  {json.dumps(name)}: {json.dumps(arguments)}" for name, arguments in presets.items()]
    RESOURCE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    listing = goldens.RESOURCES / "listings" / "swin.txt.gz"
    goldens.write_listing(listing, ((name, model) for name, (_, model) in found.items()))
    print(f"{len(found)} architectures")


if __name__ == "__main__":
    main()
