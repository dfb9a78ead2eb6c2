"""Writes small WebP files of every kind, and what Pillow reads from them.

    python src/reference/make_webp_goldens.py

Output, in loaders/src/test/resources/images: webp.zip with the files, and webp.sha256, one line a file: the SHA-256 of its RGB bytes,
row by row, as Image.open(file).convert("RGB") gives them, or "refused" where Pillow raises, then the file name.
"""

import io
import struct
import zipfile

import numpy as np
from PIL import Image, ImageOps

from make_image_goldens import OUT, picture
from make_tiff_goldens import checksum

SIZES = [(1, 1), (2, 3), (7, 9), (16, 16), (17, 31), (33, 17), (50, 34)]


def saved(image: Image.Image, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, "webp", **options)
    return out.getvalue()


def with_opacity(image: Image.Image, levels: int) -> Image.Image:
    opacity = (np.arange(image.width * image.height) % levels).clip(0, 255).astype(np.uint8)
    result = image.copy()
    result.putalpha(Image.fromarray(opacity.reshape(image.height, image.width), "L"))
    return result


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<L", len(content)) + content + b"\0" * (len(content) % 2)


def riff(*chunks: bytes) -> bytes:
    content = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<L", len(content)) + content


def three(value: int) -> bytes:
    return struct.pack("<L", value)[:3]


def frame_off_the_corner(image: Image.Image) -> bytes:
    """An animation whose first frame does not cover the canvas."""
    data = saved(image, quality=70)[12:]
    head = three(4 // 2) + three(6 // 2) + three(image.width - 1) + three(image.height - 1) + three(100) + b"\0"
    extended = b"\x02\0\0\0" + three(image.width + 9) + three(image.height + 11)
    return riff(chunk(b"VP8X", extended), chunk(b"ANIM", b"\1\2\3\xff\0\0"), chunk(b"ANMF", head + data), chunk(b"ANMF", head + data))


def files() -> dict[str, bytes]:
    result = {}
    for index, (width, height) in enumerate(SIZES):
        size = f"{width}x{height}"
        image = picture(width, height, index)
        for quality in (5, 40, 75, 100):
            for method in (0, 4, 6):
                result[f"lossy-{quality}-{method}-{size}.webp"] = saved(image, quality=quality, method=method)
        result[f"lossy-opacity-{size}.webp"] = saved(with_opacity(image, 256), quality=60)
        result[f"lossless-{size}.webp"] = saved(image, lossless=True)
        result[f"lossless-fast-{size}.webp"] = saved(image, lossless=True, quality=0, method=0)
        result[f"lossless-opacity-{size}.webp"] = saved(with_opacity(image, 256), lossless=True)
        result[f"lossless-exact-{size}.webp"] = saved(with_opacity(image, 2), lossless=True, exact=True)
        result[f"lossless-grey-{size}.webp"] = saved(image.convert("L"), lossless=True)
        for colors in (2, 4, 16, 17, 200):
            few = image.quantize(colors).convert("RGB")
            result[f"lossless-{colors}-{size}.webp"] = saved(few, lossless=True, quality=100)
            result[f"lossless-{colors}-opacity-{size}.webp"] = saved(with_opacity(few, 2), lossless=True)
    smooth = picture(180, 140, 9).resize((90, 70)).resize((180, 140))
    for quality in (10, 80):
        result[f"large-{quality}.webp"] = saved(smooth, quality=quality)
    image = picture(40, 30, 8)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        result[f"orientation-{orientation}.webp"] = saved(image, quality=50, exif=exif)
    more = [picture(40, 30, seed) for seed in (1, 2)]
    result["animated.webp"] = saved(image, save_all=True, append_images=more)
    result["animated-lossless.webp"] = saved(with_opacity(image, 300), save_all=True, append_images=more, lossless=True)
    result["off-the-corner.webp"] = frame_off_the_corner(image)
    result["profile.webp"] = saved(image, quality=50, icc_profile=bytes(range(101)), xmp=b"<x/>")
    for kind in ("lossy-75-4", "lossless"):
        whole = result[f"{kind}-33x17.webp"]
        result[f"{kind}-truncated.webp"] = whole[: len(whole) // 2]
        result[f"{kind}-header.webp"] = whole[:24]
        result[f"{kind}-longer.webp"] = whole + b"what else"
    result["no-picture.webp"] = riff(chunk(b"VP8X", b"\0\0\0\0" + three(3) + three(3)))
    return result


def upright(content: bytes) -> bytes:
    """A PNG of what stands upright."""
    out = io.BytesIO()
    ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB").save(out, "png")
    return out.getvalue()


def main() -> None:
    lines = []
    with zipfile.ZipFile(OUT / "webp.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files().items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
            lines.append(f"{checksum(upright(content) if name.startswith('orientation') else content)} {name}\n")
    (OUT / "webp.sha256").write_text("".join(lines))
    print(f"{len(lines)} images, {sum(line.startswith('refused') for line in lines)} refused")


if __name__ == "__main__":
    main()
