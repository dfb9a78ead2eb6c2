"""What fresh_checkpoints.py writes and asks: a model of a library, how it is saved, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file
from timm.data import create_transform, resolve_data_config
from timm.models import save_for_hf

import goldens
from make_convnext_goldens import original_name


@dataclass
class Timm:
    """An architecture and the arguments that it is built with and saved with."""

    architecture: str
    args: dict = field(default_factory=dict)

    def write(self, directory: Path, seed: int) -> None:
        overlay = {}
        if "img_size" in self.args:
            overlay["input_size"] = (3, self.args["img_size"], self.args["img_size"])
        model = timm.create_model(self.architecture, pretrained_cfg_overlay=overlay, **self.args)
        save_for_hf(goldens.randomize(model, seed), directory, model_args=self.args, safe_serialization=True)

    def answer(self, directory: Path, picture: Image.Image) -> dict[str, torch.Tensor]:
        model = timm.create_model(f"local-dir:{directory}", pretrained=True).double().eval()
        transform = create_transform(**resolve_data_config({}, model=model))
        return goldens.timm_outputs(model)(transform(picture.convert("RGB")).unsqueeze(0).double())


@dataclass
class Transformers:
    """A model, its image processor, and which part of the base model's output is the embedding."""

    model: Callable[[], transformers.PreTrainedModel]
    processor: Callable[[], transformers.ImageProcessingMixin]
    embedding: Callable[[transformers.utils.ModelOutput], torch.Tensor]

    def write(self, directory: Path, seed: int) -> None:
        goldens.randomize(self.model(), seed).save_pretrained(directory)
        self.processor().save_pretrained(directory)

    def answer(self, directory: Path, picture: Image.Image) -> dict[str, torch.Tensor]:
        model = type(self.model()).from_pretrained(directory, dtype=torch.float64).eval()
        processor = type(self.processor()).from_pretrained(directory)
        image = processor(picture.convert("RGB"), return_tensors="pt")["pixel_values"].double()
        kind = type(model).__name__
        inner = model if kind.endswith("Model") else model.base_model
        answer = {"features": self.embedding(inner(image))}
        if "Classification" in kind:
            answer["logits"] = model(image).logits
        return answer


@dataclass
class OriginalNames(Timm):
    """The weights under the names of the authors' code, which timm renames as it loads them."""

    def write(self, directory: Path, seed: int) -> None:
        super().write(directory, seed)
        file = directory / "model.safetensors"
        save_file({original_name(name): tensor for name, tensor in load_file(file).items()}, file)


def class_token(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.last_hidden_state[:, 0]


def pooled(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.pooler_output


def flat(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.pooler_output.flatten(1)


def mean_of_patches(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.last_hidden_state.mean(1)


def mean_of_tokens(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.last_hidden_state[:, :2].mean(1)


def class_token_and_mean(prefix: int) -> Callable[[transformers.utils.ModelOutput], torch.Tensor]:
    def features(output: transformers.utils.ModelOutput) -> torch.Tensor:
        tokens = output.last_hidden_state
        return torch.cat([tokens[:, 0], tokens[:, prefix:].mean(1)], 1)

    return features
