"""Writes random checkpoints that nobody has seen before, and compares what Ocellus and the reference libraries say of pictures.

    python src/reference/fresh_checkpoints.py PICTURE... [--family FAMILY]... [--case CASE]... [--seed N] [--keep DIR]

Each checkpoint is as timm's save_for_hf, transformers' save_pretrained or its authors' code writes it. `ocellus classify --top all`
and `ocellus embed` read it and the picture files; what they print is compared with the library's answer in float64, and checkpoints
that are not supported have to be refused. A line a checkpoint and one a family: how many there were, and the largest error as a part
of the largest value that was expected; the exit code is 1 if it is above 2e-5. Without --seed every run makes other weights, without
--keep they are deleted.
"""

import argparse
import json
import math
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from PIL import Image

from fresh_cases import Case, Timm
from fresh_convolutional_cases import CONVNEXT, EFFICIENTNET, HISTORY, MOBILENET, REGNET, RESNET
from fresh_refused_cases import REFUSED
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
    "history": HISTORY,
    "refused": REFUSED,
}

OCELLUS = Path(__file__).resolve().parents[2] / "ocellus"

# Sums of floats in another order than torch's differ by less, in all networks here.
TOLERANCE = 2e-5


class Mismatch(Exception):
    """Ocellus did not do what it should; what it did instead."""


def ocellus(command: list[str], directory: Path, pictures: list[Path]) -> subprocess.CompletedProcess:
    options = ["--model", directory, "--ignore-exif", "--threads", "1", "--format", "jsonl"]
    return subprocess.run([OCELLUS, *command, *options, *pictures], capture_output=True, text=True)


def complaint(run: subprocess.CompletedProcess) -> str:
    """What it wrote on standard error, without what the JVM did."""
    return "\n".join(line for line in run.stderr.splitlines() if not line.startswith("WARNING: "))


def results(command: list[str], directory: Path, pictures: list[Path]) -> list[dict]:
    run = ocellus(command, directory, pictures)
    if run.returncode:
        raise Mismatch(f"{command[0]} ended with {run.returncode}: {complaint(run)}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def logits(result: dict) -> list[float]:
    """In the order of the classes."""
    return [p["logit"] for p in sorted(result["predictions"], key=lambda p: p["index"])]


def error(expected: torch.Tensor, actual: list[float]) -> float:
    """The largest, as a part of the largest value; finite."""
    if expected.shape != (1, len(actual)):
        raise Mismatch(f"{len(actual)} numbers where {list(expected.shape)} were expected")
    value = ((expected[0] - torch.tensor(actual, dtype=torch.float64)).abs().max() / expected.abs().max()).item()
    if not math.isfinite(value):
        raise Mismatch(f"an error of {value}; the numbers have to be finite, and those expected not all 0")
    return value


def compare(case: Case, directory: Path, files: list[Path], seed: int) -> float:
    """The largest error of the embeddings and, where there is a head, of the logits."""
    case.write(directory, seed)
    with torch.no_grad():
        expected = case.answers(directory, [Image.open(file).convert("RGB") for file in files])
    actual = {"embedding": [result["embedding"] for result in results(["embed"], directory, files)]}
    if "logits" in expected[0]:
        actual["logits"] = [logits(result) for result in results(["classify", "--top", "all"], directory, files)]
    keys = {"embedding": "features", "logits": "logits"}
    errors = {what: max(error(e[keys[what]], a) for e, a in zip(expected, answers, strict=True)) for what, answers in actual.items()}
    print(f"{directory.name}: " + ", ".join(f"{what} {value:.1e}" for what, value in errors.items()), flush=True)
    return max(errors.values())


def refuse(case: Timm, named: str, directory: Path, files: list[Path], seed: int) -> str:
    """The one line that refuses it."""
    case.write(directory, seed)
    run = ocellus(["embed"], directory, files)
    line = complaint(run)
    if run.returncode != 2 or run.stdout or "\n" in line or named not in line:
        raise Mismatch(f"not refused in one line that names {named}, but exit code {run.returncode}: {line}")
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, nargs="+")
    parser.add_argument("--family", choices=FAMILIES, action="append")
    parser.add_argument("--case", choices=[name for cases in FAMILIES.values() for name in cases], action="append", metavar="CASE")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    parser.add_argument("--keep", type=Path, metavar="DIR")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"seed {options.seed}")
    worst: dict[str, float] = {}
    refused = failed = 0
    for family in options.family or FAMILIES:
        errors: dict[str, float] = {}
        for seed, (name, case) in enumerate(FAMILIES[family].items(), start=options.seed):
            if options.case and name not in options.case:
                continue
            with tempfile.TemporaryDirectory() as temporary:
                directory = (options.keep or Path(temporary)) / name
                try:
                    if family == "refused":
                        print(f"{name}: {refuse(*case, directory, options.picture, seed)}", flush=True)
                        refused += 1
                    else:
                        errors[name] = compare(case, directory, options.picture, seed)
                except Exception as e:
                    failed += 1
                    print(f"{name}: FAILED, {type(e).__name__}: {e}", flush=True)
        if errors:
            print(summary(family, errors), flush=True)
            worst |= errors
    if not (worst or refused or failed):
        sys.exit("no such case in these families")
    if worst:
        print(summary("all", worst))
    print(f"{refused} refused as they have to be, {failed} failed")
    sys.exit(0 if failed == 0 and all(error <= TOLERANCE for error in worst.values()) else 1)


def summary(what: str, errors: dict[str, float]) -> str:
    largest = max(errors, key=errors.__getitem__)
    return f"{what}: {len(errors)} checkpoints, largest error {errors[largest]:.1e} ({largest})"


if __name__ == "__main__":
    main()
