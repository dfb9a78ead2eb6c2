"""Writes random checkpoints that nobody has seen before, with what timm or transformers answers on a picture.

    python src/reference/fresh_checkpoints.py DIR PICTURE [--seed N] [--family FAMILY]

Writes DIR/CASE as timm's save_for_hf or transformers' save_pretrained do, and DIR/CASE/expected.json with the picture's path,
`logits` (none without a head) and `embedding`, computed in float64 from the checkpoint as the library loads it. Without --seed
every run makes others. Compare with `ocellus classify --top all` and `ocellus embed`.
"""

import argparse
import json
import secrets
from pathlib import Path

import torch
from PIL import Image

from fresh_convolutional_cases import CONVNEXT, EFFICIENTNET, MOBILENET, REGNET, RESNET, VGG
from fresh_transformer_cases import BEIT, EVA, SWIN, VIT, VIT_BLOCKS, VIT_RELATIVES

FAMILIES = {
    "vit": VIT,
    "vit_relatives": VIT_RELATIVES,
    "vit_blocks": VIT_BLOCKS,
    "eva": EVA,
    "beit": BEIT,
    "mobilenet": MOBILENET,
    "convnext": CONVNEXT,
    "efficientnet": EFFICIENTNET,
    "resnet": RESNET,
    "regnet": REGNET,
    "swin": SWIN,
    "vgg": VGG,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    parser.add_argument("--family", choices=FAMILIES, action="append")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"seed {options.seed}")
    picture = Image.open(options.picture)
    for family in options.family or FAMILIES:
        for index, (name, case) in enumerate(FAMILIES[family].items()):
            directory = options.directory / name
            case.write(directory, options.seed + index)
            with torch.no_grad():
                answer = case.answer(directory, picture)
            expected = {"image": str(options.picture.resolve()), "embedding": answer["features"][0].tolist()}
            if "logits" in answer:
                expected["logits"] = answer["logits"][0].tolist()
            (directory / "expected.json").write_text(json.dumps(expected) + "\n")
            print(f"{directory}: {len(expected.get('logits', []))} logits, {len(expected['embedding'])} features")


if __name__ == "__main__":
    main()
