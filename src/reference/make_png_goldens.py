"""Writes small PNGs of every colour type, depth and interlacing, with every filter, and what Pillow reads from them.

    python src/reference/make_png_goldens.py

Output, in loaders/src/test/resources/png: the files; stored.sha256, one line a file: the SHA-256 of its RGB bytes, row by row, as
Image.open(file).convert("RGB") gives them, or "refused" where Pillow raises, then the file name; upright.sha256, the same after
ImageOps.exif_transpose, of the files that tell an orientation in one of the ways that there are. The pixels are random, the filter
of each row too, so the files exercise what a usual encoder never writes.
"""

import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from PIL import Image, ImageOps

from make_image_goldens import chunk, rgb

OUT = Path(__file__).resolve().parents[2] / "loaders/src/test/resources/png"
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
SIGNATURE = b"\x89PNG\r\n\x1a\n"

random = np.random.default_rng(2026)


def header(width: int, height: int, depth: int, color: int, interlaced: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced))


def rows(width: int, height: int, bits: int) -> bytes:
    """Rows of random bytes behind random filters: any bytes are filtered data of some picture."""
    row_bytes = (width * bits + 7) // 8
    return b"".join(bytes([random.integers(5)]) + random.bytes(row_bytes) for _ in range(height))


def image_data(width: int, height: int, depth: int, color: int, interlaced: int) -> bytes:
    bits = depth * SAMPLES[color]
    if not interlaced:
        return rows(width, height, bits)
    data = b""
    for left, top, step_x, step_y in ADAM7:
        columns, lines = -(-(width - left) // step_x), -(-(height - top) // step_y)
        if columns > 0 and lines > 0:
            data += rows(columns, lines, bits)
    return data


def split(data: bytes, at: list[int], name: bytes = b"IDAT") -> bytes:
    """Chunks that end at the given places, some of them empty."""
    cuts = [0, *at, len(data)]
    return b"".join(chunk(name, data[a:b]) for a, b in zip(cuts, cuts[1:]))


def png(width: int, height: int, depth: int, color: int, interlaced: int = 0, before: bytes = b"", after: bytes = b"") -> bytes:
    palette = chunk(b"PLTE", random.bytes(3 << depth)) if color == 3 else b""
    data = zlib.compress(image_data(width, height, depth, color, interlaced))
    cuts = sorted(random.integers(0, len(data), 3).tolist() * 2)
    start = SIGNATURE + header(width, height, depth, color, interlaced) + palette
    return start + before + split(data, cuts) + after + chunk(b"IEND", b"")


def frame(sequence: int, width: int, height: int) -> bytes:
    """The frame control chunk of an animation."""
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", sequence, width, height, 0, 0, 1, 10, 0, 0))


def files() -> dict[str, bytes]:
    result = {}
    for color, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (0, 1):
                name = f"color-{color}-depth-{depth}{'-adam7' if interlaced else ''}"
                result[f"{name}.png"] = png(19, 13, depth, color, interlaced)
    for width, height in ((1, 1), (2, 1), (1, 5), (3, 2), (5, 1), (4, 5)):
        result[f"adam7-{width}x{height}.png"] = png(width, height, 8, 2, 1)
        result[f"adam7-bits-{width}x{height}.png"] = png(width, height, 2, 0, 1)

    result["transparent-grey.png"] = png(9, 7, 8, 0, before=chunk(b"tRNS", struct.pack(">H", 77)))
    result["transparent-grey-1.png"] = png(9, 7, 1, 0, before=chunk(b"tRNS", struct.pack(">H", 1)))
    result["transparent-grey-16.png"] = png(9, 7, 16, 0, before=chunk(b"tRNS", struct.pack(">H", 77)))
    result["transparent-rgb.png"] = png(9, 7, 8, 2, before=chunk(b"tRNS", struct.pack(">HHH", 7, 8, 9)))
    result["transparent-rgb-16.png"] = png(9, 7, 16, 2, before=chunk(b"tRNS", struct.pack(">HHH", 7, 8, 9)))
    result["transparent-palette.png"] = png(9, 7, 4, 3, before=chunk(b"tRNS", bytes(range(0, 256, 16))))

    ancillary = b"".join(
        (
            chunk(b"gAMA", struct.pack(">I", 20000)),
            chunk(b"cHRM", struct.pack(">IIIIIIII", *range(1, 9))),
            chunk(b"sBIT", b"\5\6\5"),
            chunk(b"bKGD", struct.pack(">HHH", 1, 2, 3)),
            chunk(b"pHYs", struct.pack(">IIB", 1, 2, 1)),
            chunk(b"tIME", struct.pack(">HBBBBB", 2026, 1, 2, 3, 4, 5)),
            chunk(b"tEXt", b"Comment\0nothing"),
            chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"nothing")),
            chunk(b"iTXt", b"Comment\0\0\0\0\0nothing"),
            chunk(b"prVt", b"private"),
        )
    )
    result["ancillary.png"] = png(9, 7, 8, 2, before=ancillary, after=ancillary)
    result["ancillary-damaged.png"] = png(9, 7, 8, 2, before=chunk(b"gAMA", b"1234")[:-1] + b"?")
    result["suggested-palette.png"] = png(9, 7, 8, 2, before=chunk(b"PLTE", bytes(30)))

    first = zlib.compress(image_data(9, 7, 8, 2, 0))
    second = zlib.compress(image_data(9, 7, 8, 2, 0))
    start = SIGNATURE + header(9, 7, 8, 2, 0) + chunk(b"acTL", struct.pack(">II", 2, 0))
    later = frame(1, 9, 7) + chunk(b"fdAT", struct.pack(">I", 2) + second) + chunk(b"IEND", b"")
    result["animation.png"] = start + frame(0, 9, 7) + chunk(b"IDAT", first) + later
    hidden = frame(0, 9, 7) + chunk(b"fdAT", struct.pack(">I", 1) + second) + chunk(b"IEND", b"")
    result["animation-default-image.png"] = start + chunk(b"IDAT", first) + hidden

    plain = SIGNATURE + header(9, 7, 8, 2, 0)
    data = zlib.compress(image_data(9, 7, 8, 2, 0))
    result["data-damaged.png"] = plain + chunk(b"IDAT", data[:30] + b"\xff" + data[31:]) + chunk(b"IEND", b"")
    result["data-interrupted.png"] = (
        plain + chunk(b"IDAT", data[:90]) + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", data[90:]) + chunk(b"IEND", b"")
    )
    result["no-data.png"] = plain + chunk(b"IEND", b"")
    result["no-palette.png"] = SIGNATURE + header(9, 7, 8, 3, 0) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    result["undefined-depth.png"] = SIGNATURE + header(9, 7, 4, 2, 0) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    result["undefined-interlacing.png"] = SIGNATURE + header(9, 7, 8, 2, 2) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return result


def exif(value: int, order: str = "<", kind: str = "H", code: int = 3, count: int = 1) -> bytes:
    """An EXIF block with the entry for orientation between two others."""
    values = struct.pack(order + kind * count, *[value] * count)
    start = 8 + 2 + 3 * 12 + 4
    content = struct.pack(order + "I", start) if len(values) > 4 else values.ljust(4, b"\0")
    entries = struct.pack(order + "HHII", 256, 4, 1, 9)
    entries += struct.pack(order + "HHI", 274, code, count) + content
    entries += struct.pack(order + "HHII", 257, 4, 1, 7)
    head = b"II*\0" if order == "<" else b"MM\0*"
    return head + struct.pack(order + "IH", 8, 3) + entries + bytes(4) + values


def raw_profile(block: bytes) -> bytes:
    """As ImageMagick writes EXIF into text."""
    digits = (b"Exif\0\0" + block).hex()
    lines = [digits[i : i + 72] for i in range(0, len(digits), 72)]
    return f"\nexif\n{len(digits) // 2:8}\n".encode() + "\n".join(lines).encode() + b"\n"


def oriented_files() -> dict[str, bytes]:
    def file(before: bytes = b"", after: bytes = b"") -> bytes:
        return png(9, 7, 8, 2, before=before, after=after)

    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>'
    raw = b"Raw profile type exif\0"
    result = {f"exif-{value}.png": file(chunk(b"eXIf", exif(value))) for value in range(10)}
    result["exif-behind.png"] = file(after=chunk(b"eXIf", exif(6)))
    result["exif-big-endian.png"] = file(chunk(b"eXIf", exif(6, ">")))
    result["exif-prefixed.png"] = file(chunk(b"eXIf", b"Exif\0\0" + exif(6)))
    result["exif-long.png"] = file(chunk(b"eXIf", exif(6, ">", "I", 4)))
    result["exif-signed.png"] = file(chunk(b"eXIf", exif(6, ">", "h", 8)))
    result["exif-byte.png"] = file(chunk(b"eXIf", exif(6, "<", "B", 1)))
    result["exif-two-values.png"] = file(chunk(b"eXIf", exif(6, count=2)))
    result["exif-many-values.png"] = file(chunk(b"eXIf", exif(6, count=5)))
    result["exif-torn.png"] = file(chunk(b"eXIf", exif(6)[:37]))
    result["exif-and-xmp.png"] = file(
        chunk(b"eXIf", exif(6)) + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp % 3)
    )
    result["xmp.png"] = file(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp % 5))
    result["xmp-compressed.png"] = file(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0XMP\0" + zlib.compress(xmp % 7)))
    result["profile.png"] = file(chunk(b"tEXt", raw + raw_profile(exif(8))))
    result["profile-compressed.png"] = file(after=chunk(b"zTXt", raw + b"\0" + zlib.compress(raw_profile(exif(5, ">")))))
    result["exif-and-profile.png"] = file(chunk(b"tEXt", raw + raw_profile(exif(8))) + chunk(b"eXIf", exif(3)))
    return result


def write(name: str, contents: dict[str, bytes], prepare: Callable[[Image.Image], Image.Image]) -> None:
    lines = []
    for file, content in sorted(contents.items()):
        path = OUT / file
        path.write_bytes(content)
        lines.append(f"{rgb(path, prepare)} {file}\n")
    (OUT / name).write_text("".join(lines))
    print(f"{name}: {len(lines)} images, {sum(line.startswith('refused') for line in lines)} refused")


def main() -> None:
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    oriented = oriented_files()
    write("stored.sha256", files() | oriented, lambda image: image)
    write("upright.sha256", oriented, ImageOps.exif_transpose)


if __name__ == "__main__":
    main()
