"""Writes checkpoints of CLIP and SigLIP with random weights and both of their towers as ONNX, for bench's SideBySide.

    python src/reference/export_clip_onnx.py OUTPUT [NAME...]

For each configuration of open_clip with images of 224 x 224 pixels OUTPUT/NAME gets the checkpoint as open_clip saves it, with tokenizer files, model.onnx of the
image tower and text.onnx of the text tower, with batches of any size, and multiply_adds, the number of those of one image. OpenAI's
vocabulary is open_clip's own; SigLIP's is a small one that make_tokenizer_goldens.py trains.
"""

import argparse
import json
from pathlib import Path

import tvshim  # noqa: F401  (before open_clip)
import open_clip
import torch
from safetensors.torch import save_file
from timm.layers import set_fused_attn
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import fresh_clip_checkpoints
import make_tokenizer_goldens

COMPARED = ["ViT-B-32", "ViT-B-16", "ViT-B-16-SigLIP"]
IMAGE = (3, 224, 224)


class Images(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.model.encode_image(images)


class Texts(Images):
    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.model.encode_text(ids)


def save(name: str, directory: Path) -> nn.Module:
    torch.manual_seed(1)
    directory.mkdir(parents=True, exist_ok=True)
    model = open_clip.create_model(name).eval().requires_grad_(False)
    if "SigLIP" in name:
        make_tokenizer_goldens.open_clip_siglip(directory)
    else:
        fresh_clip_checkpoints.tokenizer().save_pretrained(directory)
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, directory / "open_clip_model.safetensors")
    document = {"model_cfg": open_clip.get_model_config(name), "preprocess_cfg": {}}
    (directory / "open_clip_config.json").write_text(json.dumps(document))
    return model


def export(model: nn.Module, example: torch.Tensor, path: Path) -> None:
    batch = torch.export.Dim("batch", min=1, max=512)
    torch.onnx.export(
        model,
        (example,),
        path,
        input_names=["input"],
        output_names=["features"],
        dynamic_shapes=({0: batch},),
        dynamo=True,
        external_data=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    for name in arguments.names or COMPARED:
        directory = arguments.output / name
        set_fused_attn(True)
        model = save(name, directory)
        export(Images(model), torch.randn(2, *IMAGE), directory / "model.onnx")
        ids = torch.randint(1, 500, (2, model.context_length))
        export(Texts(model), ids, directory / "text.onnx")
        set_fused_attn(False)  # so that the counter sees attention's products
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model.encode_image(torch.zeros(1, *IMAGE))
        (directory / "multiply_adds").write_text(f"{counter.get_total_flops() // 2}\n")
        print(directory)


if __name__ == "__main__":
    main()
