"""Writes random full-size checkpoints of CLIP and SigLIP that nobody has seen before, with what the libraries answer on a picture and words.

    python src/reference/fresh_clip_checkpoints.py DIR PICTURE [--seed N] [--case CASE]

Writes DIR/CASE as transformers' save_pretrained or open_clip's save_for_hf do, CLIP with OpenAI's vocabulary, and DIR/CASE/expected.json
with `labels`, `image` (the embedding), `texts` (those of the labels), `logits` and `scores`, computed in float64. Without --seed
every run makes others. Compare with `ocellus embed`, `ocellus embed --text` and `ocellus zero-shot`.
"""

import argparse
import json
import secrets
from collections.abc import Callable
from pathlib import Path

import tvshim  # noqa: F401  (before transformers)
import open_clip
import torch
import transformers
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import save_file
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import fresh_siglip_cases
import goldens

LABELS = ["a photo of a cat", "two dogs", "Zebra-crossing at night!", "naïve café \U0001f40e", "the quick brown fox " * 20, "x"]
START, END = "<|startoftext|>", "<|endoftext|>"
Answer = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def tokenizer() -> transformers.CLIPTokenizer:
    vocabulary = open_clip.SimpleTokenizer()
    tokens = [t for t, _ in sorted(vocabulary.encoder.items(), key=lambda entry: entry[1])][:-2] + [START, END]
    return transformers.CLIPTokenizer(
        vocab={t: i for i, t in enumerate(tokens)}, merges=list(vocabulary.bpe_ranks), model_max_length=77
    )


def clip(directory: Path, picture: Image.Image, seed: int, config: transformers.CLIPConfig) -> Answer:
    model = goldens.randomize(transformers.CLIPModel(config), seed)
    model.save_pretrained(directory)
    edge = config.vision_config.image_size
    processor = CLIPImageProcessorPil(size={"shortest_edge": edge}, crop_size={"height": edge, "width": edge})
    processor.save_pretrained(directory)
    words = tokenizer()
    words.save_pretrained(directory)
    model.double()
    pixels = processor(picture, return_tensors="pt")["pixel_values"].double()
    ids = words(LABELS, truncation=True, padding="max_length", max_length=77, return_tensors="pt")
    answer = model(pixel_values=pixels, **ids)
    return (
        model.get_image_features(pixel_values=pixels).pooler_output[0],
        model.get_text_features(**ids).pooler_output,
        answer.logits_per_image[0],
    )


def openai(directory: Path, picture: Image.Image, seed: int, name: str) -> Answer:
    config = open_clip.get_model_config(name)
    arguments = {key: value for key, value in config.items() if key != "custom_text"}
    kind = open_clip.CustomTextCLIP if config.get("custom_text") else open_clip.CLIP
    model = goldens.randomize(kind(**arguments), seed)
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, directory / "open_clip_model.safetensors")
    (directory / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": {}}))
    tokenizer().save_pretrained(directory)
    model.double()
    transform = image_transform_v2(PreprocessCfg(size=config["vision_cfg"]["image_size"]), is_train=False)
    pixels = transform(picture).unsqueeze(0).double()
    ids = open_clip.SimpleTokenizer()(LABELS)
    return model.encode_image(pixels)[0], model.encode_text(ids), model.get_logits(pixels, ids)[0][0]


CASES: dict[str, Callable[[Path, Image.Image, int], Answer]] = {
    "clip_b32": lambda d, p, s: clip(d, p, s, transformers.CLIPConfig()),
    "clip_l14_336_depth_3": lambda d, p, s: clip(
        d,
        p,
        s,
        transformers.CLIPConfig(
            text_config=dict(hidden_size=768, intermediate_size=3072, num_attention_heads=12, num_hidden_layers=3, eos_token_id=2),
            vision_config=dict(
                hidden_size=1024, intermediate_size=4096, num_attention_heads=16, num_hidden_layers=3, patch_size=14, image_size=336
            ),
            projection_dim=768,
        ),
    ),
    "open_clip_b16": lambda d, p, s: openai(d, p, s, "ViT-B-16"),
    "open_clip_b32_quickgelu": lambda d, p, s: openai(d, p, s, "ViT-B-32-quickgelu"),
    "open_clip_rn50": lambda d, p, s: openai(d, p, s, "RN50-quickgelu"),
    "open_clip_rn50x4": lambda d, p, s: openai(d, p, s, "RN50x4"),
    "open_clip_convnext_base_w": lambda d, p, s: openai(d, p, s, "convnext_base_w"),
    "open_clip_eva02_b16": lambda d, p, s: openai(d, p, s, "EVA02-B-16"),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--case", choices=[*CASES, *fresh_siglip_cases.CASES])
    arguments = parser.parse_args()
    seed = secrets.randbits(31) if arguments.seed is None else arguments.seed
    picture = Image.open(arguments.picture).convert("RGB")
    for case in [arguments.case] if arguments.case else [*CASES, *fresh_siglip_cases.CASES]:
        directory = arguments.directory / case
        directory.mkdir(parents=True, exist_ok=True)
        with torch.no_grad():
            if case in CASES:
                image, texts, logits = CASES[case](directory, picture, seed)
                scores = logits.softmax(0)
            else:
                image, texts, logits = fresh_siglip_cases.CASES[case](directory, picture, LABELS, seed)
                scores = logits.sigmoid()
        expected = {"picture": str(arguments.picture.resolve()), "seed": seed, "labels": LABELS}
        answers = {"image": image, "texts": texts, "logits": logits, "scores": scores}
        expected |= {key: value.tolist() for key, value in answers.items()}
        (directory / "expected.json").write_text(json.dumps(expected))
        print(case, seed)


if __name__ == "__main__":
    main()
