"""Writes timm's ResNets and legacy SENets as the arguments of their constructors, and the listing of the names and shapes of their
tensors.

    python src/reference/make_resnet_presets.py

Writes resnet.json and senet.json (models/src/main/resources/ocellus/models/arch): a line per entry point of timm.models.resnet and
timm.models.senet, and resnet.json one for each name that timm has given up for another. A block is its class's name in lower case;
`block_args` may have `rd_ratio`, how far its squeeze-and-excitation narrows. Writes listings/resnet.txt.gz and listings/senet.txt.gz
(test resources) for those that ResNet.java builds. No weights are needed.
"""

import functools
import json
import re

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from timm.layers import SEModule
from timm.models import _registry, resnet, senet
from timm.models._builder import build_model_with_cfg

import goldens

RESOURCES = goldens.RESOURCES.parents[1] / "main" / "resources" / "ocellus" / "models" / "arch"

# Arguments that change the mathematics beyond what ResNet.java knows.
FOREIGN = {"aa_layer", "norm_layer", "pruned"}


def architectures(module) -> dict[str, tuple[dict, torch.nn.Module]]:
    """The arguments that each entry point gives to the constructor, and the model on the meta device."""
    captured = {}

    def build(model_cls, variant, pretrained, **kwargs):
        captured[variant] = {k: plain(v) for k, v in kwargs.items() if not k.startswith("pretrained") and k != "cache_dir"}
        return build_model_with_cfg(model_cls, variant, pretrained, **(kwargs | {"pruned": False}))

    module.build_model_with_cfg = build
    models = {}
    for name in timm.list_models(module=module.__name__.rsplit(".", 1)[-1]):
        with torch.device("meta"):
            models[name] = timm.create_model(name)
    return {name: (captured[name], model) for name, model in models.items()}


def plain(value: object) -> object:
    """As JSON."""
    match value:
        case dict() if isinstance(value.get("attn_layer"), functools.partial):
            partial = value["attn_layer"]
            assert partial.func is SEModule
            return value | {"attn_layer": "se"} | partial.keywords
        case list() | tuple():
            return [plain(v) for v in value]
        case type():
            return value.__name__.lower()
        case _:
            return value


def superseded(presets: dict[str, dict]) -> dict[str, dict]:
    """Names that timm has given up, as the architecture that has taken their place. That of every ig_resnext101 is 32x8d for timm,
    whatever the name says and the checkpoint has."""
    result = {}
    for old, new in _registry._deprecated_models.items():
        arguments = presets.get(new.split(".")[0])
        if arguments:
            width = re.fullmatch(r"ig_resnext101_32x(\d+)d", old)
            result[old] = arguments | ({"base_width": int(width[1])} if width else {})
    return result


def write(family: str, presets: dict[str, dict]) -> None:
    lines = [f"  {json.dumps(name)}: {json.dumps(arguments)}" for name, arguments in presets.items()]
    RESOURCES.mkdir(parents=True, exist_ok=True)
    (RESOURCES / f"{family}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main() -> None:
    for family, module in (("resnet", resnet), ("senet", senet)):
        found = architectures(module)
        presets = {name: arguments for name, (arguments, _) in found.items()}
        if family == "resnet":
            presets |= superseded(presets)
        write(family, presets)
        listed = {name: model for name, (arguments, model) in found.items() if not FOREIGN & arguments.keys()}
        goldens.write_listing(goldens.RESOURCES / "listings" / f"{family}.txt.gz", listed.items())
        print(f"{family}: {len(presets)} architectures, {len(listed)} listed")


if __name__ == "__main__":
    main()
