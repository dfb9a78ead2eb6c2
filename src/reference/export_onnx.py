"""Writes checkpoints with random weights and the same networks as ONNX, for bench's SideBySide.

    python src/reference/export_onnx.py [--only-count] OUTPUT [ARCHITECTURE...]

For each timm architecture OUTPUT/ARCHITECTURE gets model.safetensors and config.json, as timm saves them, model.onnx
with a batch of any size, and multiply_adds, the number of multiply-adds of one image. Without architectures, the
networks that the documentation compares. --only-count writes nothing but multiply_adds.
"""

import argparse
from pathlib import Path

import torch

try:
    import tvshim  # noqa: F401  (some machines need it for torchvision to load)
except ImportError:
    pass
import timm
from timm.layers import set_fused_attn
from timm.models import save_for_hf
from torch.utils.flop_counter import FlopCounterMode

COMPARED = [
    "vit_tiny_patch16_224",
    "vit_small_patch16_224",
    "vit_base_patch16_224",
    "vit_small_patch14_dinov2",
    "eva02_small_patch14_336",
    "beit_base_patch16_224",
    "convnext_tiny",
    "convnextv2_tiny",
    "swin_tiny_patch4_window7_224",
    "swinv2_tiny_window8_256",
    "mobilenetv2_100",
    "mobilenetv3_small_100",
    "mobilenetv3_large_100",
    "efficientnet_b0",
    "tf_efficientnetv2_s",
    "resnet50",
    "regnetx_002",
    "vgg16",
]

# torch's exporter does not get their fused attention with a bias through; ONNX has the same steps either way.
UNFUSED = {"beit_base_patch16_224"}


def create(architecture: str) -> torch.nn.Module:
    """With a head, whether it is published with one or not."""
    model = timm.create_model(architecture, pretrained=False)
    if model.num_classes == 0:
        model = timm.create_model(architecture, pretrained=False, num_classes=1000)
    return model.eval()


def export(architecture: str, directory: Path) -> None:
    torch.manual_seed(1)
    set_fused_attn(architecture not in UNFUSED)
    model = create(architecture)
    directory.mkdir(parents=True, exist_ok=True)
    save_for_hf(model, directory, safe_serialization=True)
    channels, height, width = model.pretrained_cfg["input_size"]
    batch = torch.export.Dim("batch", min=1, max=64)
    torch.onnx.export(
        model,
        (torch.randn(2, channels, height, width),),
        directory / "model.onnx",
        input_names=["images"],
        output_names=["logits"],
        dynamic_shapes=({0: batch},),
        dynamo=True,
        external_data=False,
    )


def multiply_adds(architecture: str) -> int:
    """Of products and convolutions, which is what a forward pass consists of but for a percent or so."""
    model = create(architecture)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, *model.pretrained_cfg["input_size"]))
    return counter.get_total_flops() // 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only-count", action="store_true")
    parser.add_argument("output", type=Path)
    parser.add_argument("architectures", nargs="*", default=COMPARED)
    arguments = parser.parse_args()
    architectures = arguments.architectures or COMPARED
    if not arguments.only_count:
        for architecture in architectures:
            export(architecture, arguments.output / architecture)
    set_fused_attn(False)  # so that the counter sees attention's products; what is exported has them fused
    for architecture in architectures:
        directory = arguments.output / architecture
        (directory / "multiply_adds").write_text(f"{multiply_adds(architecture)}\n")
        print(directory)


if __name__ == "__main__":
    main()
