"""Prompts per second of Ocellus and of open_clip when labels are prepared: the text tower on each label in 80 templates, by turns.

    python src/reference/prompts_per_second.py MODEL [--labels N] [--threads N] [--rounds N]

MODEL is a folder as export_clip_onnx.py writes it. Labels and templates are those that open_clip has for ImageNet, 1,000 and 80; the
first 10 labels are taken unless told. open_clip runs its build_zero_shot_classifier with the templates of 5 labels a batch, eager, in
float32, and its time is without loading the model; that of Ocellus is what its program takes for all labels longer than for one.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch

try:
    import tvshim  # noqa: F401  (some machines need it for torchvision to load)
except ImportError:
    pass
import open_clip

OCELLUS = Path(__file__).parents[2] / "ocellus"
LABELS_PER_BATCH = 5


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def ocellus(model: Path, labels: list[str], threads: int, folder: Path) -> None:
    names, templates, matrix = folder / "labels.txt", folder / "templates.txt", folder / "labels.safetensors"
    names.write_text("".join(f"{label}\n" for label in labels))
    templates.write_text("".join(template("{}") + "\n" for template in open_clip.OPENAI_IMAGENET_TEMPLATES))
    matrix.unlink(missing_ok=True)
    command = [OCELLUS, "zero-shot", "--model", model, "--labels", names, "--templates", templates, "--save-labels", matrix]
    subprocess.run([*map(str, command), "--threads", str(threads)], check=True, stderr=sys.stderr)


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--labels", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    name = f"local-dir:{arguments.model}"
    model, tokenizer = open_clip.create_model(name).eval(), open_clip.get_tokenizer(name)
    labels = open_clip.IMAGENET_CLASSNAMES[: arguments.labels]

    def theirs() -> None:
        open_clip.build_zero_shot_classifier(
            model, tokenizer, labels, open_clip.OPENAI_IMAGENET_TEMPLATES, num_classes_per_batch=LABELS_PER_BATCH
        )

    prompts = len(open_clip.OPENAI_IMAGENET_TEMPLATES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, peers = [], []
        for _ in range(arguments.rounds):
            one = seconds(lambda: ocellus(arguments.model, labels[:1], arguments.threads, folder))
            more = seconds(lambda: ocellus(arguments.model, labels, arguments.threads, folder))
            ours.append(prompts * (len(labels) - 1) / (more - one))
            peers.append(prompts * len(labels) / seconds(theirs))
    print(f"Ocellus {median(ours):.0f} prompts/s, open_clip {median(peers):.0f}, {arguments.threads} threads")


if __name__ == "__main__":
    main()
