"""Pillow's and NumPy's side of bench's ImageTimes, which starts it: bench/run ImageTimes PYTHON FOLDER...

    python src/reference/pillow_side.py FOLDER

Each line of standard input is a request about all images of the folder, in the order of their names, answered by one line of
numbers. TASK is "decode" (bytes of a file to RGB), "resize" (RGB to 256 x 256, bicubic) or "tensor" (bytes of a file to normalised
floats [3, 224, 224], as timm prepares images):

    check TASK        the CRC-32 of all pixels, or the sum of all floats
    passes TASK MS    passes over the folder until MS milliseconds are spent, at least one; how many milliseconds each took
"""

import io
import sys
import time
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

EDGE, CROP = 256, 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif"}


def decode(file: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(file)).convert("RGB")
    image.load()
    return image


def resize(image: Image.Image) -> Image.Image:
    return image.resize((EDGE, EDGE), Image.Resampling.BICUBIC)


def tensor(file: bytes) -> np.ndarray:
    """The steps of timm's transform: Resize, CenterCrop, ToTensor, Normalize."""
    image = decode(file)
    shorter, longer = sorted(image.size)
    edges = EDGE, EDGE * longer // shorter
    image = image.resize(edges if image.width <= image.height else edges[::-1], Image.Resampling.BICUBIC)
    left, top = round((image.width - CROP) / 2), round((image.height - CROP) / 2)
    pixels = np.asarray(image.crop((left, top, left + CROP, top + CROP)), np.float32)
    pixels /= 255
    pixels -= MEAN
    pixels /= STD
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def main() -> None:
    paths = sorted(p for p in Path(sys.argv[1]).iterdir() if p.suffix.lower() in SUFFIXES)
    files = [path.read_bytes() for path in paths]
    images = [decode(file) for file in files]
    tasks = {"decode": (decode, files), "resize": (resize, images), "tensor": (tensor, files)}
    for line in sys.stdin:
        request, task, *rest = line.split()
        run, inputs = tasks[task]
        match request, rest:
            case "check", []:
                results = [run(x) for x in inputs]
                if task == "tensor":
                    answer = [sum(float(x.sum(dtype=np.float64)) for x in results)]
                else:
                    answer = [zlib.crc32(b"".join(x.tobytes() for x in results))]
            case "passes", [milliseconds]:
                answer = []
                while not answer or sum(answer) < float(milliseconds):
                    start = time.perf_counter()
                    for x in inputs:
                        run(x)
                    answer.append((time.perf_counter() - start) * 1e3)
            case _:
                sys.exit(f"not a request: {line}")
        print(*answer, flush=True)


if __name__ == "__main__":
    main()
