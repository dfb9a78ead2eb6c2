"""Writes the names of the 1,000 classes of ImageNet-1k, one a line, in the order of their indices.

    python make_imagenet_labels.py CLASSES.json ../../models/src/main/resources/ocellus/models/labels/imagenet-1k.txt

CLASSES.json is the list of readable names that accompanies CLIP's zero-shot evaluation (imagenet_classes.json,
MIT licence). Where it has one name for two classes, the class whose first WordNet lemma differs from that name
takes that lemma, from the synset tables that timm carries, so that every name is there once.
"""

import argparse
import collections
import importlib.util
import json
from pathlib import Path


def lemmas() -> list[str]:
    """The first WordNet lemma of each class."""
    info = Path(importlib.util.find_spec("timm").origin).parent / "data" / "_info"
    table = dict(
        line.split("\t", 1)
        for line in (info / "imagenet_synset_to_lemma.txt").read_text(encoding="utf-8").splitlines()
    )
    synsets = (info / "imagenet_synsets.txt").read_text(encoding="utf-8").split()
    return [table[synset].split(",")[0].strip() for synset in synsets]


def distinct(names: list[str], alternatives: list[str]) -> list[str]:
    uses = collections.Counter(names)
    result = [alternative if uses[name] > 1 else name for name, alternative in zip(names, alternatives, strict=True)]
    assert len(set(result)) == len(result) == 1000
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classes", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    names = distinct(json.loads(arguments.classes.read_text(encoding="utf-8")), lemmas())
    arguments.output.write_text("".join(name + "\n" for name in names), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
