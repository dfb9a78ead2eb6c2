"""Writes the golden tests of the vision transformers of transformers other than ViT itself.

    python src/reference/make_vit_transformers_goldens.py

Writes small random checkpoints of DeiT, MAE, I-JEPA, DINOv2, SigLIP and InternViT as transformers saves them, each with what it computes from it in
float64, to goldens/vit_transformers/CASE (test resources).
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import tvshim  # noqa: F401  (before transformers)
import torch
import transformers
from safetensors.torch import save_file
from torch import nn

import goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "vit_transformers"

SMALL = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2)
VIT = SMALL | dict(intermediate_size=20, patch_size=8, image_size=32)
DINOV2 = SMALL | dict(patch_size=7, image_size=21, mlp_ratio=3)

# Parts of names, transformers' and OpenGVLab's.
OPENGVLAB = {
    "embeddings.cls_token": "embeddings.class_embedding",
    "embeddings.position_embeddings": "embeddings.position_embedding",
    "embeddings.patch_embeddings.projection": "embeddings.patch_embedding",
    "encoder.layer.": "encoder.layers.",
    "attention.projection_layer": "attn.proj",
    "attention.": "attn.",
    "layernorm_before": "norm1",
    "layernorm_after": "norm2",
    "lambda_1": "ls1",
    "lambda_2": "ls2",
}

Output = transformers.utils.ModelOutput
Features = Callable[[Output], torch.Tensor]


def class_token(output: Output) -> torch.Tensor:
    return output.last_hidden_state[:, 0]


def both_tokens(output: Output) -> torch.Tensor:
    return output.last_hidden_state[:, :2].flatten(1)


def mean(output: Output) -> torch.Tensor:
    return output.last_hidden_state.mean(1)


def class_token_and_mean(prefix: int) -> Features:
    return lambda output: torch.cat([output.last_hidden_state[:, 0], output.last_hidden_state[:, prefix:].mean(1)], 1)


def attended(output: Output) -> torch.Tensor:
    return output.pooler_output


class Writer:
    """Writes one case after the other, each with a seed of its own."""

    def __init__(self) -> None:
        self.seed = 0

    def write(
        self,
        case: str,
        model: transformers.PreTrainedModel,
        features: Features,
        size: tuple[int, int] = (32, 32),
        new_names: bool = False,
        processor: transformers.ImageProcessingMixin | None = None,
        original: Callable[[Path, nn.Module], None] | None = None,
    ) -> None:
        """
        :param features: what the head sees, of what the base model returns
        :param original: saves it as its authors' code does
        :param new_names: whether tensors are saved as the modules are called since version 5
        """
        self.seed += 1
        directory = DIRECTORY / case
        goldens.randomize(model, self.seed).save_pretrained(directory)
        if new_names:
            save_file(model.state_dict(), directory / "model.safetensors")
        if original:
            original(directory, model)
        if processor:
            processor.save_pretrained(directory)
        base = getattr(model, "vision_model", model.base_model)
        arguments = unmask(base) if base.config.model_type == "vit_mae" else {}
        children = dict(base.named_children()) | dict(getattr(base, "encoder", base).named_children())
        layers = children.get("layers") or children["layer"]
        norm = children.get("layernorm") or children["post_layernorm"]
        stages = {"embed": base.embeddings} | {f"blocks.{i}": m for i, m in enumerate(layers)}
        if not isinstance(norm, nn.Identity):
            stages["norm"] = norm

        def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
            seen = features(base(pixel_values=image, **arguments))
            results = {"features": seen}
            if features is both_tokens:
                results["embedding"] = seen.reshape(1, 2, -1).mean(1)
            if "Classification" in type(model).__name__:
                results["logits"] = model(pixel_values=image).logits
            return results

        goldens.write_golden(directory, model, goldens.random_image(*size, 100 + self.seed), stages, outputs)


def save_as_opengvlab(directory: Path, model: nn.Module) -> None:
    """The weights and the configuration of transformers' InternVLVisionModel as OpenGVLab's own code saves them, which is not
    part of any package: both have the same mathematics without a last norm."""
    state = {}
    for name, tensor in model.state_dict().items():
        for old, new in OPENGVLAB.items():
            name = name.replace(old, new)
        state[name] = tensor
    for name in [name for name in state if ".q_proj." in name]:
        parts = [state.pop(name.replace("q_proj", f"{part}_proj")) for part in "qkv"]
        state[name.replace("q_proj", "qkv")] = torch.cat(parts)
    save_file(state, directory / "model.safetensors")
    config = model.config
    path = directory / "config.json"
    original = {
        "architectures": ["InternVisionModel"],
        "model_type": "intern_vit_6b",
        "image_size": config.image_size[0],
        "patch_size": config.patch_size[0],
        "qkv_bias": config.attention_bias,
        "qk_normalization": config.use_qk_norm,
        "norm_type": config.norm_type,
        "layer_norm_eps": config.layer_norm_eps,
    }
    for key in ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act"):
        original[key] = getattr(config, key)
    path.write_text(json.dumps(original, indent=2) + "\n")


def unmask(mae: nn.Module) -> dict[str, torch.Tensor]:
    """Has the encoder see all patches; the arguments that leave them in their order."""
    mae.config.mask_ratio = 0.0
    return {"noise": torch.arange(mae.embeddings.patch_embeddings.num_patches).unsqueeze(0)}


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    writer = Writer()
    deit = transformers.DeiTConfig(**VIT, num_labels=5)
    writer.write("deit_with_teacher", transformers.DeiTForImageClassificationWithTeacher(deit), both_tokens)
    writer.write("deit_classifier", transformers.DeiTForImageClassification(deit), class_token, new_names=True)
    writer.write("deit_model", transformers.DeiTModel(deit), class_token)

    mae = transformers.ViTMAEForPreTraining(
        transformers.ViTMAEConfig(
            **VIT, decoder_num_attention_heads=2, decoder_hidden_size=8, decoder_num_hidden_layers=1, decoder_intermediate_size=8
        )
    )
    writer.write("mae_pretraining", mae, class_token)
    writer.write("mae_model", transformers.ViTMAEModel(transformers.ViTMAEConfig(**VIT)), class_token, new_names=True)

    ijepa = transformers.IJepaConfig(**VIT, num_labels=4, layer_norm_eps=1e-6)
    writer.write("ijepa_model", transformers.IJepaModel(ijepa), mean)
    writer.write("ijepa_classifier", transformers.IJepaForImageClassification(ijepa), mean, new_names=True)

    plain = transformers.Dinov2Config(**DINOV2, num_labels=5)
    resized = transformers.BitImageProcessor(size={"shortest_edge": 40}, crop_size={"height": 28, "width": 35})
    writer.write("dinov2_model", transformers.Dinov2Model(plain), class_token, (28, 35), processor=resized)
    gated = transformers.Dinov2Config(**DINOV2, num_labels=5, use_swiglu_ffn=True)
    classifier = transformers.Dinov2ForImageClassification
    writer.write("dinov2_gated", classifier(gated), class_token_and_mean(1), (21, 21))
    writer.write("dinov2_gated_new_names", classifier(gated), class_token_and_mean(1), (21, 21), new_names=True)
    registers = transformers.Dinov2WithRegistersConfig(**DINOV2, num_labels=5, num_register_tokens=3)
    smaller = transformers.BitImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 14, "width": 14})
    classifier = transformers.Dinov2WithRegistersForImageClassification
    writer.write("dinov2_registers", classifier(registers), class_token_and_mean(4), (14, 14), processor=smaller)

    siglip = transformers.SiglipVisionConfig(**VIT)
    writer.write("siglip_model", transformers.SiglipVisionModel(siglip), attended)
    both = transformers.SiglipConfig(vision_config=VIT, num_labels=4)
    writer.write("siglip_classifier", transformers.SiglipForImageClassification(both), mean)
    text = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, vocab_size=9, max_position_embeddings=4)
    towers = transformers.SiglipConfig(vision_config=VIT, text_config=text | dict(bos_token_id=1, eos_token_id=2, projection_size=8))
    writer.write("siglip_both_towers", transformers.SiglipModel(towers), attended)

    intern = SMALL | dict(intermediate_size=20, patch_size=8, image_size=16)
    rms = transformers.InternVLVisionConfig(**intern, norm_type="rms_norm", use_qk_norm=True)
    writer.write("internvit", transformers.InternVLVisionModel(rms), class_token, (16, 24), processor=wide())
    writer.write("internvit_opengvlab", transformers.InternVLVisionModel(rms), class_token, (16, 16), original=save_as_opengvlab)
    plain = transformers.InternVLVisionConfig(**intern, attention_bias=True, use_mean_pooling=False, use_mask_token=True)
    writer.write("internvit_norm", transformers.InternVLVisionModel(plain), class_token, (16, 16))


def wide() -> transformers.ImageProcessingMixin:
    return transformers.CLIPImageProcessor(size={"shortest_edge": 24}, crop_size={"height": 16, "width": 24})


if __name__ == "__main__":
    main()
