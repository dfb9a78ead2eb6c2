"""Writes what the tests of DINOv2 with a linear classifier compare with.

    python src/reference/make_dinov2_goldens.py

Into models/src/test/resources: listings/dinov2.txt.gz, names and shapes of torch.hub's dinov2_vit*_lc; goldens/dinov2/CASE, small
random checkpoints in the names of the authors' code, with configurations as timm's, each with what it computes in float64.

The authors' code is not part of any package. Its parts are built here after facebookresearch/dinov2, dinov2/models/
vision_transformer.py and dinov2/hub/{backbones,classifiers}.py, from timm's blocks, which are the same but for names.
"""

import json
import math
import shutil

import tvshim  # noqa: F401  (before timm)
import timm
import torch
from safetensors.torch import save_file
from torch import nn

import goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "dinov2"

# What torch.hub's functions have of timm's architectures.
BACKBONES = {
    "dinov2_vits14": "vit_small_patch14_dinov2",
    "dinov2_vitb14": "vit_base_patch14_dinov2",
    "dinov2_vitl14": "vit_large_patch14_dinov2",
    "dinov2_vitg14": "vit_giant_patch14_dinov2",
}

SMALL = {"embed_dim": 8, "depth": 5, "num_heads": 2, "patch_size": 7, "img_size": 35, "num_classes": 6}

# case: (function, height, width, its arguments)
CASES = {
    "four_layers": ("dinov2_vits14_lc", 28, 42, SMALL),
    "four_layers_trained_size": ("dinov2_vitb14_lc", 35, 35, SMALL | {"depth": 4}),
    "one_layer": ("dinov2_vits14_lc", 35, 21, SMALL | {"layers": 1, "depth": 2, "mlp_ratio": 2.5, "init_values": 0}),
    "registers": ("dinov2_vitl14_reg_lc", 21, 28, SMALL),
    "gated_registers": ("dinov2_vitg14_reg_lc", 14, 56, SMALL | {"layers": 1, "depth": 2, "interpolate_antialias": False}),
    "gated": ("dinov2_vitg14_lc", 42, 42, SMALL | {"depth": 4, "num_register_tokens": 2, "interpolate_offset": 0.0}),
}


class Backbone(nn.Module):
    """The authors' DinoVisionTransformer in their names."""

    def __init__(self, function: str, arguments: dict) -> None:
        super().__init__()
        registers = function.endswith("_reg_lc")
        self.registers = arguments.get("num_register_tokens", 4 if registers else 0)
        self.antialias = arguments.get("interpolate_antialias", registers)
        self.offset = arguments.get("interpolate_offset", 0.0 if registers else 0.1)
        shape = {key: arguments[key] for key in ("embed_dim", "depth", "num_heads", "patch_size", "img_size") if key in arguments}
        gated = "vitg" in function
        if "mlp_ratio" in arguments:
            shape["mlp_ratio"] = arguments["mlp_ratio"]
        if gated and "embed_dim" in shape:  # a SwiGLU has two thirds of the width, a multiple of 8, and half of it is a gate
            dim = shape["embed_dim"]
            shape["mlp_ratio"] = 2 * (-(-int(4 * dim * 2 / 3) // 8) * 8) / dim
        if "init_values" in arguments:
            shape["init_values"] = arguments["init_values"]
        model = timm.create_model(BACKBONES[function.split("_lc")[0].removesuffix("_reg")], dynamic_img_size=True, **shape)
        dim = model.embed_dim
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, model.patch_embed.num_patches + 1, dim))
        if self.registers:
            self.register_tokens = nn.Parameter(torch.zeros(1, self.registers, dim))
        self.mask_token = nn.Parameter(torch.zeros(1, dim))
        self.patch_embed = nn.Module()
        self.patch_embed.proj = model.patch_embed.proj
        self.blocks = model.blocks
        self.norm = model.norm
        if gated:
            for block in self.blocks:
                block.mlp = Gated(block.mlp)

    def tokens(self, image: torch.Tensor) -> torch.Tensor:
        """What the blocks get of images [n, 3, height, width]."""
        patches = self.patch_embed.proj(image)
        rows, columns = patches.shape[2:]
        patches = patches.flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(image), -1, -1), patches], 1) + self.positions(rows, columns)
        if self.registers:
            tokens = torch.cat([tokens[:, :1], self.register_tokens.expand(len(image), -1, -1), tokens[:, 1:]], 1)
        return tokens

    def positions(self, rows: int, columns: int) -> torch.Tensor:
        side = math.isqrt(self.pos_embed.shape[1] - 1)
        if rows == columns == side:
            return self.pos_embed
        grid = self.pos_embed[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
        if self.offset:
            target = {"scale_factor": ((rows + self.offset) / side, (columns + self.offset) / side)}
        else:
            target = {"size": (rows, columns)}
        grid = nn.functional.interpolate(grid, mode="bicubic", antialias=self.antialias, **target)
        assert grid.shape[2:] == (rows, columns)
        return torch.cat([self.pos_embed[:, :1], grid.flatten(2).transpose(1, 2)], 1)


class Gated(nn.Module):
    """The authors' SwiGLUFFNFused, with the layers of timm's GluMlp."""

    def __init__(self, mlp: nn.Module) -> None:
        super().__init__()
        self.w12, self.w3 = mlp.fc1, mlp.fc2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gate, rest = self.w12(x).chunk(2, -1)
        return self.w3(nn.functional.silu(gate) * rest)


class Classifier(nn.Module):
    """The authors' _LinearClassifierWrapper."""

    def __init__(self, function: str, arguments: dict) -> None:
        super().__init__()
        self.layers = arguments.get("layers", 4)
        self.backbone = Backbone(function, arguments)
        dim = self.backbone.cls_token.shape[-1]
        self.linear_head = nn.Linear((1 + self.layers) * dim, arguments.get("num_classes", 1000))

    def features(self, image: torch.Tensor) -> torch.Tensor:
        tokens = self.backbone.tokens(image)
        left = []
        for block in self.backbone.blocks:
            tokens = block(tokens)
            left.append(tokens)
        last = [self.backbone.norm(tokens) for tokens in left[-self.layers :]]
        patches = last[-1][:, 1 + self.backbone.registers :]
        return torch.cat([tokens[:, 0] for tokens in last] + [patches.mean(1)], 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.linear_head(self.features(image))


def config(function: str, height: int, width: int, arguments: dict) -> dict:
    """As timm's."""
    pretrained = {"input_size": [3, height, width], "interpolation": "bicubic", "crop_pct": 0.875}
    return {"architecture": function, "model_args": arguments, "pretrained_cfg": pretrained}


def write(case: str, seed: int) -> None:
    function, height, width, arguments = CASES[case]
    directory = DIRECTORY / case
    directory.mkdir(parents=True)
    model = goldens.randomize(Classifier(function, arguments), seed)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, directory / "model.safetensors")
    (directory / "config.json").write_text(json.dumps(config(function, height, width, arguments), indent=2) + "\n")
    stages = {f"blocks.{i}": block for i, block in enumerate(model.backbone.blocks)} | {"norm": model.backbone.norm}  # last call

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"embed": model.backbone.tokens(image), "features": model.features(image), "logits": model(image)}

    goldens.write_golden(directory, model, goldens.random_image(height, width, 100 + seed), stages, outputs)


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    with torch.device("meta"):
        models = [(f"{name}{reg}_lc", Classifier(f"{name}{reg}_lc", {})) for name in BACKBONES for reg in ("", "_reg")]
    goldens.write_listing(goldens.RESOURCES / "listings" / "dinov2.txt.gz", models)
    for seed, case in enumerate(CASES):
        write(case, seed)


if __name__ == "__main__":
    main()
