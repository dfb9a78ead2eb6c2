"""Writes the golden tests of the towers of CLIP and SigLIP as transformers saves them.

    python src/reference/make_clip_goldens.py

Writes small random checkpoints with what they compute in float64 to goldens/clip/CASE (test resources): golden.safetensors of
the image tower, text.safetensors of the text tower, and where there are both `logits` of the image and each text in the latter.
"""

import json
import shutil

import tvshim  # noqa: F401  (before transformers)
import torch
import transformers
from safetensors.torch import load_file, save_file

import goldens
import text_goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "clip"

SMALL = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20)
VISION = SMALL | dict(patch_size=8, image_size=32, projection_dim=6)
VOCABULARY = 40
CONTEXT = 12
TEXT = SMALL | dict(
    hidden_size=12, vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, projection_dim=6, bos_token_id=38, pad_token_id=39
)
TEXTS = 4


def write_images(case: str, model: transformers.PreTrainedModel, seed: int) -> torch.Tensor:
    """Returns the image, [1, 3, H, W]."""
    tower = getattr(model, "vision_model", model)
    layers = tower.encoder.layers
    before = tower.pre_layrnorm if hasattr(tower, "pre_layrnorm") else tower.embeddings
    stages = {"embed": before} | {f"blocks.{i}": layer for i, layer in enumerate(layers)}
    if not hasattr(tower, "pre_layrnorm"):
        stages["norm"] = tower.post_layernorm

    def outputs(image: torch.Tensor) -> dict[str, torch.Tensor]:
        if hasattr(model, "get_image_features"):
            return {"features": model.get_image_features(pixel_values=image).pooler_output}
        output = model(pixel_values=image)
        if hasattr(output, "image_embeds"):
            return {"features": output.image_embeds}
        if hasattr(output, "logits"):
            return {"features": tower(image).last_hidden_state[:, 1:].mean(1), "logits": output.logits}
        return {"features": output.pooler_output}

    image = goldens.random_image(32, 32, 100 + seed)
    goldens.write_golden(DIRECTORY / case, model, image, stages, outputs)
    return image.double().permute(2, 0, 1).unsqueeze(0)


def write_texts(case: str, model: transformers.PreTrainedModel, seed: int, padding: str | None) -> dict[str, torch.Tensor]:
    """Returns the ids and, where there is one, the attention mask.

    :param padding: the side where padding is masked; None: it is on the right and taken for text
    """
    model.double().eval()
    tower = getattr(model, "text_model", model)
    causal = hasattr(tower, "eos_token_id")
    end = VOCABULARY - 1 if not causal or tower.eos_token_id == 2 else tower.eos_token_id
    ids = text_goldens.random_ids(TEXTS, CONTEXT, VOCABULARY, end, end if seed % 2 else 1, 200 + seed)
    ends = [row.tolist().index(end) for row in ids]
    mask = None
    if padding is not None:
        mask = torch.tensor([[int(i <= at) for i in range(CONTEXT)] for at in ends])
    if padding == "left":
        ids, mask = (torch.stack([row.roll(CONTEXT - 1 - at) for row, at in zip(both, ends)]) for both in (ids, mask))
        ends = [CONTEXT - 1] * TEXTS
    positions = ends if causal else [CONTEXT - 1] * TEXTS
    counted = [
        [i for i in range(CONTEXT) if i == pooled or ((mask is None or mask[t, i]) and (not causal or i <= pooled))]
        for t, pooled in enumerate(positions)
    ]
    inputs = {} if mask is None else {"attention_mask": mask}

    def run(ids: torch.Tensor) -> torch.Tensor:
        if hasattr(model, "get_text_features"):
            return model.get_text_features(input_ids=ids, **inputs).pooler_output
        output = model(input_ids=ids, **inputs)
        return output.text_embeds if hasattr(output, "text_embeds") else output.pooler_output

    text_goldens.write(
        DIRECTORY / case / "text.safetensors",
        ids,
        counted,
        positions,
        run,
        tower.embeddings,
        list(tower.encoder.layers),
        tower.final_layer_norm,
        mask,
    )
    return {"input_ids": ids} | inputs


def write(case: str, model: transformers.PreTrainedModel, seed: int, padding: str | None = None) -> None:
    directory = DIRECTORY / case
    goldens.randomize(model, seed).save_pretrained(directory)
    kind = type(model).__name__
    image = None if "Text" in kind else write_images(case, model, seed)
    texts = None if "Vision" in kind or "Classification" in kind else write_texts(case, model, seed, padding)
    if image is not None and texts is not None:
        path = directory / "text.safetensors"
        with torch.no_grad():
            logits = model(pixel_values=image, **texts).logits_per_image[0]
        goldens.save_f32(path, load_file(path) | {"logits": logits})


def rewrite_as_early_versions(case: str) -> None:
    """Towers configured twice, the first time wrongly, and positions counted in a buffer."""
    path = DIRECTORY / case / "config.json"
    config = json.loads(path.read_text())
    for tower in ("text_config", "vision_config"):
        config[tower + "_dict"] = dict(config[tower])
        config[tower]["num_hidden_layers"] = 12
    path.write_text(json.dumps(config, indent=2) + "\n")
    weights = DIRECTORY / case / "model.safetensors"
    counted = {
        "text_model.embeddings.position_ids": torch.arange(CONTEXT).unsqueeze(0),
        "vision_model.embeddings.position_ids": torch.arange(17).unsqueeze(0),
    }
    save_file(load_file(weights) | counted, weights)


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    text = TEXT | dict(eos_token_id=39)
    both = dict(vision_config=VISION, projection_dim=6)
    write("both_towers", transformers.CLIPModel(transformers.CLIPConfig(**both, text_config=text)), 1)
    legacy = TEXT | dict(eos_token_id=2, hidden_act="gelu")
    gelu = both | dict(vision_config=VISION | dict(hidden_act="gelu"))
    write("mistaken_end", transformers.CLIPModel(transformers.CLIPConfig(**gelu, text_config=legacy)), 2)
    rewrite_as_early_versions("mistaken_end")
    vision = transformers.CLIPVisionConfig(**VISION)
    write("vision_projected", transformers.CLIPVisionModelWithProjection(vision), 3)
    write("vision_pooled", transformers.CLIPVisionModel(vision), 4)
    write("text_projected", transformers.CLIPTextModelWithProjection(transformers.CLIPTextConfig(**text)), 5)
    write("text_pooled", transformers.CLIPTextModel(transformers.CLIPTextConfig(**text)), 6)
    config = transformers.CLIPConfig(**both, text_config=text, num_labels=5)
    write("classifier", transformers.CLIPForImageClassification(config), 7)
    siglip_text = {key: TEXT[key] for key in TEXT if key != "projection_dim"} | dict(eos_token_id=39, projection_size=8)
    siglip_vision = {key: VISION[key] for key in VISION if key != "projection_dim"}
    config = transformers.SiglipConfig(vision_config=siglip_vision, text_config=siglip_text)
    write("siglip", transformers.SiglipModel(config), 8)
    write("siglip_text", transformers.SiglipTextModel(transformers.SiglipTextConfig(**siglip_text)), 9)
    write("siglip_masked", transformers.SiglipTextModel(transformers.SiglipTextConfig(**siglip_text)), 10, "right")
    write("siglip_masked_left", transformers.SiglipTextModel(transformers.SiglipTextConfig(**siglip_text)), 12, "left")
    write("text_masked", transformers.CLIPTextModel(transformers.CLIPTextConfig(**text)), 13, "right")
    write("text_masked_left", transformers.CLIPTextModel(transformers.CLIPTextConfig(**text)), 14, "left")


if __name__ == "__main__":
    main()
