"""Writes golden activations of small random ConvNeXts, saved by timm and transformers, and the logits of full-size ones with
synthetic weights.

    python src/reference/make_convnext_goldens.py

Writes goldens/convnext/CASE/{config.json, model.safetensors, golden.safetensors} and goldens/convnext/full/PRESET.safetensors
(test resources).
"""

import json
import re
import shutil

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import (
    ConvNextConfig,
    ConvNextForImageClassification,
    ConvNextModel,
    ConvNextV2Config,
    ConvNextV2ForImageClassification,
    ConvNextV2Model,
    DINOv3ConvNextConfig,
    DINOv3ConvNextModel,
)

import goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "convnext"

# Neither square nor a multiple of the stride: the maps are 17x8, 8x4, 4x2 and 2x1.
HEIGHT, WIDTH = 68, 35

SMALL = {"depths": [1, 2, 1, 1], "dims": [8, 12, 16, 20]}

SMALLER = {"dims": [4, 6, 8, 10]}

# case: (architecture, arguments besides SMALL, classes)
TIMM_CASES = {
    "patch_stem": ("convnext_tiny", {}, 7),
    "conv_mlp_overlap_tiered": ("convnext_atto_ols", {"dims": [20, 12, 16, 20]}, 7),
    "conv_mlp_overlap": ("convnext_nano_ols", {"norm_eps": 0.01}, 7),
    "rms_norm": ("convnext_atto_rms", {"norm_eps": 1e-4}, 7),
    "simple_norm_overlap_act": ("convnext_zepto_rms_ols", {}, 7),
    "norm_before_pooling": ("convnext_tiny_hnf", {"global_pool": "catavgmax"}, 7),
    "hidden_head": ("convnext_large_mlp", {"head_hidden_size": 20, "act_layer": "gelu_tanh"}, 7),
    "no_layer_scale": ("test_convnext3", {"ls_init_value": None, "conv_bias": False}, 7),
    "small_patches_no_head": ("convnext_small", {"patch_size": 2, "global_pool": "avgmax"}, 0),
    "dilated": ("convnext_base", {"output_stride": 8, "global_pool": "max"}, 7),
    "v2": ("convnextv2_tiny", SMALLER, 7),
    "v2_conv_mlp": ("convnextv2_atto", SMALLER | {"act_layer": "gelu_tanh", "norm_eps": 0.01}, 0),
}

TRANSFORMERS_CASES = {
    "transformers_classifier": (ConvNextForImageClassification, {"num_labels": 7, "layer_norm_eps": 0.01}),
    "transformers_model": (ConvNextModel, {"patch_size": 2, "layer_scale_init_value": 0.0, "hidden_act": "gelu_new"}),
    "v2_transformers_classifier": (
        ConvNextV2ForImageClassification,
        {"num_labels": 7, "layer_norm_eps": 0.01, "hidden_sizes": SMALLER["dims"]},
    ),
    "v2_transformers_model": (
        ConvNextV2Model,
        {"patch_size": 2, "hidden_act": "gelu_new", "hidden_sizes": SMALLER["dims"]},
    ),
    "dinov3_transformers_model": (DINOv3ConvNextModel, {"layer_norm_eps": 1e-4, "hidden_sizes": SMALLER["dims"]}),
}

CONFIGS = {ConvNextV2ForImageClassification: ConvNextV2Config, ConvNextV2Model: ConvNextV2Config}
CONFIGS |= {DINOv3ConvNextModel: DINOv3ConvNextConfig}

FULL_SIZE = ("convnext_atto", "convnext_tiny", "convnextv2_atto")


def quieten(model: nn.Module) -> None:
    """Shrinks what the norms see, so that their epsilon shows in the results."""
    feeds_a_norm = re.compile(
        r"stem\.|patch_embeddings|embeddings\.layernorm|downsampl\w+\.1|dw\w*\.|depthwise|gamma|layer_scale_parameter"
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if feeds_a_norm.search(name):
                parameter *= 0.03


def save_timm(case: str, seed: int) -> nn.Module:
    architecture, extra, classes = TIMM_CASES[case]
    arguments = SMALL | extra
    model = timm.create_model(
        architecture,
        num_classes=classes,
        pretrained_cfg_overlay={"input_size": (3, HEIGHT, WIDTH), "num_classes": classes},
        **{key: value for key, value in arguments.items() if value is not None},
    )
    if "ls_init_value" in arguments and arguments["ls_init_value"] is None:  # create_model drops arguments that are None, a saved model_args does not
        for block in (block for stage in model.stages for block in stage.blocks):
            block.gamma = None
    quieten(goldens.randomize(model, seed))
    timm.models.save_for_hf(model, DIRECTORY / case, model_args=arguments, safe_serialization=True)
    return model


def write_timm_golden(case: str, model: nn.Module, seed: int) -> None:
    stages = {"stem": model.stem} | {f"stages.{i}": stage for i, stage in enumerate(model.stages)}
    image = goldens.random_image(HEIGHT, WIDTH, seed)
    goldens.write_golden(DIRECTORY / case, model, image, stages, goldens.timm_outputs(model))


def write_transformers(case: str, seed: int) -> None:
    model_class, extra = TRANSFORMERS_CASES[case]
    arguments = {"depths": SMALL["depths"], "hidden_sizes": SMALL["dims"], "image_size": [HEIGHT, WIDTH]} | extra
    config = CONFIGS.get(model_class, ConvNextConfig)(**arguments)
    model = model_class(config)
    quieten(goldens.randomize(model, seed))
    model.save_pretrained(DIRECTORY / case)
    dinov3 = model_class is DINOv3ConvNextModel  # whose base_model is the encoder
    base = model if dinov3 else model.base_model

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        features = base(image).pooler_output
        return {"features": features} | ({"logits": model.classifier(features)} if model is not base else {})

    encoder = base.model if dinov3 else base.encoder
    stages = {"stem": encoder.stages[0].downsample_layers[1] if dinov3 else base.embeddings}
    stages |= {f"stages.{i}": stage for i, stage in enumerate(encoder.stages)}
    goldens.write_golden(DIRECTORY / case, model, goldens.random_image(HEIGHT, WIDTH, seed), stages, outputs)


def original_name(name: str) -> str:
    """The name that facebookresearch/ConvNeXt and ConvNeXt-V2 have for timm's."""
    name = re.sub(r"^stem\.", "downsample_layers.0.", name)
    name = re.sub(r"^stages\.(\d+)\.downsample\.", r"downsample_layers.\1.", name)
    name = name.replace(".blocks.", ".").replace("conv_dw", "dwconv").replace("mlp.fc", "pwconv")
    name = name.replace("mlp.grn.weight", "grn.gamma").replace("mlp.grn.bias", "grn.beta")
    return name.replace("head.norm.", "norm.").replace("head.fc.", "head.")


def write_original(case: str, timm_case: str) -> None:
    """The checkpoint of `timm_case` under the original names, with a tensor that is for distillation alone; its golden values
    are those of `timm_case`."""
    (DIRECTORY / case).mkdir()
    shutil.copy(DIRECTORY / timm_case / "config.json", DIRECTORY / case)
    weights = {original_name(name): t for name, t in load_file(DIRECTORY / timm_case / "model.safetensors").items()}
    weights = {name: t.reshape(1, 1, 1, -1) if ".grn." in name else t for name, t in weights.items()}
    assert not any(name.startswith(("stem", "head.norm")) or "blocks" in name for name in weights)
    save_file(weights | {"norms.3.weight": torch.ones(3)}, DIRECTORY / case / "model.safetensors")


def main() -> None:
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, case in enumerate(TIMM_CASES):
        write_timm_golden(case, save_timm(case, seed), seed)
        check_reload(case)
    for seed, case in enumerate(TRANSFORMERS_CASES):
        write_transformers(case, seed)
    write_original("original_names", "patch_stem")
    write_original("v2_original_names", "v2")
    for preset in FULL_SIZE:
        goldens.write_full_size(DIRECTORY / "full", preset, timm.create_model(preset), 224, 224)


def check_reload(case: str) -> None:
    """That timm builds the same model from the folder."""
    model = timm.create_model(f"local-dir:{DIRECTORY / case}", pretrained=True)
    golden = load_file(DIRECTORY / case / "golden.safetensors")
    with torch.no_grad():
        features = goldens.timm_outputs(model.eval())(golden["input"].permute(2, 0, 1).unsqueeze(0))["features"]
    assert torch.allclose(features[0], golden["features"], rtol=1e-3, atol=1e-4), case
    assert json.loads((DIRECTORY / case / "config.json").read_text())["model_args"]


if __name__ == "__main__":
    main()
