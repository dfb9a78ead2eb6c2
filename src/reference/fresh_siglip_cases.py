"""Random full-size checkpoints of SigLIP and SigLIP 2, with their answers; see fresh_clip_checkpoints.py.

The vocabularies are small ones that make_tokenizer_goldens.py trains; the tables of tokens have the size of SigLIP's.
"""

import json
from collections.abc import Callable
from pathlib import Path

import tvshim  # noqa: F401  (before transformers)
import open_clip
import torch
import transformers
from open_clip.tokenizer import HFTokenizer
from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict
from PIL import Image
from safetensors.torch import save_file
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

import goldens
import make_tokenizer_goldens

CONTEXT = 64
VOCABULARY = 32000
SO400M = dict(hidden_size=1152, intermediate_size=4304, num_attention_heads=16, num_hidden_layers=3)
Answer = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def published(directory: Path) -> None:
    make_tokenizer_goldens.siglip(directory)


def published_2(directory: Path) -> None:
    make_tokenizer_goldens.siglip2(directory)


def saved(directory: Path) -> None:
    """As the class is unless told otherwise: padding is masked."""
    make_tokenizer_goldens.train_sentencepiece(directory / "spiece.model", normalization_rule_name="nmt_nfkc")
    transformers.SiglipTokenizer.from_pretrained(directory, do_lower_case=True, model_max_length=CONTEXT).save_pretrained(directory)


def saved_2(directory: Path) -> None:
    """As the class is unless told otherwise: padding is on the left, and masked."""
    vocab, merges = make_tokenizer_goldens.train_gemma()
    words = transformers.Siglip2Tokenizer(vocab=vocab, merges=merges, add_eos_token=True, model_max_length=CONTEXT)
    words.save_pretrained(directory)


def siglip(
    directory: Path, picture: Image.Image, labels: list[str], seed: int, config: transformers.SiglipConfig, words: Callable
) -> Answer:
    words(directory)
    model = goldens.randomize(transformers.SiglipModel(config), seed)
    model.save_pretrained(directory)
    edge = config.vision_config.image_size
    processor = SiglipImageProcessorPil(size={"height": edge, "width": edge})
    processor.save_pretrained(directory)
    model.double()
    pixels = processor(picture, return_tensors="pt")["pixel_values"].double()
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    inputs = tokenizer(labels, truncation=True, padding="max_length", max_length=CONTEXT, return_tensors="pt")
    answer = model(pixel_values=pixels, **inputs)
    return (
        model.get_image_features(pixel_values=pixels).pooler_output[0],
        model.get_text_features(**inputs).pooler_output,
        answer.logits_per_image[0],
    )


def open_clip_siglip(directory: Path, picture: Image.Image, labels: list[str], seed: int, name: str, words: Callable) -> Answer:
    words(directory)
    config = open_clip.get_model_config(name)
    config["text_cfg"]["vocab_size"] = VOCABULARY
    arguments = {key: value for key, value in config.items() if key != "custom_text"}
    model = goldens.randomize(open_clip.CustomTextCLIP(**arguments), seed)
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, directory / "open_clip_model.safetensors")
    preprocessing = dict(mean=[0.5] * 3, std=[0.5] * 3, interpolation="bicubic", resize_mode="squash")
    (directory / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": preprocessing}))
    model.double()
    size = config["vision_cfg"]["image_size"]
    cfg = PreprocessCfg(**merge_preprocess_dict(PreprocessCfg(), preprocessing | {"size": size}))
    pixels = image_transform_v2(cfg, is_train=False)(picture).unsqueeze(0).double()
    make_tokenizer_goldens.siglip_config(directory, "siglip")  # transformers wants to know the model
    tokenizer = HFTokenizer(str(directory), context_length=CONTEXT, clean="canonicalize")
    (directory / "config.json").unlink()
    ids = tokenizer(labels)
    return model.encode_image(pixels)[0], model.encode_text(ids), model.get_logits(pixels, ids)[0][0]


def config(**changes: dict) -> transformers.SiglipConfig:
    text = dict(vocab_size=VOCABULARY) | changes.get("text", {})
    return transformers.SiglipConfig(text_config=text, vision_config=changes.get("vision", {}))


CASES: dict[str, Callable[[Path, Image.Image, list[str], int], Answer]] = {
    "siglip_b16": lambda d, p, w, s: siglip(d, p, w, s, config(), published),
    "siglip_b16_saved": lambda d, p, w, s: siglip(d, p, w, s, config(), saved),
    "siglip2_b16": lambda d, p, w, s: siglip(d, p, w, s, config(), published_2),
    "siglip2_b32_256_saved": lambda d, p, w, s: siglip(
        d, p, w, s, config(vision=dict(patch_size=32, image_size=256)), saved_2
    ),
    "siglip_so400m_384_depth_3": lambda d, p, w, s: siglip(
        d, p, w, s, config(text=SO400M | dict(projection_size=1152), vision=SO400M | dict(patch_size=14, image_size=384)), published
    ),
    "open_clip_siglip_b16": lambda d, p, w, s: open_clip_siglip(
        d, p, w, s, "ViT-B-16-SigLIP", make_tokenizer_goldens.open_clip_siglip
    ),
    "open_clip_siglip2_b32": lambda d, p, w, s: open_clip_siglip(
        d, p, w, s, "ViT-B-32-SigLIP2-256", make_tokenizer_goldens.open_clip_siglip2
    ),
}
