"""Writes timm's RegNets as the fields of their configurations, and the listing of the names and shapes of their tensors.

    python src/reference/make_regnet_presets.py

Writes regnet.json (models/src/main/resources/ocellus/models/arch): a line per entry point of timm.models.regnet and per name that timm
has given up for another, with the fields that are not at their defaults. Writes listings/regnet.txt.gz (test resources) for those that
RegNet.java builds. No weights are needed.
"""

import dataclasses
import json

import tvshim  # noqa: F401  (before torchvision)
import timm
from timm.models import _registry, regnet

import goldens

RESOURCE = goldens.RESOURCES.parents[1] / "main" / "resources" / "ocellus" / "models" / "arch" / "regnet.json"

# Fields that change the mathematics beyond what RegNet.java knows.
FOREIGN = {"preact", "norm_layer"}


def fields(config: regnet.RegNetCfg) -> dict:
    """Those that are not at their defaults, as JSON."""
    values = {f.name: (getattr(config, f.name), f.default) for f in dataclasses.fields(config)}
    return {
        name: value.func.__name__.lower() if callable(value) else value
        for name, (value, default) in values.items()
        if value != default
    }


def main() -> None:
    names = timm.list_models(module="regnet")
    presets = {name: fields(regnet.model_cfgs[name]) for name in names}
    superseded = {old: new.split(".")[0] for old, new in _registry._deprecated_models.items()}
    presets |= {old: presets[new] for old, new in superseded.items() if new in presets}
    lines = [f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in presets.items()]
    RESOURCE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    listed = [(name, timm.create_model(name, device="meta")) for name in names if not FOREIGN & presets[name].keys()]
    goldens.write_listing(goldens.RESOURCES / "listings" / "regnet.txt.gz", listed)
    print(f"{len(presets)} architectures, {len(listed)} listed")


if __name__ == "__main__":
    main()
