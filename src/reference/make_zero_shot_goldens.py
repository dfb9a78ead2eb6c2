"""Writes the golden tests of zero-shot classification.

    python src/reference/make_zero_shot_goldens.py

Writes small random checkpoints with tokenizers and preprocessing to goldens/zero_shot/CASE (test resources), and what the
libraries make of a picture and of labels in templates, in float64, to expected.safetensors: `image`, `texts` (the labels
alone), `matrix` (mean of the templates), `logits` and `scores`.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import tvshim  # noqa: F401  (before transformers)
import numpy as np
import open_clip
import torch
import transformers
from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict
from PIL import Image
from safetensors.torch import save_file
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil

import goldens
import make_tokenizer_goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "zero_shot"

LABELS = ["a dog", "a cat", "zebra crossing", "Äpfel \U0001f34e"]
TEMPLATES = ["{}", "a photo of {}.", "IT'S {}, or {}!"]
CONTEXT = 32


def picture() -> Image.Image:
    """40 x 30 pixels; the same as in ZeroShotClassifierTest."""
    y, x, c = np.meshgrid(np.arange(30), np.arange(40), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 7 + y * 13 + c * 29 + x * y) % 256).astype(np.uint8))


def write_expected(
    directory: Path,
    image: torch.Tensor,
    embed: Callable[[list[str]], torch.Tensor],
    scale: torch.Tensor,
    bias: torch.Tensor | None,
) -> None:
    def unit(x: torch.Tensor) -> torch.Tensor:
        return x / x.norm(dim=-1, keepdim=True)

    means = [unit(embed([t.replace("{}", label) for t in TEMPLATES])).mean(0) for label in LABELS]
    matrix = unit(torch.stack(means))
    logits = scale.exp() * (matrix @ unit(image)) + (0 if bias is None else bias)
    scores = logits.softmax(0) if bias is None else logits.sigmoid()
    expected = {"image": image, "texts": embed(LABELS), "matrix": matrix, "logits": logits, "scores": scores}
    goldens.save_f32(directory / "expected.safetensors", expected)


def write_transformers() -> None:
    directory = DIRECTORY / "clip"
    directory.mkdir(parents=True)
    make_tokenizer_goldens.train_clip(directory)
    size = len(json.loads((directory / "vocab.json").read_text()))
    small = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20)
    text = small | dict(
        vocab_size=size, max_position_embeddings=CONTEXT, bos_token_id=size - 2, eos_token_id=size - 1, pad_token_id=size - 1
    )
    vision = small | dict(patch_size=8, image_size=24)
    config = transformers.CLIPConfig(vision_config=vision, text_config=text, projection_dim=6)
    model = goldens.randomize(transformers.CLIPModel(config), 1)
    model.save_pretrained(directory)
    model.double()
    processor = CLIPImageProcessorPil(size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24})
    processor.save_pretrained(directory)
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)

    def embed(texts: list[str]) -> torch.Tensor:
        ids = tokenizer(texts, truncation=True, max_length=CONTEXT, padding="max_length", return_tensors="pt")
        return model.get_text_features(**ids).pooler_output

    pixels = processor(picture(), return_tensors="pt")["pixel_values"].double()
    image = model.get_image_features(pixel_values=pixels).pooler_output[0]
    write_expected(directory, image, embed, model.logit_scale, None)


def write_siglip() -> None:
    """With a tokenizer that masks padding, as the class does unless its configuration says otherwise."""
    directory = DIRECTORY / "siglip"
    directory.mkdir(parents=True)
    make_tokenizer_goldens.siglip_bytes(directory)
    tokenizer = transformers.SiglipTokenizer.from_pretrained(directory, do_lower_case=True)
    small = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20)
    text = small | dict(vocab_size=len(tokenizer), max_position_embeddings=CONTEXT, projection_size=8)
    config = transformers.SiglipConfig(vision_config=small | dict(patch_size=8, image_size=24), text_config=text)
    model = goldens.randomize(transformers.SiglipModel(config), 3)
    model.save_pretrained(directory)
    model.double()
    processor = SiglipImageProcessorPil(size={"height": 24, "width": 24})
    processor.save_pretrained(directory)

    def embed(texts: list[str]) -> torch.Tensor:
        inputs = tokenizer(texts, truncation=True, max_length=CONTEXT, padding="max_length", return_tensors="pt")
        assert not inputs["attention_mask"].all()
        return model.get_text_features(**inputs).pooler_output

    pixels = processor(picture(), return_tensors="pt")["pixel_values"].double()
    image = model.get_image_features(pixel_values=pixels).pooler_output[0]
    write_expected(directory, image, embed, model.logit_scale, model.logit_bias)


def write_siglip2() -> None:
    """NaFlex: the picture becomes as many patches as keep its aspect ratio, of at most 23."""
    directory = DIRECTORY / "siglip2"
    directory.mkdir(parents=True)
    make_tokenizer_goldens.write_gemma(directory)
    tokenizer = transformers.GemmaTokenizer.from_pretrained(directory)
    small = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20)
    text = small | dict(vocab_size=len(tokenizer), max_position_embeddings=64, projection_size=8)
    config = transformers.Siglip2Config(vision_config=small | dict(patch_size=4, num_patches=9), text_config=text)
    model = goldens.randomize(transformers.Siglip2Model(config), 4)
    model.save_pretrained(directory)
    model.double()
    processor = Siglip2ImageProcessorPil(patch_size=4, max_num_patches=23)
    processor.save_pretrained(directory)

    def embed(texts: list[str]) -> torch.Tensor:
        ids = tokenizer(texts, truncation=True, max_length=64, padding="max_length", return_tensors="pt")["input_ids"]
        return model.get_text_features(input_ids=ids).pooler_output

    inputs = processor(picture(), return_tensors="pt")
    inputs["pixel_values"] = inputs["pixel_values"].double()
    assert not inputs["pixel_attention_mask"].all()
    image = model.get_image_features(**inputs).pooler_output[0]
    write_expected(directory, image, embed, model.logit_scale, model.logit_bias)


def write_open_clip() -> None:
    directory = DIRECTORY / "open_clip"
    directory.mkdir(parents=True)
    encode = make_tokenizer_goldens.open_clip(directory)
    size = len(json.loads((directory / "vocab.json").read_text()))
    config = dict(
        embed_dim=6,
        custom_text=True,
        init_logit_bias=-1,
        vision_cfg=dict(image_size=24, layers=1, width=16, head_width=8, patch_size=8),
        text_cfg=dict(context_length=CONTEXT, vocab_size=size, width=12, heads=2, layers=1, no_causal_mask=True),
    )
    arguments = {key: value for key, value in config.items() if key != "custom_text"}
    model = goldens.randomize(open_clip.CustomTextCLIP(**arguments), 2)
    save_file(model.state_dict(), directory / "open_clip_model.safetensors")
    preprocessing = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "resize_mode": "squash"}
    document = {"model_cfg": config, "preprocess_cfg": preprocessing}
    (directory / "open_clip_config.json").write_text(json.dumps(document, indent=2) + "\n")
    model.double()

    def embed(texts: list[str]) -> torch.Tensor:
        rows = [encode(text) for text in texts]
        return model.encode_text(torch.tensor([row + [0] * (CONTEXT - len(row)) for row in rows]))

    cfg = PreprocessCfg(**merge_preprocess_dict(PreprocessCfg(), preprocessing | {"size": 24}))
    pixels = image_transform_v2(cfg, is_train=False)(picture()).unsqueeze(0).double()
    write_expected(directory, model.encode_image(pixels)[0], embed, model.logit_scale, model.logit_bias)


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    with torch.no_grad():
        write_transformers()
        write_siglip()
        write_siglip2()
        write_open_clip()


if __name__ == "__main__":
    main()
