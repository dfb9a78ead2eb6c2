"""Writes small image files of every kind that Pillow writes, and what Pillow reads from images.

    python src/reference/make_image_goldens.py [SHARED_DATA]

Output, in loaders/src/test/resources/images: the small files; small.sha256, photographs.sha256, orientation.sha256,
upright.sha256 and pngsuite.sha256, one line an image: the SHA-256 of its RGB bytes, row by row, as
Image.open(file).convert("RGB") gives them, or "refused" where Pillow raises, then the file name. upright.sha256 is
orientation.sha256 after ImageOps.exif_transpose. SHARED_DATA, by default ../shared/data, holds the larger images, which are
not part of the repository.
"""

import hashlib
import io
import struct
import sys
import warnings
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

REPOSITORY = Path(__file__).resolve().parents[2]
OUT = REPOSITORY / "loaders/src/test/resources/images"


def picture(width: int, height: int, seed: int) -> Image.Image:
    """Smooth colours with noise and hard edges, so that every step of a decoder shows."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 100 * np.sin(x / (3 + c) + seed + c) * np.cos(y / (4 + c)) for c in range(3)]
    rgb = np.stack(waves, axis=-1) + rng.normal(0, 12, (height, width, 3))
    rgb[height // 3 : height // 2, width // 3 : width // 2] = rng.integers(0, 256, 3)
    return Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8), "RGB")


def save_jpegs() -> None:
    sizes = [(1, 1), (7, 9), (16, 16), (33, 17), (67, 45)]
    for index, (width, height) in enumerate(sizes):
        image = picture(width, height, index)
        for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
            for progressive in (False, True):
                kind = "progressive" if progressive else "baseline"
                path = OUT / f"{kind}-{name}-{width}x{height}.jpg"
                image.save(path, quality=85, subsampling=sampling, progressive=progressive)
    image = picture(61, 43, 9)
    image.save(OUT / "quality-100.jpg", quality=100, subsampling=0)
    image.save(OUT / "quality-10.jpg", quality=10)
    image.save(OUT / "restart.jpg", restart_marker_blocks=2)
    image.save(OUT / "rgb-kept.jpg", keep_rgb=True)
    image.convert("L").save(OUT / "grey.jpg")
    image.convert("L").save(OUT / "grey-progressive.jpg", progressive=True)
    image.convert("CMYK").save(OUT / "cmyk.jpg")
    image.convert("CMYK").save(OUT / "cmyk-progressive.jpg", progressive=True)
    ycck = bytearray((OUT / "cmyk.jpg").read_bytes())
    ycck[ycck.index(b"Adobe") + 11] = 2  # the same data, declared as YCCK
    (OUT / "ycck.jpg").write_bytes(ycck)
    plain = (OUT / "baseline-420-33x17.jpg").read_bytes()
    (OUT / "no-jfif.jpg").write_bytes(plain[:2] + plain[20:])  # colours are then told by component names
    (OUT / "no-end-marker.jpg").write_bytes(plain[:-2])
    (OUT / "truncated-half.jpg").write_bytes(plain[: len(plain) // 2])
    (OUT / "truncated-header.jpg").write_bytes(plain[:100])
    (OUT / "trailing-bytes.jpg").write_bytes(plain + b"trailing bytes")
    image.save(OUT / "with-icc.jpg", icc_profile=bytes(range(256)) * 4)


def save_pngs() -> None:
    image = picture(31, 23, 20)
    image.save(OUT / "rgb.png")
    alpha = Image.fromarray(np.arange(31 * 23, dtype=np.uint16).reshape(23, 31).astype(np.uint8), "L")
    with_alpha = image.copy()
    with_alpha.putalpha(alpha)
    with_alpha.save(OUT / "rgba.png")
    with_alpha.convert("LA").save(OUT / "la.png")
    image.convert("L").save(OUT / "l.png")
    image.convert("1").save(OUT / "1.png")
    for colors in (2, 4, 16, 256):
        image.quantize(colors).save(OUT / f"p-{colors}.png")
    image.quantize(7).save(OUT / "p-transparent.png", transparency=3)
    image.save(OUT / "rgb-transparent.png", transparency=(1, 2, 3))
    ramp = (np.arange(31 * 23, dtype=np.uint32) * 91 % 65536).astype(np.uint16).reshape(23, 31)
    Image.fromarray(ramp).save(OUT / "i16.png")
    picture(1, 1, 21).save(OUT / "1x1.png")
    png = (OUT / "rgb.png").read_bytes()
    (OUT / "truncated-half.png").write_bytes(png[: len(png) // 2])
    (OUT / "no-end-chunk.png").write_bytes(png[:-12])
    (OUT / "bad-header-crc.png").write_bytes(png[:29] + b"\0\0\0\0" + png[33:])
    (OUT / "bad-zlib.png").write_bytes(raw_png(31, 23, b"not a zlib stream"))
    (OUT / "short-zlib.png").write_bytes(raw_png(31, 23, zlib.compress(bytes(500))))
    (OUT / "long-zlib.png").write_bytes(raw_png(3, 2, zlib.compress(bytes(500))))
    (OUT / "bad-filter.png").write_bytes(raw_png(1, 1, zlib.compress(b"\x09abc")))
    (OUT / "zero-width.png").write_bytes(raw_png(0, 1, zlib.compress(b"\0")))
    (OUT / "index-outside-palette.png").write_bytes(
        raw_png(2, 1, zlib.compress(b"\0\0\x05"), 3, chunk(b"PLTE", b"abcdef"))
    )
    exif = Image.Exif()
    exif[274] = 6
    image.save(OUT / "exif.png", exif=exif)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def raw_png(width: int, height: int, data: bytes, color: int = 2, extra: bytes = b"") -> bytes:
    """A PNG of 8-bit samples whose compressed data is given."""
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def save_bmps() -> None:
    image = picture(29, 13, 30)
    image.save(OUT / "rgb.bmp")
    image.convert("RGBA").save(OUT / "rgba.bmp")
    image.convert("L").save(OUT / "l.bmp")
    image.convert("1").save(OUT / "1.bmp")
    for colors in (2, 16, 256):
        image.quantize(colors).save(OUT / f"p-{colors}.bmp")
    bmp = bytearray((OUT / "rgb.bmp").read_bytes())
    (OUT / "truncated-half.bmp").write_bytes(bmp[: len(bmp) // 2])
    bmp[22:26] = struct.pack("<i", -13)
    (OUT / "top-down.bmp").write_bytes(bmp)
    pixels = np.random.default_rng(31).integers(0, 65536, 13 * 30).astype("<u2").tobytes()
    for name, compression, masks in (
        ("16-bit-555", 0, b""),
        ("16-bit-565", 3, struct.pack("<III", 0xF800, 0x7E0, 0x1F)),
    ):
        header = struct.pack("<IiiHHIIiiII", 40, 29, 13, 1, 16, compression, len(pixels), 0, 0, 0, 0) + masks
        file = b"BM" + struct.pack("<IHHI", 14 + len(header) + len(pixels), 0, 0, 14 + len(header))
        (OUT / f"{name}.bmp").write_bytes(file + header + pixels)
    palette = b"".join(bytes([i * 16, 255 - i, i * 7, 0]) for i in range(16))
    runs = b"\x05\x02\x18\x03\x00\x05\x01\x02\x03\x04\x05\x00\x01\x04\x00\x00" + b"\x1d\x07\x00\x00" + b"\x00\x01"
    header = struct.pack("<IiiHHIIiiII", 40, 29, 3, 1, 8, 1, len(runs), 0, 0, 16, 0) + palette
    file = b"BM" + struct.pack("<IHHI", 14 + len(header) + len(runs), 0, 0, 14 + len(header))
    (OUT / "rle8.bmp").write_bytes(file + header + runs)


def save_gifs() -> None:
    image = picture(37, 21, 40)
    image.quantize(256).save(OUT / "p-256.gif")
    image.quantize(5).save(OUT / "p-5.gif", interlace=False)
    image.quantize(64).save(OUT / "interlaced.gif", interlace=True)
    image.quantize(16).save(OUT / "transparent.gif", transparency=3)
    image.convert("L").save(OUT / "l.gif")
    image.convert("1").save(OUT / "1.gif")
    frames = [picture(37, 21, seed).quantize(32) for seed in (41, 42, 43)]
    frames[0].save(OUT / "animated.gif", save_all=True, append_images=frames[1:], disposal=2)
    gif = (OUT / "p-256.gif").read_bytes()
    (OUT / "truncated-half.gif").write_bytes(gif[: len(gif) // 2])
    screen = bytearray((OUT / "transparent.gif").read_bytes())
    screen[6:10] = struct.pack("<HH", 45, 30)  # a frame smaller than the screen
    (OUT / "small-frame.gif").write_bytes(screen)


def rgb(path: Path, prepare: Callable[[Image.Image], Image.Image]) -> str:
    """The checksum of an image's RGB bytes, or "refused"."""
    try:
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            return hashlib.sha256(prepare(image).convert("RGB").tobytes()).hexdigest()
    except (OSError, SyntaxError, ValueError):
        return "refused"


def write_checksums(
    name: str, paths: Iterable[Path], prepare: Callable[[Image.Image], Image.Image] = lambda image: image
) -> None:
    lines = [f"{rgb(path, prepare)} {path.name}\n" for path in sorted(paths)]
    (OUT / f"{name}.sha256").write_text("".join(lines))
    print(f"{name}: {len(lines)} images, {sum(line.startswith('refused') for line in lines)} refused")


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY.parent / "shared/data"
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    save_jpegs()
    save_pngs()
    save_bmps()
    save_gifs()
    write_checksums("small", (p for p in OUT.iterdir() if p.suffix != ".sha256"))
    write_checksums("photographs", (data / "imagenet-sample").glob("*.JPEG"))
    write_checksums("orientation", (data / "exif-orientation").glob("*.jpg"))
    write_checksums("upright", (data / "exif-orientation").glob("*.jpg"), ImageOps.exif_transpose)
    write_checksums("pngsuite", (data / "pngsuite").rglob("*.png"))


if __name__ == "__main__":
    main()
