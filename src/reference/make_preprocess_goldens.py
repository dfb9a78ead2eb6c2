"""Writes the tensors that timm and transformers (on Pillow) make of pseudo-random images, as checksums.

    python src/reference/make_preprocess_goldens.py

Also writes preprocess-floats.safetensors beside it: tensors that the only processor made that does not round resized pixels,
`<width>x<height> <name>`, [height, width, 3].

Output: loaders/src/test/resources/images/preprocess.sha256, one line a case: the SHA-256 of the tensor, [height, width, 3],
little-endian float32, then "<width>x<height> <library> <what the library is told>". The images are those of
make_resize_goldens.py; PreprocessorTest.java says the same to Preprocessing.
"""

import hashlib
from itertools import product
from pathlib import Path

import numpy as np
import tvshim  # noqa: F401  (must come before torchvision)
from make_resize_goldens import noise
from safetensors.torch import save_file
from timm.data.constants import IMAGENET_DEFAULT_MEAN, OPENAI_CLIP_STD
from timm.data.transforms_factory import transforms_imagenet_eval
from transformers import DINOv3ViTImageProcessor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.efficientnet.image_processing_pil_efficientnet import EfficientNetImageProcessorPil
from transformers.models.mobilenet_v2.image_processing_pil_mobilenet_v2 import MobileNetV2ImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

OUT = Path(__file__).resolve().parents[2] / "loaders/src/test/resources/images/preprocess.sha256"

# Landscape, upright, exact, odd, smaller than the crop in one or both edges, far from square.
IMAGES = [(500, 375), (333, 501), (224, 224), (257, 255), (300, 100), (99, 61), (31, 400)]

TIMM_TARGETS = [(224, 224, 0.875), (224, 224, 0.9), (160, 160, 1.0), (225, 225, 0.95), (96, 128, 0.875), (129, 64, 1.0)]
TIMM_FILTERS = {"center": ["bicubic", "bilinear"], "squash": ["bicubic", "nearest"], "border": ["bicubic", "lanczos"]}

TRANSFORMERS = {
    "vit": ViTImageProcessorPil(),
    "vit-not-normalized": ViTImageProcessorPil(size={"height": 50, "width": 70}, resample=0, do_normalize=False),
    "vit-not-rescaled": ViTImageProcessorPil(do_rescale=False, image_mean=[127.5] * 3, image_std=[64.0] * 3),
    "vit-not-resized": ViTImageProcessorPil(do_resize=False, do_center_crop=True, crop_size={"height": 97, "width": 98}),
    "clip": CLIPImageProcessorPil(),
    "clip-odd": CLIPImageProcessorPil(size={"shortest_edge": 130}, crop_size={"height": 127, "width": 301}),
    "edge-range": CLIPImageProcessorPil(size={"shortest_edge": 200, "longest_edge": 260}, crop_size={"height": 224, "width": 224}),
    "within": ViTImageProcessorPil(
        size={"max_height": 200, "max_width": 150}, do_center_crop=True, crop_size={"height": 200, "width": 150}
    ),
    "convnext-224": ConvNextImageProcessorPil(size={"shortest_edge": 224}),
    "convnext-384": ConvNextImageProcessorPil(),
    "mobilenet-v2": MobileNetV2ImageProcessorPil(),
    "rescale-offset": EfficientNetImageProcessorPil(
        size={"height": 60, "width": 60}, rescale_factor=1 / 127.5, rescale_offset=True, do_normalize=False, include_top=False
    ),
    "include-top": EfficientNetImageProcessorPil(
        size={"height": 50, "width": 60}, resample=0, image_mean=IMAGENET_DEFAULT_MEAN, image_std=OPENAI_CLIP_STD
    ),
}  # fmt: skip


# Not bit for bit, and so small.
FLOATS = {
    "dinov3": DINOv3ViTImageProcessor(size={"height": 20, "width": 24}),
    "dinov3-cropped": DINOv3ViTImageProcessor(
        size={"shortest_edge": 22}, resample=3, do_center_crop=True, crop_size={"height": 17, "width": 30}
    ),
}
FLOAT_IMAGES = [(50, 37), (31, 400), (13, 11)]


def line(tensor: np.ndarray, size: tuple[int, int], what: str) -> str:
    """`tensor` is [3, height, width]."""
    values = np.ascontiguousarray(tensor.transpose(1, 2, 0), dtype="<f4")
    return f"{hashlib.sha256(values.tobytes()).hexdigest()} {size[0]}x{size[1]} {what}\n"


def write_floats() -> None:
    tensors = {}
    for size, (name, processor) in product(FLOAT_IMAGES, FLOATS.items()):
        tensor = processor(noise(*size), return_tensors="pt")["pixel_values"][0]
        tensors[f"{size[0]}x{size[1]} {name}"] = tensor.permute(1, 2, 0).contiguous()
    save_file(tensors, OUT.with_name("preprocess-floats.safetensors"))


def main() -> None:
    lines = []
    for size, (height, width, crop_pct), mode in product(IMAGES, TIMM_TARGETS, TIMM_FILTERS):
        for interpolation in TIMM_FILTERS[mode]:
            transform = transforms_imagenet_eval(
                (height, width), crop_pct=crop_pct, crop_mode=mode, interpolation=interpolation
            )
            what = f"timm {height}x{width} {crop_pct} {mode} {interpolation}"
            lines.append(line(transform(noise(*size)).numpy(), size, what))
    for size, (name, processor) in product(IMAGES, TRANSFORMERS.items()):
        # An array would be taken for a tensor where its first dimension is 1 or 3; a picture is what users give.
        tensor = processor(noise(*size), return_tensors="np")["pixel_values"][0]
        lines.append(line(tensor, size, f"transformers {name}"))
    OUT.write_text("".join(lines))
    write_floats()
    print(f"{len(lines)} cases")


if __name__ == "__main__":
    main()
