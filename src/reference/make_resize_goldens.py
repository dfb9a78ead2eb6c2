"""Writes what Pillow's Image.resize gives for pseudo-random images, as checksums.

    python src/reference/make_resize_goldens.py

Output: loaders/src/test/resources/images/resize.sha256, one line a case: the SHA-256 of the RGB bytes, then
"<width>x<height> <new width>x<new height> <filter>". The image of a size is drawn by splitmix64 seeded with
width * 65536 + height; Noise.java draws the same.
"""

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).resolve().parents[2] / "loaders/src/test/resources/images/resize.sha256"

SIZES = [
    # Single pixels, rows and columns.
    ((1, 1), (1, 1)), ((1, 1), (5, 7)), ((1, 1), (224, 3)), ((7, 5), (1, 1)), ((1, 50), (1, 7)), ((1, 50), (9, 80)),
    ((50, 1), (7, 1)), ((50, 1), (80, 9)), ((3, 2), (2, 3)), ((2, 2), (3, 3)),
    # One pass only, or none.
    ((31, 17), (31, 17)), ((31, 17), (31, 9)), ((31, 17), (13, 17)), ((31, 17), (31, 40)), ((31, 17), (77, 17)),
    # Primes, both ways, mixed.
    ((97, 89), (53, 47)), ((53, 47), (97, 89)), ((97, 47), (53, 89)), ((101, 103), (100, 102)), ((101, 103), (102, 104)),
    ((127, 131), (64, 64)), ((64, 64), (127, 131)), ((11, 13), (211, 223)),
    # Whole ratios.
    ((64, 48), (32, 24)), ((64, 48), (128, 96)), ((300, 300), (100, 100)), ((48, 48), (144, 144)),
    # Shapes of photographs and of model inputs.
    ((500, 375), (341, 256)), ((375, 500), (256, 341)), ((500, 375), (256, 256)), ((500, 333), (336, 224)),
    ((640, 480), (298, 224)), ((28, 28), (224, 224)), ((1024, 683), (384, 384)), ((160, 90), (256, 144)),
    # Large ratios.
    ((2000, 1500), (7, 5)), ((1999, 3), (2, 3)), ((3, 1999), (3, 2)), ((5, 4), (600, 3)), ((1, 2), (640, 480)),
    # More than a hundred times as high as wide: Pillow shrinks vertically first.
    ((3, 301), (2, 100)), ((3, 300), (2, 100)), ((3, 301), (5, 302)), ((2, 777), (5, 11)), ((7, 701), (3, 701)),
]  # fmt: skip

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def splitmix64(seed: int, count: int) -> np.ndarray:
    """The first `count` numbers of the generator of Steele, Lea and Flood 2014."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def noise(width: int, height: int) -> Image.Image:
    """An image of the low bytes of consecutive numbers."""
    values = splitmix64(width * 65536 + height, width * height * 3)
    return Image.fromarray(values.astype(np.uint8).reshape(height, width, 3), "RGB")


def main() -> None:
    lines = []
    for (width, height), size in SIZES:
        image = noise(width, height)
        for name, resample in FILTERS.items():
            checksum = hashlib.sha256(image.resize(size, resample).tobytes()).hexdigest()
            lines.append(f"{checksum} {width}x{height} {size[0]}x{size[1]} {name}\n")
    OUT.write_text("".join(lines))
    print(f"{len(lines)} cases")


if __name__ == "__main__":
    main()
