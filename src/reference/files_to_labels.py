"""Pillow's and ONNX Runtime's side of bench's FilesToLabels, which starts it: bench/run FilesToLabels PYTHON MODEL FOLDER [THREADS]

    python src/reference/files_to_labels.py MODEL FOLDER THREADS

MODEL has model.onnx and timm's config.json, as export_onnx.py writes them. All JPEGs of the folder are decoded, prepared as the
configuration says and classified: by as many threads that take a file each and run the network on one, or one file after the other
on a network with as many threads, whichever is faster here. Each line of standard input is a request, answered by one line of
numbers:

    labels       the index of the best class of each file, in the order of their names
    passes MS    passes over the folder until MS milliseconds are spent, at least one; how many milliseconds each took
"""

import json
import math
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

TRIAL_PASSES = 3
FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


class Preparation:
    """timm's evaluation transform for square images cropped at the centre."""

    def __init__(self, config: dict) -> None:
        self.crop = config["input_size"][1]
        self.edge = math.floor(self.crop / config["crop_pct"])
        self.filter = FILTERS[config["interpolation"]]
        self.mean = np.array(config["mean"], np.float32)
        self.std = np.array(config["std"], np.float32)

    def __call__(self, path: Path) -> np.ndarray:
        with Image.open(path) as file:
            image = file.convert("RGB")
        shorter, longer = sorted(image.size)
        edges = self.edge, self.edge * longer // shorter
        image = image.resize(edges if image.width <= image.height else edges[::-1], self.filter)
        left, top = round((image.width - self.crop) / 2), round((image.height - self.crop) / 2)
        pixels = np.asarray(image.crop((left, top, left + self.crop, top + self.crop)), np.float32)
        pixels /= 255
        pixels -= self.mean
        pixels /= self.std
        return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model / "model.onnx", options, providers=["CPUExecutionProvider"])


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    model, folder, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    prepare = Preparation(json.loads((model / "config.json").read_text())["pretrained_cfg"])
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg"})
    pool = ThreadPoolExecutor(threads)
    narrow, wide = session(model, 1), session(model, threads)
    name = narrow.get_inputs()[0].name

    def label(network: onnxruntime.InferenceSession, path: Path) -> int:
        return int(network.run(None, {name: prepare(path)})[0].argmax())

    def a_file_a_thread() -> list[int]:
        return list(pool.map(lambda path: label(narrow, path), files))

    def one_after_the_other() -> list[int]:
        return [label(wide, path) for path in files]

    ways = [a_file_a_thread, one_after_the_other]
    run = min(ways, key=lambda way: min(timed(way) for _ in range(TRIAL_PASSES)))
    print(f"files_to_labels.py: {run.__name__}", file=sys.stderr)
    for line in sys.stdin:
        match line.split():
            case ["labels"]:
                answer = run()
            case ["passes", milliseconds]:
                answer = []
                while not answer or sum(answer) < float(milliseconds):
                    answer.append(timed(run))
            case _:
                sys.exit(f"not a request: {line}")
        print(*answer, flush=True)


if __name__ == "__main__":
    main()
