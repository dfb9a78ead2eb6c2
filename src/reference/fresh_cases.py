"""What fresh_checkpoints.py writes and asks: a model of a library, how it is saved, and what it answers.

Each has `write(directory, seed)`, and `answers(directory, pictures)`: of each picture the `features` and, where there is a head,
the `logits`, [1, n] in float64, from the checkpoint as the library loads it.
"""

import json
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
from torch import nn

import goldens
import make_dinov2_goldens as dinov2
import make_torchvision_goldens as torchvision_networks
from make_convnext_goldens import original_name
from make_vit_transformers_goldens import save_as_opengvlab

Answer = dict[str, torch.Tensor]


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

    def answers(self, directory: Path, pictures: list[Image.Image]) -> list[Answer]:
        model = timm.create_model(f"local-dir:{directory}", pretrained=True).double().eval()
        transform = create_transform(**resolve_data_config({}, model=model))
        return [goldens.timm_outputs(model)(transform(picture).unsqueeze(0).double()) for picture in pictures]


@dataclass
class Transformers:
    """A model, its image processor, and which part of the base model's output is the embedding."""

    model: Callable[[], transformers.PreTrainedModel]
    processor: Callable[[], transformers.ImageProcessingMixin]
    embedding: Callable[[transformers.utils.ModelOutput], torch.Tensor]

    def write(self, directory: Path, seed: int) -> None:
        goldens.randomize(self.model(), seed).save_pretrained(directory)
        self.processor().save_pretrained(directory)

    def load(self, directory: Path) -> transformers.PreTrainedModel:
        return type(self.model()).from_pretrained(directory, dtype=torch.float64).eval()

    def answers(self, directory: Path, pictures: list[Image.Image]) -> list[Answer]:
        model = self.load(directory)
        processor = type(self.processor()).from_pretrained(directory)
        kind = type(model).__name__
        base = model if kind.endswith("Model") else model.base_model
        answers = []
        for picture in pictures:
            image = processor(picture, return_tensors="pt")["pixel_values"].double()
            answers.append({"features": self.embedding(base(image))})
            if "Classification" in kind:
                answers[-1]["logits"] = model(image).logits
        return answers


@dataclass
class OriginalNames(Timm):
    """The weights under the names of the authors' code, which timm renames as it loads them."""

    def write(self, directory: Path, seed: int) -> None:
        super().write(directory, seed)
        file = directory / "model.safetensors"
        save_file({original_name(name): tensor for name, tensor in load_file(file).items()}, file)


@dataclass
class OpenGVLab(Transformers):
    """As OpenGVLab's own code saves it, which transformers cannot load: the answers are those of the model that was written."""

    def write(self, directory: Path, seed: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.written = goldens.randomize(self.model(), seed)
        save_as_opengvlab(directory, self.written)
        self.processor().save_pretrained(directory)

    def load(self, directory: Path) -> transformers.PreTrainedModel:
        return self.written.double()


@dataclass
class HandWritten:
    """A network whose authors save nothing but weights, with the configuration that the README has users write."""

    architecture: str
    model: Callable[[], nn.Module]
    features: Callable[[nn.Module, torch.Tensor], torch.Tensor]
    args: dict = field(default_factory=dict)

    PREPARATION = {
        "input_size": (3, 224, 224),
        "interpolation": "bilinear",
        "crop_pct": 0.875,
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
    }

    def write(self, directory: Path, seed: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        weights = goldens.randomize(self.model(), seed).state_dict()
        save_file({name: tensor.contiguous() for name, tensor in weights.items()}, directory / "model.safetensors")
        config = {"architecture": self.architecture, "model_args": self.args, "pretrained_cfg": self.PREPARATION}
        (directory / "config.json").write_text(json.dumps(config))

    def answers(self, directory: Path, pictures: list[Image.Image]) -> list[Answer]:
        model = self.model()
        model.load_state_dict(load_file(directory / "model.safetensors"))
        model.double().eval()
        images = [create_transform(**self.PREPARATION)(picture).unsqueeze(0).double() for picture in pictures]
        return [{"features": self.features(model, image), "logits": model(image)} for image in images]


Case = Timm | Transformers | HandWritten


def torchvision(builder: str, architecture: str | None = None, **args) -> HandWritten:
    """A network of torchvision, under its builder's name unless timm's serves."""
    return HandWritten(
        architecture or builder, lambda: torchvision_networks.build(builder, **args), torchvision_networks.pooled, args
    )


def dinov2_linear(function: str, **args) -> HandWritten:
    """DINOv2 with a linear classifier, as a function of torch.hub makes it."""
    return HandWritten(function, lambda: dinov2.Classifier(function, args), dinov2.Classifier.features, args)


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
