"""Writes what the tests of CLIP's ResNets compare with.

    python src/reference/make_clip_resnet_goldens.py

Into models/src/test/resources: listings/clip_resnet.txt.gz, names and shapes of timm's presets and of open_clip's configurations;
goldens/clip_resnet/CASE, small random checkpoints as open_clip saves them with the stages of the image tower in float64 and its
tower of texts, and the configuration and answers of timm's networks with synthetic weights, which are of full size.
"""

import json
import shutil

import tvshim  # noqa: F401  (before timm)
import open_clip
import timm
import torch
from safetensors.torch import save_file
from timm.models._hub import save_config_for_hf
from torch import nn

import goldens
import text_goldens
from make_mobilenet_goldens import write_golden
from make_open_clip_goldens import FromEmbedding

DIRECTORY = goldens.RESOURCES / "goldens" / "clip_resnet"
LISTING = goldens.RESOURCES / "listings" / "clip_resnet.txt.gz"

VOCABULARY = 40
TEXT = dict(context_length=12, vocab_size=VOCABULARY, width=12, heads=2, layers=1)

# The last map has 32 times as many channels as the width. Of 46 pixels on a side 23, 11, 5, 2 and 1 are left.
SMALL = {
    "quick_gelu": dict(
        embed_dim=6, quick_gelu=True, vision_cfg=dict(image_size=64, layers=[1, 2, 1, 1], width=2, head_width=16), text_cfg=TEXT
    ),
    "odd_maps": dict(embed_dim=5, vision_cfg=dict(image_size=46, layers=[1, 1, 1, 2], width=2, head_width=8), text_cfg=TEXT),
    "one_pixel": dict(embed_dim=4, vision_cfg=dict(image_size=32, layers=[1, 1, 1, 1], width=2, patch_size=None), text_cfg=TEXT),
}

# case: (architecture, height, width, arguments)
TIMM_CASES = {
    "timm": ("resnet50_clip", 64, 64, {"num_classes": 7}),
    "timm_without_classes": ("resnet50x4_clip", 64, 64, {"num_classes": 0}),
    "timm_means": ("resnet50_clip_gap", 64, 95, {"num_classes": 5, "global_pool": "avgmax"}),
    "timm_grey": ("resnet101_clip", 96, 96, {"in_chans": 1, "img_size": 32}),
}


def write_open_clip(case: str, config: dict, seed: int) -> None:
    directory = DIRECTORY / case
    directory.mkdir(parents=True)
    model = goldens.randomize(open_clip.CLIP(**config), seed)
    save_file({name: tensor.clone() for name, tensor in model.state_dict().items()}, directory / "open_clip_model.safetensors")
    (directory / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}, indent=2) + "\n")
    visual = model.visual
    stages = {"stem": visual.avgpool} | {f"stages.{i}": getattr(visual, f"layer{i + 1}") for i in range(4)}
    side = config["vision_cfg"]["image_size"]
    image = goldens.random_image(side, side, 100 + seed)
    goldens.write_golden(directory, model, image, stages, lambda x: {"features": model.encode_image(x)})

    ids = text_goldens.random_ids(4, 12, VOCABULARY, VOCABULARY - 1, 0, 200 + seed)
    ends = [row.tolist().index(VOCABULARY - 1) for row in ids]
    text_goldens.write(
        directory / "text.safetensors",
        ids,
        [list(range(at + 1)) for at in ends],
        ends,
        model.encode_text,
        FromEmbedding(model),
        list(model.transformer.resblocks),
        model.ln_final,
    )


def write_timm(case: str, seed: int) -> None:
    """A network with synthetic weights, and no file of these."""
    architecture, height, width, arguments = TIMM_CASES[case]
    channels = arguments.get("in_chans", 3)
    overlay = {"input_size": (channels, height, width)}
    model = timm.create_model(architecture, pretrained_cfg_overlay=overlay, **arguments)
    directory = DIRECTORY / case
    directory.mkdir(parents=True)
    save_config_for_hf(model, directory / "config.json", model_args=arguments)
    model.load_state_dict(goldens.synthetic_state(model), strict=False)
    side = arguments.get("img_size")
    image, extra = goldens.image_and_input(side or height, side or width, channels, seed)
    stages = {"stem": model.stem} | {f"stages.{i}": stage for i, stage in enumerate(model.stages)}
    write_golden(directory, model, image, stages, goldens.timm_outputs(model), extra)


def listed() -> list[tuple[str, nn.Module]]:
    """timm's presets under their names, open_clip's image towers under those of their configurations."""
    with torch.device("meta"):
        models = [(name, timm.create_model(name)) for name in timm.list_models("resnet*_clip*")]
        for name in ("RN50", "RN101", "RN50x4", "RN50x16", "RN50x64"):
            models.append((name, open_clip.CLIP(**open_clip.get_model_config(name)).visual))
    return models


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, (case, config) in enumerate(SMALL.items()):
        write_open_clip(case, config, seed)
    for seed, case in enumerate(TIMM_CASES):
        write_timm(case, seed)
    goldens.write_listing(LISTING, listed())


if __name__ == "__main__":
    main()
