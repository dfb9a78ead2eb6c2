"""PyTorch's side of bench's SideBySide, which starts it: bench/run SideBySide --torch PYTHON DIR...

    python src/reference/torch_side.py DIR THREADS BATCH INPUT

Runs the checkpoint in DIR, as timm saves it, on the images of INPUT: float32, [batch, height, width, channels]. Each line
of standard input is a request, answered by one line of numbers:

    logits       the logits of the first image
    passes MS    forward passes until MS milliseconds are spent, at least one; how many milliseconds each took
"""

import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Callable

import numpy
import torch

try:
    import tvshim  # noqa: F401  (some machines need it for torchvision to load)
except ImportError:
    pass
import timm
from safetensors.torch import load_file

TRIAL_MS = 500


def load(directory: Path) -> torch.nn.Module:
    config = json.loads((directory / "config.json").read_text())
    model = timm.create_model(config["architecture"], num_classes=config["num_classes"], **config.get("model_args", {}))
    model.load_state_dict(load_file(directory / "model.safetensors"))
    return model.eval()


def passes(run: Callable[[], torch.Tensor], milliseconds: float) -> list[float]:
    times: list[float] = []
    while not times or sum(times) < milliseconds:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def best(directory: Path, images: torch.Tensor) -> Callable[[], torch.Tensor]:
    """The model in the layout of memory in which it is faster."""
    candidates = []
    for layout in (torch.contiguous_format, torch.channels_last):
        model = load(directory).to(memory_format=layout)
        pixels = images.contiguous(memory_format=layout)
        candidates.append(lambda model=model, pixels=pixels: model(pixels))
    for run in candidates:
        passes(run, TRIAL_MS)  # warm-up
    rounds = [[median(passes(run, TRIAL_MS / 2)) for run in candidates] for _ in range(3)]
    medians = [median(times) for times in zip(*rounds)]
    return candidates[medians.index(min(medians))]


@torch.inference_mode()
def main() -> None:
    directory, threads, batch, file = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    torch.set_num_threads(threads)
    channels, height, width = json.loads((directory / "config.json").read_text())["pretrained_cfg"]["input_size"]
    values = numpy.fromfile(file, "<f4").reshape(batch, height, width, channels)
    run = best(directory, torch.from_numpy(values).permute(0, 3, 1, 2))
    for line in sys.stdin:
        match line.split():
            case ["logits"]:
                answer = run()[0].tolist()
            case ["passes", milliseconds]:
                answer = passes(run, float(milliseconds))
            case _:
                sys.exit(f"not a request: {line}")
        print(*answer, flush=True)


if __name__ == "__main__":
    main()
