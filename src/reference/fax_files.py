"""TIFF files of fax machines for make_tiff_goldens.py: every coding, with runs of every length, sound and damaged."""

import functools
import io
from collections.abc import Callable

import numpy as np
from PIL import Image, TiffImagePlugin

from make_image_goldens import picture


def fax(part: np.ndarray, name: str, options: int = 0) -> bytes:
    """The bits of a chunk as libtiff codes them: name and T4Options as Pillow has them."""
    height, width, _ = part.shape
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[278] = height
    if options:
        info[292] = options
    out = io.BytesIO()
    Image.fromarray(part[:, :, 0].astype(np.uint8) * 255).convert("1").save(out, "tiff", compression=name, tiffinfo=info)
    tags = Image.open(out).tag_v2
    return b"".join(out.getvalue()[at : at + n] for at, n in zip(tags[273], tags[279], strict=True))


def runs() -> np.ndarray:
    """A run of every length that has a code, in both colours, and rows that differ little from those above."""
    width = 5200
    rows = [np.repeat(np.arange(128) % 2, np.arange(128) // 2)]
    rows += [np.repeat([0, 1], length) for length in range(64, 2561, 64)]
    rows += [np.repeat([0, 1, 0, 1], [7, 2, 2561 + 40 + i, 2561 + i]) for i in range(4)]
    for shift in (0, 1, 3, 2, -1, -3, 4, 0):
        rows.append(np.roll(rows[0], shift))
    return np.stack([np.pad(row, (0, width - len(row))) for row in rows])[:, :, None].astype(np.uint8)


def faxes(tiff: Callable[..., bytes]) -> dict[str, bytes]:
    """The files by name. tiff: that of make_tiff_goldens.py."""
    codings = {"runs": (2, "tiff_ccitt", 0), "group3": (3, "group3", 0), "mixed": (3, "group3", 1), "aligned": (3, "group3", 4)}
    codings |= {"mixed-aligned": (3, "group3", 5), "group4": (4, "group4", 0)}
    files = {}
    bits = np.asarray(picture(61, 43, 7).convert("1"))[:, :, None].astype(np.uint8)
    shapes = np.asarray(picture(61, 43, 7).convert("L").point(lambda v: 255 * (v > 120)))[:, :, None] // 255
    palette = {320: [0, 65535, 30000, 9000, 40000, 500]}
    for kind, (compression, name, options) in codings.items():
        encode = functools.partial(fax, name=name, options=options)
        tags = {292: [options]} if options else {}
        common = {"compression": compression, "encode": encode, "tags": tags}
        for photometric, order in ((0, 1), (1, 2)):
            files[f"fax-{kind}-{photometric}.tif"] = tiff(shapes, 1, photometric, fill_order=order, rows_per_strip=16, **common)
        files[f"fax-{kind}-noise.tif"] = tiff(bits, 1, 0, fill_order=2, order=">", **common)
        files[f"fax-{kind}-tiles.tif"] = tiff(shapes, 1, 0, tile=(32, 16), **common)
        files[f"fax-{kind}-lengths.tif"] = tiff(runs(), 1, 0, **common)
        sound = encode(shapes)
        torn = {**common, "encode": lambda _, sound=sound: sound[: len(sound) * 2 // 3]}
        files[f"fax-{kind}-truncated.tif"] = tiff(shapes, 1, 0, **torn)
        wrong = {**common, "encode": lambda _, sound=sound: sound[:40] + b"\xa7\x15\0\x01" + sound[44:]}
        files[f"fax-{kind}-damaged.tif"] = tiff(shapes, 1, 0, **wrong)
    files["fax-palette.tif"] = tiff(shapes, 1, 3, compression=4, encode=functools.partial(fax, name="group4"), tags=palette)
    raw_parts = {"compression": 4, "encode": functools.partial(fax, name="group4"), "tags": {293: [2]}}
    files["fax-raw-parts-allowed.tif"] = tiff(shapes, 1, 0, **raw_parts)
    return files
