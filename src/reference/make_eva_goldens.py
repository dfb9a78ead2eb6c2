"""Writes the golden tests of EVA, EVA-02, the Perception Encoder and DINOv3.

    python src/reference/make_eva_goldens.py

Writes small random checkpoints as timm and transformers save them, each with what the library computes from it in float64, to
goldens/eva/CASE, and the logits of a full-size model with synthetic weights to goldens/eva/full (test resources).
"""

import shutil

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
import transformers
from safetensors.torch import save_file
from torch import nn

import goldens
from make_vit_goldens import override, save_timm

DIRECTORY = goldens.RESOURCES / "goldens" / "eva"

SMALL = {"embed_dim": 16, "depth": 2, "num_heads": 2, "patch_size": 4, "img_size": 16, "num_classes": 3}
SMALLER = SMALL | {"depth": 1}

# case: (architecture, size of the image, arguments of the constructor)
TIMM = {
    "separate_norm": ("eva02_base_patch14_448", (12, 20), SMALL | {"img_size": [12, 20]}),
    "joint_gated": ("eva02_tiny_patch14_336", (16, 16), SMALL),
    "attention_norm": ("eva02_base_patch16_clip_224", (16, 16), SMALLER),
    "no_rotation": ("eva_giant_patch14_224", (16, 16), SMALLER | {"global_pool": "avgmax"}),
    "post_norm": ("eva02_enormous_patch14_clip_224", (16, 16), SMALLER | {"mlp_ratio": 3.3}),
    "dinov3": ("vit_small_patch16_dinov3_qkvb", (16, 16), SMALL),
    "dinov3_gated": ("vit_small_plus_patch16_dinov3", (16, 16), SMALL | {"mlp_ratio": 2.6, "num_classes": 0}),
    "all_biases": ("vit_small_patch16_rope_ape_224", (12, 16), SMALLER | {"img_size": [12, 16]}),
    "perception": ("vit_pe_core_tiny_patch16_384", (12, 16), SMALLER | {"img_size": [12, 16], "attn_pool_num_heads": 4}),
    "registers": ("vit_medium_patch16_rope_reg1_gap_256", (16, 16), SMALLER),
}

# case: (architecture, size of the image, arguments when it was saved, arguments when it is loaded)
RESAMPLED = {
    "resampled": ("eva02_tiny_patch14_336", (24, 16), SMALLER, {"img_size": [24, 16]}),
    "dynamic": ("vit_small_patch16_dinov3_qkvb", (12, 24), SMALLER, {"dynamic_img_size": True}),
}

FULL_SIZE = "vit_tiny_patch16_dinov3_qkvb"

DINOV3 = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, patch_size=4, image_size=16)


def write_timm_golden(directory, size: tuple[int, int], seed: int) -> None:
    """What timm computes from the folder as it loads it."""
    model = timm.create_model(f"local-dir:{directory}", pretrained=True)
    stages = {"embed": getattr(model, "norm_pre", model.pos_drop)} | {f"blocks.{i}": m for i, m in enumerate(model.blocks)}
    if not isinstance(model.norm, nn.Identity):
        stages["norm"] = model.norm
    goldens.write_golden(directory, model, goldens.random_image(*size, seed), stages, goldens.timm_outputs(model))


def write_transformers(case: str, size: tuple[int, int], seed: int, new_names: bool = False, **config) -> None:
    directory = DIRECTORY / case
    model = goldens.randomize(transformers.DINOv3ViTModel(transformers.DINOv3ViTConfig(**DINOV3 | config)), seed)
    model.save_pretrained(directory)
    if new_names:
        save_file(model.state_dict(), directory / "model.safetensors")
    stages = {"embed": model.embeddings, "norm": model.norm} | {f"blocks.{i}": m for i, m in enumerate(model.model.layer)}

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"features": model(pixel_values=image).pooler_output}

    goldens.write_golden(directory, model, goldens.random_image(*size, 100 + seed), stages, outputs)


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, (case, (architecture, size, args)) in enumerate(TIMM.items()):
        save_timm(DIRECTORY / case, architecture, size, args, seed)
        write_timm_golden(DIRECTORY / case, size, 100 + seed)
    for seed, (case, (architecture, size, saved, loaded)) in enumerate(RESAMPLED.items(), start=20):
        save_timm(DIRECTORY / case, architecture, size, saved, seed)
        override(DIRECTORY / case, loaded)
        write_timm_golden(DIRECTORY / case, size, 100 + seed)
    write_transformers("transformers", (16, 16), 30, num_register_tokens=3)
    write_transformers("transformers_gated_new_names", (12, 20), 31, True, use_gated_mlp=True, hidden_act="silu", image_size=[12, 20])
    write_transformers("transformers_no_registers", (16, 16), 32, query_bias=False, key_bias=True)
    model = timm.create_model(FULL_SIZE, img_size=224, num_classes=5)
    goldens.write_full_size(DIRECTORY / "full", FULL_SIZE, model, 224, 224)


if __name__ == "__main__":
    main()
