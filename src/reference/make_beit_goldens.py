"""Writes the golden tests of BEiT.

    python src/reference/make_beit_goldens.py

Writes small random checkpoints as timm and transformers save them, each with what the library computes from it in float64, to
goldens/beit/CASE (test resources).
"""

import shutil

import tvshim  # noqa: F401  (before torchvision)
import torch
import transformers
from safetensors.torch import save_file
from torch import nn

import goldens
from make_eva_goldens import write_timm_golden
from make_vit_goldens import save_timm

DIRECTORY = goldens.RESOURCES / "goldens" / "beit"

SMALL = {"embed_dim": 16, "depth": 2, "num_heads": 2, "patch_size": 4, "img_size": 16, "num_classes": 3}

# case: (architecture, arguments of the constructor)
TIMM = {
    "bias_of_each_block": ("beit_base_patch16_224", SMALL),
    "shared_bias": (
        "beitv2_base_patch16_224",
        SMALL | {"use_rel_pos_bias": False, "use_shared_rel_pos_bias": True, "global_pool": "token", "use_abs_pos_emb": True},
    ),
    "no_bias": ("beitv2_base_patch16_224", SMALL | {"use_rel_pos_bias": False, "qkv_bias": False, "depth": 1, "num_classes": 0}),
}

CONFIG = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, patch_size=4, image_size=16)


def write_transformers(case: str, model: nn.Module, seed: int, new_names: bool = False) -> None:
    directory = DIRECTORY / case
    goldens.randomize(model, seed).save_pretrained(directory)
    if new_names:
        save_file(model.state_dict(), directory / "model.safetensors")
    base = model.base_model
    stages = {"embed": base.embeddings} | {f"blocks.{i}": layer for i, layer in enumerate(base.layers)}
    if isinstance(base.layernorm, nn.LayerNorm):
        stages["norm"] = base.layernorm

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        results = {"features": base(pixel_values=image).pooler_output}
        return results | ({"logits": model(pixel_values=image).logits} if base is not model else {})

    goldens.write_golden(directory, model, goldens.random_image(16, 16, 100 + seed), stages, outputs)


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, (case, (architecture, args)) in enumerate(TIMM.items()):
        save_timm(DIRECTORY / case, architecture, (16, 16), args, seed)
        write_timm_golden(DIRECTORY / case, (16, 16), 100 + seed)
    own = transformers.BeitConfig(**CONFIG, use_relative_position_bias=True, num_labels=5)
    write_transformers("transformers", transformers.BeitForImageClassification(own), 10)
    write_transformers("transformers_new_names", transformers.BeitModel(own), 11, new_names=True)
    shared = transformers.BeitConfig(
        **CONFIG,
        use_shared_relative_position_bias=True,
        use_absolute_position_embeddings=True,
        use_mask_token=True,
        use_mean_pooling=False,
        layer_scale_init_value=0.0,
        num_labels=4,
    )
    write_transformers("transformers_shared_bias", transformers.BeitForImageClassification(shared), 12)


if __name__ == "__main__":
    main()
