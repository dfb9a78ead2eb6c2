"""Writes configurations as timm, transformers and open_clip save them, and what those make of an image by them, as checksums.

    python src/reference/make_config_goldens.py

Output: loaders/src/test/resources/configs: a folder a case, and preprocessing.sha256 with one line a case and image: the
SHA-256 of the tensor, [height, width, 3], little-endian float32, then "<width>x<height> <case>". The images are those of
make_resize_goldens.py. GoldenConfigsTest.java opens the folders as checkpoints.
"""

import functools
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tvshim  # noqa: F401  (must come before torchvision)
import timm
import transformers as hf
from make_preprocess_goldens import line
from make_resize_goldens import noise
from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict
from timm.data import create_transform, resolve_data_config
from timm.models._hub import load_model_config_from_path, save_config_for_hf
from timm.models._pretrained import PretrainedCfg

OUT = Path(__file__).resolve().parents[2] / "loaders/src/test/resources/configs"
IMAGES = [(500, 375), (301, 402), (99, 61)]

Json = dict[str, Any]

# Models with the configuration of published weights, saved by timm; then what is saved beside it.
TIMM_SAVED: dict[str, tuple[str, Json]] = {
    "timm-vit": ("vit_tiny_patch16_224.augreg_in21k_ft_in1k", {}),
    "timm-test-size-unused": ("convnext_atto.d2_in1k", {}),
    "timm-crop-pct": ("mobilenetv3_small_050.lamb_in1k", {}),
    "timm-inception-mean": ("tf_mobilenetv3_small_minimal_100.in1k", {}),
    "timm-labels": (
        "mobilenetv3_small_050.lamb_in1k",
        {"num_classes": 3, "label_names": ["n1", "n2", "n3"], "label_descriptions": {"n1": "one, uno", "n3": "three"}},
    ),
    "timm-label-map": (
        "mobilenetv3_small_050.lamb_in1k", {"num_classes": 4, "label_names": {"0": "zero", "3": "three"}},
    ),
}

# Files as people and older versions write them.
LEGACY = {
    "architecture": "mobilenetv3_small_050", "num_classes": 2, "num_features": 1024, "input_size": [3, 160, 160],
    "interpolation": "bilinear", "crop_pct": 0.95, "mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6], "labels": ["a", "b"],
}
TIMM_WRITTEN: dict[str, Json] = {
    "timm-legacy": LEGACY,
    "timm-defaults": {"architecture": "vit_tiny_patch16_224", "pretrained_cfg": {}},
    "timm-nothing-set": {
        "architecture": "vit_tiny_patch16_224",
        "pretrained_cfg": {"crop_pct": 0, "crop_mode": "", "interpolation": None, "mean": [], "std": None, "test_crop_pct": 1},
    },
    "timm-squash": {
        "architecture": "vit_tiny_patch16_224",
        "pretrained_cfg": {"input_size": [3, 96, 128], "crop_mode": "squash", "crop_pct": 1.0, "interpolation": "lanczos"},
    },
    "timm-border": {
        "architecture": "vit_tiny_patch16_224",
        "pretrained_cfg": {"input_size": [3, 112, 112], "crop_mode": "border", "crop_pct": 0.9, "interpolation": "box"},
    },
    "timm-not-square": {
        "architecture": "vit_tiny_patch16_224",
        "pretrained_cfg": {"input_size": [3, 96, 128], "interpolation": "bicubic", "crop_pct": 0.875},
    },
}

VIT, CONVNEXT, MOBILENET = hf.ViTConfig, hf.ConvNextConfig, hf.MobileNetV2Config
SIGLIP2_PATCH_14 = functools.partial(hf.Siglip2Config, vision_config={"patch_size": 14})

# Image processors saved by transformers beside a model's configuration.
SAVED: dict[str, tuple[Any, Any]] = {
    "vit": (VIT, hf.ViTImageProcessorPil()),
    "vit-torchvision": (VIT, hf.ViTImageProcessor(size={"height": 96, "width": 128}, resample=3)),
    "vit-steps-off": (VIT, hf.ViTImageProcessorPil(do_normalize=False, do_rescale=False, size=100)),
    "deit": (hf.DeiTConfig, hf.DeiTImageProcessorPil()),
    "dinov2": (hf.Dinov2Config, hf.BitImageProcessorPil(size={"shortest_edge": 256}, image_mean=[0.485, 0.456, 0.406])),
    "clip": (VIT, hf.CLIPImageProcessorPil(size={"shortest_edge": 150, "longest_edge": 180})),
    "siglip2": (hf.Siglip2Config, hf.Siglip2ImageProcessorPil()),
    "siglip2-few-patches": (SIGLIP2_PATCH_14, hf.Siglip2ImageProcessor(patch_size=14, max_num_patches=30)),
    "convnext-small": (CONVNEXT, hf.ConvNextImageProcessorPil(size={"shortest_edge": 160}, crop_pct=0.9)),
    "convnext-large": (CONVNEXT, hf.ConvNextImageProcessorPil()),
    "convnext-cropped-again": (
        CONVNEXT, hf.ConvNextImageProcessorPil(do_center_crop=True, crop_size={"height": 200, "width": 190}),
    ),
    "mobilenet-v1": (hf.MobileNetV1Config, hf.MobileNetV1ImageProcessorPil()),
    "mobilenet-v2": (MOBILENET, hf.MobileNetV2ImageProcessorPil(size={"shortest_edge": 129}, crop_size=[97, 101])),
    "efficientnet": (hf.EfficientNetConfig, hf.EfficientNetImageProcessorPil(size={"height": 60, "width": 70}, resample=0)),
    "efficientnet-offset": (
        hf.EfficientNetConfig,
        hf.EfficientNetImageProcessorPil(
            do_center_crop=True, rescale_factor=1 / 127.5, rescale_offset=True, do_normalize=False, image_std=[0.4, 0.5, 0.6]
        ),
    ),
}

# Files as older versions write them.
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
WRITTEN: dict[str, tuple[Any, Json]] = {
    "vit-feature-extractor": (VIT, {"feature_extractor_type": "ViTFeatureExtractor", "size": 112, "resample": 2, **HALF}),
    "vit-fast": (VIT, {"image_processor_type": "ViTImageProcessorFast", "size": [90, 110]}),
    "vit-no-type": (VIT, {"do_normalize": True, "do_resize": True, "size": 224, **HALF}),
    "vit-nulls": (VIT, {"image_processor_type": "ViTImageProcessor", "do_rescale": None, "do_normalize": None}),
    "vit-one-mean": (VIT, {"image_processor_type": "ViTImageProcessor", "image_mean": 0.25, "image_std": 2}),
    "vit-not-square": (VIT, {"image_processor_type": "ViTImageProcessor", "size": 100, "default_to_square": False,
                             "do_center_crop": True, "crop_size": 100}),
    "vit-within": (VIT, {"image_processor_type": "ViTImageProcessor", "size": {"max_height": 80, "max_width": 90},
                         "do_center_crop": True, "crop_size": {"height": 80, "width": 90}}),
    "convnext-no-type": (CONVNEXT, {"size": 224, "crop_pct": 0.875, "resample": 3}),
    "mobilenet-no-type": (MOBILENET, {"size": {"shortest_edge": 128}, "crop_size": 96, "rescale_factor": 0.01}),
    "efficientnet-no-type": (hf.EfficientNetConfig, {"size": {"height": 50, "width": 50}, "include_top": False}),
    "clip-feature-extractor": (VIT, {"feature_extractor_type": "CLIPFeatureExtractor", "size": 100, "crop_size": 90}),
}  # fmt: skip

# open_clip's preprocess_cfg and the image_size of its image tower.
OPEN_CLIP: dict[str, tuple[Json, Any]] = {
    "open-clip": ({}, 96),
    "open-clip-siglip": (
        {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic", "resize_mode": "squash"}, 90
    ),
    "open-clip-not-square": ({"interpolation": "bilinear"}, [96, 128]),
    "open-clip-longest": ({"resize_mode": "longest", "fill_color": 127, "interpolation": "bilinear"}, 110),
    "open-clip-random": ({"interpolation": "random", "mean": 0.25, "std": 2}, 100),
}


def write(folder: Path, name: str, value: Json) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(value, indent=1) + "\n")


def configurations() -> None:
    for case, (model, more) in TIMM_SAVED.items():
        (OUT / case).mkdir(parents=True)
        save_config_for_hf(timm.create_model(model), OUT / case / "config.json", dict(more))
    for case, config in TIMM_WRITTEN.items():
        write(OUT / case, "config.json", config)
    for case, (model, processor) in SAVED.items():
        model(id2label={0: "cat", 1: "dog"}).save_pretrained(OUT / case)
        processor.save_pretrained(OUT / case)
    for case, (model, values) in WRITTEN.items():
        model(num_labels=3).save_pretrained(OUT / case)
        write(OUT / case, "preprocessor_config.json", values)
    for case, (preprocessing, size) in OPEN_CLIP.items():
        model = {"embed_dim": 512, "vision_cfg": {"image_size": size}, "text_cfg": {}}
        write(OUT / case, "open_clip_config.json", {"model_cfg": model, "preprocess_cfg": preprocessing})
    # A processor of text and images has that of the images inside.
    write(OUT / "nested", "processor_config.json", {"image_processor": WRITTEN["vit-fast"][1], "processor_class": "X"})
    write(OUT / "nested", "preprocessor_config.json", WRITTEN["vit-one-mean"][1])
    VIT().save_pretrained(OUT / "nested")


def timm_transform(folder: Path) -> Any:
    """What timm.create_model("local-dir:...") and the usual two calls after it come to."""
    pretrained_cfg, _, _ = load_model_config_from_path(folder)
    return create_transform(**resolve_data_config(pretrained_cfg=asdict(PretrainedCfg(**pretrained_cfg))))


def open_clip_transform(folder: Path) -> Any:
    """What open_clip.create_model_and_transforms("local-dir:...") comes to."""
    config = json.loads((folder / "open_clip_config.json").read_text())
    size = config["model_cfg"]["vision_cfg"]["image_size"]
    cfg = merge_preprocess_dict(PreprocessCfg(), config["preprocess_cfg"] | {"size": size})
    return image_transform_v2(PreprocessCfg(**cfg), is_train=False)


def pixels(inputs: Any) -> Any:
    """[channels, height, width] of an image, also where it has been cut into patches and padded."""
    tensor = inputs["pixel_values"][0]
    if "spatial_shapes" not in inputs:
        return tensor
    rows, columns = inputs["spatial_shapes"][0]
    patch = round((tensor.shape[-1] // 3) ** 0.5)
    patches = tensor[: rows * columns].reshape(rows, columns, patch, patch, 3)
    return patches.transpose(4, 0, 2, 1, 3).reshape(3, rows * patch, columns * patch)


def checksums(folder: Path) -> list[str]:
    lines = []
    for size in IMAGES:
        if folder.name.startswith("timm-"):
            tensor = timm_transform(folder)(noise(*size)).numpy()
        elif folder.name.startswith("open-clip"):
            tensor = open_clip_transform(folder)(noise(*size)).numpy()
        else:
            processor = hf.AutoImageProcessor.from_pretrained(folder, backend="pil")
            tensor = pixels(processor(noise(*size), return_tensors="np"))
        lines.append(line(tensor, size, folder.name))
    return lines


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    configurations()
    lines = [line for folder in sorted(OUT.iterdir()) for line in checksums(folder)]
    (OUT / "preprocessing.sha256").write_text("".join(lines))
    print(f"{len(lines)} cases")


if __name__ == "__main__":
    main()
