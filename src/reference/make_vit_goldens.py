"""Writes the golden tests of the vision transformer.

    python src/reference/make_vit_goldens.py

Writes small random checkpoints as timm and transformers save them, each with what the library computes from it in float64, to
goldens/vit/CASE; the logits of two full-size models with synthetic weights to goldens/vit/full (test resources); and position
embeddings resampled by timm to goldens/vit/positions.safetensors.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
import transformers
from safetensors.torch import save_file
from timm.layers import resample_abs_pos_embed
from timm.models import save_for_hf
from torch import nn

import goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "vit"

SMALL = {"embed_dim": 24, "depth": 2, "num_heads": 3, "num_classes": 10}
SMALLER = SMALL | {"depth": 1}
TINY = {"embed_dim": 16, "depth": 1, "num_heads": 2, "num_classes": 3, "patch_size": 4, "img_size": 16}

# case: (architecture, size of the image, arguments of the constructor)
TIMM = {
    "class_token": ("vit_tiny_patch16_224", (32, 32), SMALL | {"patch_size": 8, "img_size": 32}),
    "average_pool": (
        "vit_base_patch16_224",
        (28, 42),
        SMALL | {"patch_size": 14, "img_size": [28, 42], "global_pool": "avg"},
    ),
    "no_qkv_bias": (
        "vit_base_patch32_224",
        (32, 96),
        {"embed_dim": 8, "depth": 2, "num_heads": 2, "num_classes": 7, "img_size": [32, 96], "qkv_bias": False},
    ),
    "registers": (
        "vit_small_patch14_reg4_dinov2",
        (42, 42),
        {"embed_dim": 16, "depth": 2, "num_heads": 2, "img_size": 42},
    ),
    "pre_norm": ("vit_base_patch32_clip_quickgelu_224", (24, 24), SMALL | {"patch_size": 8, "img_size": 24}),
    "gap": ("vit_medium_patch16_gap_240", (32, 32), SMALL | {"patch_size": 8, "img_size": 32}),
    "unusual": (
        "vit_tiny_patch16_224",
        (36, 20),
        SMALL
        | {
            "patch_size": 8,  # which does not divide the image
            "img_size": [36, 20],
            "global_pool": "avgmax",
            "pool_include_prefix": True,
            "proj_bias": False,
            "init_values": 1e-5,
            "mlp_ratio": 2.7,
            "act_layer": "gelu_tanh",
        },
    ),
    "no_positions": (
        "vit_tiny_patch16_224",
        (32, 32),
        SMALL
        | {"patch_size": 8, "img_size": 32, "pos_embed": "none", "reg_tokens": 3, "global_pool": "max", "final_norm": False},
    ),
    "gated": (
        "vit_giant_patch14_reg4_dinov2",
        (32, 32),
        {"embed_dim": 24, "depth": 1, "num_heads": 2, "patch_size": 8, "img_size": 32, "num_classes": 3},
    ),
    "distilled": ("deit_tiny_distilled_patch16_224", (32, 32), SMALL | {"patch_size": 8, "img_size": 32}),
    "attention_pool": (
        "vit_base_patch16_siglip_224",
        (32, 48),
        SMALL | {"patch_size": 8, "img_size": [32, 48], "act_layer": "gelu_tanh"},
    ),
}

# As TIMM, with seeds from 40 on.
BLOCKS = {
    "rms_norm": ("test_vit4", (16, 16), TINY | {"dynamic_img_size": False}),
    "separate_gate": ("aimv2_large_patch14_224", (16, 16), TINY),
    "parallel": ("vit_base_patch16_xp_224", (16, 16), TINY | {"depth": 2, "init_values": 0.1}),
    "parallel_bias": ("vit_pwee_patch16_reg1_gap_256", (16, 16), TINY | {"qk_norm": True, "mlp_ratio": 2.5}),
    "paired": ("vit_small_patch16_18x2_224", (16, 16), TINY),
    "post_norm": ("vit_base_patch16_rpn_224", (16, 16), TINY),
    "branch_norms": ("beit3_base_patch16_224", (16, 16), TINY),
    "query_key_norm": ("vit_tiny_patch16_224", (16, 16), TINY | {"qk_norm": True, "norm_layer": "rmsnorm", "qkv_bias": False}),
}

# case: (architecture, size of the image, arguments when it was saved, arguments when it is loaded)
RESAMPLED = {
    "resampled": (
        "vit_tiny_patch16_224",
        (48, 32),
        SMALLER | {"patch_size": 8, "img_size": 40},
        {"img_size": [48, 32]},
    ),
    "flexible": ("flexivit_small", (24, 48), SMALLER | {"patch_size": 8, "img_size": 40}, {"img_size": [24, 48]}),
    "dynamic": (
        "vit_tiny_patch16_224",
        (48, 24),
        SMALLER | {"patch_size": 8, "img_size": 40, "no_embed_class": True},
        {"img_size": 32, "dynamic_img_size": True},
    ),
}

FULL_SIZE = ("vit_tiny_patch16_224", "vit_base_patch16_224")

# (rows, columns) of the grid before and after
GRIDS = [((7, 7), (14, 14)), ((14, 14), (7, 7)), ((8, 8), (5, 11)), ((4, 4), (4, 9)), ((11, 11), (3, 11)), ((1, 1), (2, 3))]


def save_timm(directory: Path, architecture: str, size: tuple[int, int], args: dict, seed: int) -> None:
    """A random checkpoint as timm saves it; the arguments go to model_args."""
    overlay = {"input_size": (3, *size)}
    model = goldens.randomize(timm.create_model(architecture, pretrained_cfg_overlay=overlay, **args), seed)
    save_for_hf(model, directory, model_args=args, safe_serialization=True)


def override(directory: Path, args: dict) -> None:
    """Changes model_args of a saved configuration."""
    path = directory / "config.json"
    config = json.loads(path.read_text())
    config["model_args"] |= args
    path.write_text(json.dumps(config, indent=2) + "\n")


def write_timm_golden(directory: Path, size: tuple[int, int], seed: int) -> None:
    """What timm computes from the folder as it loads it."""
    model = timm.create_model(f"local-dir:{directory}", pretrained=True)
    stages = {"embed": model.norm_pre} | {f"blocks.{i}": block for i, block in enumerate(model.blocks)}
    if not isinstance(model.norm, nn.Identity):
        stages["norm"] = model.norm
    image = goldens.random_image(*size, seed)
    outputs = distilled_outputs if hasattr(model, "head_dist") else goldens.timm_outputs
    goldens.write_golden(directory, model, image, stages, outputs(model))


def distilled_outputs(model: nn.Module) -> Callable[[torch.Tensor], dict[str, torch.Tensor]]:
    """`features` is what both heads see, one after the other."""

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        tokens = model.forward_features(image)
        return {
            "features": tokens[:, :2].flatten(1),
            "embedding": model.forward_head(tokens, pre_logits=True),
            "logits": model.forward_head(tokens),
        }

    return outputs


def write_transformers_golden(directory: Path, model: nn.Module, size: tuple[int, int], seed: int) -> None:
    """What a ViTForImageClassification or ViTModel computes."""
    vit = getattr(model, "vit", model)
    stages = {"embed": vit.embeddings, "norm": vit.layernorm}
    stages |= {f"blocks.{i}": layer for i, layer in enumerate(vit.layers)}

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        features = vit(pixel_values=image).last_hidden_state[:, 0]
        return {"features": features} | ({"logits": model.classifier(features)} if model is not vit else {})

    goldens.write_golden(directory, model, goldens.random_image(*size, seed), stages, outputs)


def write_transformers() -> None:
    config = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=60, patch_size=8)
    processor = transformers.ViTImageProcessor(size={"height": 32, "width": 32})

    labelled = transformers.ViTConfig(**config, image_size=32, id2label={0: "ant", 1: "bee", 2: "cat", 3: "dog", 4: "elk"})
    model = goldens.randomize(transformers.ViTForImageClassification(labelled), 20)
    model.save_pretrained(DIRECTORY / "transformers")
    processor.save_pretrained(DIRECTORY / "transformers")
    write_transformers_golden(DIRECTORY / "transformers", model, (32, 32), 120)

    rectangular = transformers.ViTConfig(
        **config, image_size=(40, 24), num_labels=3, hidden_act="gelu_new", qkv_bias=False, layer_norm_eps=1e-5
    )
    model = goldens.randomize(transformers.ViTForImageClassification(rectangular), 21)
    directory = DIRECTORY / "transformers_new_names"
    model.save_pretrained(directory)
    save_file(model.state_dict(), directory / "model.safetensors")  # as the modules are called since version 5
    write_transformers_golden(directory, model, (40, 24), 121)

    bare = transformers.ViTConfig(**config, image_size=16, hidden_act="quick_gelu")
    model = goldens.randomize(transformers.ViTModel(bare, use_mask_token=True), 22)
    model.save_pretrained(DIRECTORY / "transformers_bare")
    write_transformers_golden(DIRECTORY / "transformers_bare", model, (16, 16), 122)


def write_positions() -> None:
    """`CASE.in` and `CASE.out`, CASE being prefix tokens, filter and grids, as in `1_antialiased_7x7_14x14`."""
    tensors = {}
    for filter_name, antialias in (("bicubic", True), ("bicubic", False), ("bilinear", False)):
        for prefix, (before, after) in enumerate(GRIDS):
            embedding = goldens.synthetic("pos_embed", (1, prefix + before[0] * before[1], 5))
            resampled = resample_abs_pos_embed(
                embedding, after, before, num_prefix_tokens=prefix, interpolation=filter_name, antialias=antialias
            )
            name = "antialiased" if antialias else filter_name
            case = f"{prefix}_{name}_{before[0]}x{before[1]}_{after[0]}x{after[1]}"
            tensors |= {f"{case}.in": embedding[0], f"{case}.out": resampled[0]}
    goldens.save_f32(DIRECTORY / "positions.safetensors", tensors)


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, (case, (architecture, size, args)) in enumerate(TIMM.items()):
        save_timm(DIRECTORY / case, architecture, size, args, seed)
        write_timm_golden(DIRECTORY / case, size, 100 + seed)
    for seed, (case, (architecture, size, args)) in enumerate(BLOCKS.items(), start=40):
        save_timm(DIRECTORY / case, architecture, size, args, seed)
        write_timm_golden(DIRECTORY / case, size, 100 + seed)
    for seed, (case, (architecture, size, saved, loaded)) in enumerate(RESAMPLED.items(), start=10):
        save_timm(DIRECTORY / case, architecture, size, saved, seed)
        override(DIRECTORY / case, loaded)
        write_timm_golden(DIRECTORY / case, size, 100 + seed)
    write_transformers()
    write_positions()
    for preset in FULL_SIZE:
        model = timm.create_model(preset)
        goldens.write_full_size(DIRECTORY / "full", preset, model, *model.patch_embed.img_size)


if __name__ == "__main__":
    main()
