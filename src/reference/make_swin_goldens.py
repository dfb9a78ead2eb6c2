"""Writes golden activations of small random Swin Transformers, saved by timm and transformers, and the logits of full-size
ones with synthetic weights.

    python src/reference/make_swin_goldens.py

Writes goldens/swin/CASE/{config.json, model.safetensors, golden.safetensors} and goldens/swin/full/PRESET.safetensors (test
resources).
"""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import (
    SwinConfig,
    SwinForImageClassification,
    SwinModel,
    Swinv2Config,
    Swinv2ForImageClassification,
    Swinv2Model,
)

import goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "swin"

V1 = "swin_tiny_patch4_window7_224"
V2 = "swinv2_tiny_window8_256"


@dataclass
class Case:
    """A small model of timm's, for images of a size."""

    architecture: str
    size: tuple[int, int]
    args: dict
    classes: int = 5
    reload: bool = True  # whether timm can read back what it wrote: not where windows are oblong or there are no classes

    def arguments(self) -> dict:
        small = {"embed_dim": 4, "depths": [2, 2, 1], "num_heads": [1, 2, 2]}
        return small | {"img_size": list(self.size)} | self.args


TWO = {"depths": [2, 1], "num_heads": [1, 2]}

TIMM_CASES = {
    "shifted": Case(V1, (48, 48), {"window_size": 3, "num_heads": [1, 2, 4]}),
    "padded": Case(V1, (56, 72), {"window_size": 4, "mlp_ratio": 3.0}, reload=False),
    "always_partitioned": Case(V1, (32, 32), {"window_size": 4, "always_partition": True}),
    "window_per_stage": Case(V1, (48, 48), {"window_size": [3, 6, 2], "qkv_bias": False, "mlp_ratio": [2, 1, 4]}, 0, False),
    "oblong_windows": Case(V1, (48, 64), TWO | {"window_size": [2, 5], "patch_size": 8}, reload=False),
    "v2_shifted": Case(V2, (48, 48), TWO | {"window_size": 3, "pretrained_window_sizes": [4, 0], "act_layer": "gelu_tanh"}),
    "v2_no_bias": Case(V2, (32, 48), TWO | {"window_size": [4, 2], "qkv_bias": False}),
    "one_window": Case("swin_s3_tiny_224", (28, 28), {"window_size": 7, "patch_size": 4, "depths": [2], "num_heads": [2]}),
}


@dataclass
class TransformersCase:
    model: type
    args: dict = field(default_factory=dict)


TRANSFORMERS_CASES = {
    "transformers_classifier": TransformersCase(
        SwinForImageClassification, {"num_labels": 5, "image_size": [32, 48], "window_size": 2, "layer_norm_eps": 0.01}
    ),
    "v2_transformers_classifier": TransformersCase(
        Swinv2ForImageClassification,
        TWO | {"num_labels": 5, "image_size": [32, 48], "window_size": 4, "layer_norm_eps": 0.01},
    ),
    "v2_transformers_padded": TransformersCase(
        Swinv2Model,
        TWO | {"image_size": [36, 52], "window_size": 4, "pretrained_window_sizes": [3, 0]},
    ),
    "transformers_padded": TransformersCase(
        SwinModel,
        {"image_size": [36, 52], "window_size": 3, "hidden_act": "gelu_new", "qkv_bias": False, "mlp_ratio": 2},
    ),
}

FULL_SIZE = ("swin_tiny_patch4_window7_224", "swinv2_tiny_window8_256")


def map_of(tensor: torch.Tensor) -> torch.Tensor:
    """[1, H, W, C] as it is, but for the batch of one."""
    assert tensor.ndim == 4 and tensor.shape[0] == 1
    return tensor[0]


def map_of_tokens(height: int, width: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Makes a map of [1, tokens, C] again: as high and wide as the patches are, or half of that, or a quarter..."""

    def layout(tensor: torch.Tensor) -> torch.Tensor:
        rows, columns = height, width
        while rows * columns != tensor.shape[1]:
            rows, columns = (rows + 1) // 2, (columns + 1) // 2
        return tensor[0].reshape(rows, columns, -1)

    return layout


def quieten(model: nn.Module) -> None:
    """Shrinks what the norms see, so that their epsilon shows in the results; brings the factors of cosines to a natural size,
    one of them above what it is clamped to."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if re.search(r"patch_embed\w*\.proj|patch_embed\w*\.norm|embeddings\.norm|reduction", name):
                parameter *= 0.03
            if name.endswith("logit_scale"):
                parameter += 2.3
                parameter[-1] += 4


def save_timm(name: str, case: Case, seed: int) -> nn.Module:
    model = timm.create_model(
        case.architecture,
        num_classes=case.classes,
        pretrained_cfg_overlay={"input_size": (3, *case.size), "num_classes": case.classes},
        **case.arguments(),
    )
    quieten(goldens.randomize(model, seed))
    timm.models.save_for_hf(model, DIRECTORY / name, model_args=case.arguments(), safe_serialization=True)
    return model


def write_timm_golden(name: str, case: Case, model: nn.Module, seed: int) -> None:
    stages = {"patch_embed": model.patch_embed} | {f"layers.{i}": stage for i, stage in enumerate(model.layers)}
    image = goldens.random_image(*case.size, seed)
    goldens.write_golden(DIRECTORY / name, model, image, stages, goldens.timm_outputs(model), map_of)


def write_transformers(name: str, case: TransformersCase, seed: int) -> None:
    config_class = Swinv2Config if "v2" in name else SwinConfig
    config = config_class(**({"embed_dim": 4, "depths": [2, 2, 1], "num_heads": [1, 2, 2]} | case.args))
    model = case.model(config)
    quieten(goldens.randomize(model, seed))
    model.save_pretrained(DIRECTORY / name)
    base = model.base_model

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        features = base(image).pooler_output
        return {"features": features} | ({"logits": model.classifier(features)} if model is not base else {})

    # A stage of transformers ends with the merging, one of timm begins with it: the last blocks are where they agree.
    stages = {"patch_embed": base.embeddings}
    stages |= {f"layers.{i}": stage.blocks[-1] for i, stage in enumerate(base.encoder.layers)}
    height, width = config.image_size
    image = goldens.random_image(height, width, seed)
    layout = map_of_tokens(height // config.patch_size, width // config.patch_size)
    goldens.write_golden(DIRECTORY / name, model, image, stages, outputs, layout)


def original_name(name: str) -> str:
    """The name that microsoft/Swin-Transformer has for timm's."""
    name = re.sub(r"^layers\.(\d+)\.downsample", lambda m: f"layers.{int(m[1]) - 1}.downsample", name)
    return name.replace("head.fc.", "head.")


def write_original(name: str, timm_name: str) -> None:
    """The checkpoint of `timm_name` under the original names, with the buffers that are saved there; its golden values are
    those of `timm_name`."""
    (DIRECTORY / name).mkdir()
    shutil.copy(DIRECTORY / timm_name / "config.json", DIRECTORY / name)
    weights = load_file(DIRECTORY / timm_name / "model.safetensors")
    weights = {original_name(tensor): value for tensor, value in weights.items()}
    buffers = {
        "layers.0.blocks.1.attn_mask": torch.zeros(4, 3, 3),
        "layers.0.blocks.0.attn.relative_position_index": torch.zeros(3, 3, dtype=torch.int64),
    }
    save_file(weights | buffers, DIRECTORY / name / "model.safetensors")


def check_reload(name: str) -> None:
    """That timm builds the same model from the folder."""
    model = timm.create_model(f"local-dir:{DIRECTORY / name}", pretrained=True)
    golden = load_file(DIRECTORY / name / "golden.safetensors")
    with torch.no_grad():
        features = goldens.timm_outputs(model.eval())(golden["input"].permute(2, 0, 1).unsqueeze(0))["features"]
    assert torch.allclose(features[0], golden["features"], rtol=1e-3, atol=1e-4), name
    assert json.loads((DIRECTORY / name / "config.json").read_text())["model_args"]


def main() -> None:
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, (name, case) in enumerate(TIMM_CASES.items()):
        write_timm_golden(name, case, save_timm(name, case, seed), seed)
        if case.reload:
            check_reload(name)
    for seed, (name, case) in enumerate(TRANSFORMERS_CASES.items()):
        write_transformers(name, case, seed)
    write_original("original_names", "shifted")
    for preset in FULL_SIZE:
        model = timm.create_model(preset)
        goldens.write_full_size(DIRECTORY / "full", preset, model, *model.pretrained_cfg["input_size"][1:])


if __name__ == "__main__":
    main()
