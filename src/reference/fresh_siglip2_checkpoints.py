"""Writes random checkpoints of SigLIP 2 NaFlex that nobody has seen before, with what transformers answers on pictures and words.

    python src/reference/fresh_siglip2_checkpoints.py DIR PICTURE... [--seed N]

Writes DIR/CASE as save_pretrained does, and DIR/CASE/expected.json with `pictures` and, computed in float64, `scores` of each
picture: of the classes for the case `classifier`, and else of `labels`, with `image` and `texts`, the embeddings of pictures and
labels. Without --seed every run makes others. Compare with `ocellus classify`, `ocellus embed`, `ocellus embed --text` and
`ocellus zero-shot`.
"""

import argparse
import json
import secrets
from collections.abc import Callable
from pathlib import Path

import tvshim  # noqa: F401  (before transformers)
import torch
import transformers
from PIL import Image
from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil

import fresh_siglip_cases
import goldens

LABELS = ["a photo of a cat", "two dogs", "Zebra-crossing at night!", "naïve café \U0001f40e", "x"]
CONTEXT = 64
VOCABULARY = 2000
TOWER = dict(hidden_size=384, num_hidden_layers=6, num_attention_heads=6, intermediate_size=1536)
Answers = dict[str, torch.Tensor]


def inputs(directory: Path, pictures: list[Image.Image], **arguments: int) -> dict[str, torch.Tensor]:
    processor = Siglip2ImageProcessorPil(**arguments)
    processor.save_pretrained(directory)
    made = processor(pictures, return_tensors="pt")
    print(directory, made["spatial_shapes"].tolist())
    return made | {"pixel_values": made["pixel_values"].double()}


def both_towers(directory: Path, pictures: list[Image.Image], seed: int, words: Callable[[Path], None], patch: int, most: int) -> Answers:
    words(directory)
    text = TOWER | dict(vocab_size=VOCABULARY, projection_size=384)
    config = transformers.Siglip2Config(vision_config=TOWER | dict(patch_size=patch), text_config=text)
    model = goldens.randomize(transformers.Siglip2Model(config), seed)
    model.save_pretrained(directory)
    model.double()
    images = inputs(directory, pictures, patch_size=patch, max_num_patches=most)
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    texts = tokenizer(LABELS, truncation=True, max_length=CONTEXT, padding="max_length", return_tensors="pt")
    return {
        "image": model.get_image_features(**images).pooler_output,
        "texts": model.get_text_features(**texts).pooler_output,
        "scores": model(**texts, **images).logits_per_image.sigmoid(),
    }


def classifier(directory: Path, pictures: list[Image.Image], seed: int) -> Answers:
    config = transformers.Siglip2Config(vision_config=TOWER, num_labels=13)
    model = goldens.randomize(transformers.Siglip2ForImageClassification(config), seed)
    model.save_pretrained(directory)
    model.double()
    return {"scores": model(**inputs(directory, pictures)).logits.softmax(-1)}


CASES: dict[str, Callable[[Path, list[Image.Image], int], Answers]] = {
    "published": lambda d, p, s: both_towers(d, p, s, fresh_siglip_cases.published_2, 16, 256),
    "saved": lambda d, p, s: both_towers(d, p, s, fresh_siglip_cases.saved_2, 14, 100),
    "classifier": classifier,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    seed = secrets.randbits(31) if arguments.seed is None else arguments.seed
    pictures = [Image.open(p).convert("RGB") for p in arguments.pictures]
    for case, answers in CASES.items():
        directory = arguments.directory / case
        directory.mkdir(parents=True, exist_ok=True)
        expected = {"seed": seed, "labels": LABELS, "pictures": [str(p.resolve()) for p in arguments.pictures]}
        with torch.no_grad():
            expected |= {key: value.tolist() for key, value in answers(directory, pictures, seed).items()}
        (directory / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
