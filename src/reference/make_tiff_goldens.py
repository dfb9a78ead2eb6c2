"""Writes small TIFF, ICO and PSD files of every kind, and what Pillow reads from them.

    python src/reference/make_tiff_goldens.py

Output, in loaders/src/test/resources/images: containers.zip with the files, and containers.sha256, one line a file: the SHA-256 of
its RGB bytes, row by row, as Image.open(file).convert("RGB") gives them, or "refused" where Pillow raises, then the file name.
What Pillow and libtiff do not write is put together here: tiles, planes, predictors, fill orders, depths, BigTIFF, and Photoshop
documents. misread() has what Pillow refuses or misreads for no good reason; there, the sum is that of the same samples in a form
that it reads.
"""

import functools
import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin

from fax_files import faxes
from make_image_goldens import picture

OUT = Path(__file__).resolve().parents[2] / "loaders/src/test/resources/images"
WIDTH, HEIGHT = 21, 18
RAW, LZW, JPEG, DEFLATE, PACK_BITS, OLD_DEFLATE = 1, 5, 7, 8, 32773, 32946
random = np.random.default_rng(11)


def pack_bits(data: bytes) -> bytes:
    out = bytearray()
    at = 0
    while at < len(data):
        run = 1
        while at + run < len(data) and run < 128 and data[at + run] == data[at]:
            run += 1
        if run > 2:
            out += bytes([257 - run, data[at]])
            at += run
        else:
            end = min(at + 1 + int(random.integers(0, 128)), len(data))
            out += bytes([end - at - 1]) + data[at:end]
            at = end
        if random.integers(0, 5) == 0:
            out.append(128)
    return bytes(out)


def lzw(data: bytes) -> bytes:
    """TIFF's codes, cleared when the table is full."""
    bits = ""
    table: dict[bytes, int] = {}
    free, width = 258, 9
    out = [format(256, "09b")]
    string = b""
    for value in data:
        longer = string + bytes([value])
        if len(longer) == 1 or longer in table:
            string = longer
            continue
        out.append(format(table.get(string, string[0]), f"0{width}b"))
        table[longer] = free
        free += 1
        if free == 4094:
            out.append(format(256, "012b"))
            table, free, width = {}, 258, 9
        elif free == 1 << width:
            width += 1
        string = bytes([value])
    out.append(format(table.get(string, string[0]), f"0{width}b"))
    free += 1
    width += free == 1 << width
    out.append(format(257, f"0{width}b"))
    bits = "".join(out)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def compress(data: bytes, compression: int) -> bytes:
    if compression == LZW:
        return lzw(data)
    if compression == PACK_BITS:
        return pack_bits(data)
    return zlib.compress(data) if compression in (DEFLATE, OLD_DEFLATE) else data


def row_bytes(samples: np.ndarray, bits: int, order: str) -> bytes:
    if bits >= 8 and bits != 12:
        kind = "f" if samples.dtype.kind == "f" else "i" if samples.dtype.kind == "i" else "u"
        return samples.astype(f"{order}{kind}{bits // 8}").tobytes()
    text = "".join(format(int(value), f"0{bits}b") for value in samples.ravel())
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def tiff(
    samples: np.ndarray,
    bits: int,
    photometric: int,
    *,
    compression: int = RAW,
    order: str = "<",
    big: bool = False,
    predictor: int = 1,
    planar: bool = False,
    tile: tuple[int, int] | None = None,
    rows_per_strip: int | None = None,
    fill_order: int = 1,
    tags: dict[int, list[int]] | None = None,
    sample_format: int = 1,
    encode: Callable[[np.ndarray], bytes] | None = None,
) -> bytes:
    """A TIFF file. samples: [height, width, samples]. encode: makes the data of a chunk, in place of rows and compression."""
    height, width, count = samples.shape
    planes = [samples[:, :, i : i + 1] for i in range(count)] if planar else [samples]
    chunks = []
    for plane in planes:
        step_y = tile[1] if tile else rows_per_strip or height
        step_x = tile[0] if tile else width
        for top in range(0, height, step_y):
            for left in range(0, width, step_x):
                part = plane[top : top + step_y, left : left + step_x]
                if tile:
                    missing = ((0, step_y - part.shape[0]), (0, step_x - part.shape[1]), (0, 0))
                    part = np.pad(part, missing, mode="edge")
                if predictor == 2:
                    part = np.concatenate([part[:, :1], part[:, 1:] - part[:, :-1]], axis=1)
                if encode:
                    data = encode(part)
                else:
                    data = compress(b"".join(row_bytes(row, bits, order) for row in part), compression)
                if fill_order == 2:
                    data = bytes(int(format(byte, "08b")[::-1], 2) for byte in data)
                chunks.append(data)
    entries: dict[int, list[int]] = {
        256: [width], 257: [height], 258: [bits] * count, 259: [compression], 262: [photometric], 277: [count],
        284: [2 if planar else 1],
    }
    if predictor != 1:
        entries[317] = [predictor]
    if fill_order != 1:
        entries[266] = [fill_order]
    if sample_format != 1:
        entries[339] = [sample_format] * count
    entries |= tags or {}
    position = 16 if big else 8
    offsets = []
    for chunk in chunks:
        offsets.append(position)
        position += len(chunk)
    lengths = [len(chunk) for chunk in chunks]
    if tile:
        entries |= {322: [tile[0]], 323: [tile[1]], 324: offsets, 325: lengths}
    else:
        entries |= {273: offsets, 278: [rows_per_strip or height], 279: lengths}
    word, inline = ("Q", 8) if big else ("L", 4)
    body, extra = b"", b""
    position += position % 2
    directory_bytes = (8 + 20 * len(entries) + 8) if big else (2 + 12 * len(entries) + 4)
    extra_at = position + directory_bytes
    for tag, values in sorted(entries.items()):
        kind = "L" if tag in (273, 279, 324, 325) else "H"
        data = struct.pack(f"{order}{len(values)}{kind}", *values)
        body += struct.pack(f"{order}HH{word}", tag, 4 if kind == "L" else 3, len(values))
        if len(data) > inline:
            body += struct.pack(f"{order}{word}", extra_at + len(extra))
            extra += data + b"\0" * (len(data) % 2)
        else:
            body += data.ljust(inline, b"\0")
    mark = b"II" if order == "<" else b"MM"
    if big:
        head = mark + struct.pack(f"{order}HHHQ", 43, 8, 0, position)
        body = struct.pack(f"{order}Q", len(entries)) + body + struct.pack(f"{order}Q", 0)
    else:
        head = mark + struct.pack(f"{order}HL", 42, position)
        body = struct.pack(f"{order}H", len(entries)) + body + struct.pack(f"{order}L", 0)
    pixels = b"".join(chunks)
    return head + pixels + b"\0" * (len(pixels) % 2) + body + extra


def levels(bits: int, count: int) -> np.ndarray:
    """Smooth enough for every predictor to matter, over the whole range."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    channels = [(np.sin(x / (5 + c)) * np.cos(y / (3 + c)) + 1) / 2 for c in range(count)]
    values = np.stack(channels, axis=-1) * (2**bits - 1)
    values += random.normal(0, 2**bits / 60, values.shape)
    dtype = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    return np.clip(values, 0, 2**bits - 1).astype(dtype)


def made_tiffs() -> dict[str, bytes]:
    files = {}
    for compression in (RAW, LZW, DEFLATE, PACK_BITS, OLD_DEFLATE):
        for order in "<>":
            name = f"{compression}-{'le' if order == '<' else 'be'}"
            options = {"compression": compression, "order": order}
            files[f"strips-{name}.tif"] = tiff(levels(8, 3), 8, 2, rows_per_strip=7, **options)
            files[f"tiles-{name}.tif"] = tiff(levels(8, 3), 8, 2, tile=(16, 16), **options)
            files[f"rgb16-{name}.tif"] = tiff(levels(16, 3), 16, 2, rows_per_strip=10, **options)
            files[f"grey16-{name}.tif"] = tiff(levels(16, 1) // 200, 16, 1, **options)
            files[f"planar-{name}.tif"] = tiff(levels(8, 3), 8, 2, planar=True, rows_per_strip=8, **options)
            files[f"planar-tiles-{name}.tif"] = tiff(levels(8, 4), 8, 5, planar=True, tile=(32, 16), **options)
            files[f"cmyk-{name}.tif"] = tiff(levels(8, 4), 8, 5, **options)
            files[f"bits1-{name}.tif"] = tiff(levels(1, 1), 1, 0, rows_per_strip=3, **options)
            if compression in (LZW, DEFLATE):
                files[f"predictor8-{name}.tif"] = tiff(levels(8, 3), 8, 2, predictor=2, rows_per_strip=5, **options)
                files[f"predictor16-{name}.tif"] = tiff(levels(16, 3), 16, 2, predictor=2, tile=(16, 32), **options)
                if order == "<":
                    signed = levels(8, 1).astype(np.int32) * 2 - 100
                    files[f"predictor32-{name}.tif"] = tiff(signed, 32, 1, predictor=2, sample_format=2, **options)
                files[f"predictor-planar-{name}.tif"] = tiff(levels(8, 3), 8, 2, predictor=2, planar=True, **options)
    for bits in (1, 2, 4, 8):
        map_ = {320: [int(v) for v in random.integers(0, 65536, 3 << bits)]}
        files[f"palette{bits}.tif"] = tiff(levels(bits, 1), bits, 3, tags=map_)
        files[f"palette{bits}-lzw.tif"] = tiff(levels(bits, 1), bits, 3, tags=map_, compression=LZW, order=">", tile=(16, 16))
        for photometric in (0, 1):
            files[f"grey{bits}-{photometric}.tif"] = tiff(levels(bits, 1), bits, photometric)
            if (bits, photometric) != (8, 0):
                files[f"grey{bits}-{photometric}-reversed.tif"] = tiff(levels(bits, 1), bits, photometric, fill_order=2)
            files[f"grey{bits}-{photometric}-reversed-lzw.tif"] = tiff(
                levels(bits, 1), bits, photometric, fill_order=2, compression=LZW
            )
    files["rgb-reversed.tif"] = tiff(levels(8, 3), 8, 2, fill_order=2, order=">")
    files["grey12.tif"] = tiff(levels(12, 1) // 12, 12, 1)
    files["grey12-be.tif"] = tiff(levels(12, 1) // 12, 12, 1, order=">")
    files["grey16-white.tif"] = tiff(levels(16, 1) // 200, 16, 0)
    files["grey16-white-be.tif"] = tiff(levels(16, 1) // 200, 16, 0, order=">")
    files["grey16-reversed.tif"] = tiff(levels(16, 1) // 200, 16, 1, fill_order=2)
    for order in "<>":
        name = "le" if order == "<" else "be"
        signed = levels(8, 1).astype(np.int32) * 3 - 200
        files[f"signed8-{name}.tif"] = tiff(levels(8, 1), 8, 1, sample_format=2, order=order)
        files[f"signed16-{name}.tif"] = tiff(signed.astype(np.int16), 16, 1, sample_format=2, order=order)
        files[f"signed32-{name}.tif"] = tiff(signed, 32, 1, sample_format=2, order=order)
        files[f"unsigned32-{name}.tif"] = tiff(levels(32, 1) // 2**23, 32, 1, order=order)
        files[f"unsigned32-large-{name}.tif"] = tiff(levels(32, 1), 32, 1, order=order)
        for photometric in (0, 1):
            floats = signed.astype(np.float32) + np.float32(0.7)
            floats[0, :3, 0] = [np.nan, np.inf, -np.inf]
            files[f"float-{photometric}-{name}.tif"] = tiff(floats, 32, photometric, sample_format=3, order=order)
    for bits in (8, 16):
        for extra in (None, 0, 1, 2, 999):
            tags = {} if extra is None else {338: [extra]}
            files[f"rgb{bits}-extra-{extra}.tif"] = tiff(levels(bits, 4), bits, 2, tags=tags)
            files[f"rgb{bits}-extra-{extra}-lzw.tif"] = tiff(levels(bits, 4), bits, 2, tags=tags, compression=LZW, order=">")
    for extras in ([0, 0], [1, 0], [2, 0], [0, 0, 0], [1, 0, 0], [2, 0, 0], [1, 2]):
        files[f"rgb8-extras-{'-'.join(map(str, extras))}.tif"] = tiff(levels(8, 3 + len(extras)), 8, 2, tags={338: extras})
    files["rgb8-planar-extra-2-lzw.tif"] = tiff(levels(8, 4), 8, 2, tags={338: [2]}, planar=True, compression=LZW)
    files["cmyk16.tif"] = tiff(levels(16, 4), 16, 5)
    files["cmyk16-lzw-be.tif"] = tiff(levels(16, 4), 16, 5, compression=LZW, order=">")
    files["cmyk-extra-0.tif"] = tiff(levels(8, 5), 8, 5, tags={338: [0]})
    files["cmyk-extra-0-0.tif"] = tiff(levels(8, 6), 8, 5, tags={338: [0, 0]})
    files["cmyk-extra-2.tif"] = tiff(levels(8, 5), 8, 5, tags={338: [2]})
    files["grey-opacity.tif"] = tiff(levels(8, 2), 8, 1, tags={338: [2]})
    files["grey-opacity-white.tif"] = tiff(levels(8, 2), 8, 0, tags={338: [2]})
    palette = {320: [int(v) for v in random.integers(0, 65536, 768)]}
    files["palette-extra-0.tif"] = tiff(levels(8, 2), 8, 3, tags=palette | {338: [0]})
    files["palette-extra-2.tif"] = tiff(levels(8, 2), 8, 3, tags=palette | {338: [2]})
    files["lab.tif"] = tiff(levels(8, 3), 8, 8)
    files["two-samples.tif"] = tiff(levels(8, 2), 8, 1)
    files["five-samples.tif"] = tiff(levels(8, 5), 8, 2)
    files["predictor3.tif"] = tiff(levels(8, 3), 8, 2, compression=LZW, tags={317: [3]})
    files["ignored-predictor.tif"] = tiff(levels(8, 3), 8, 2, compression=PACK_BITS, tags={317: [2]})
    for orientation in range(1, 9):
        files[f"orientation-{orientation}.tif"] = tiff(levels(8, 3), 8, 2, tags={274: [orientation]}, compression=LZW)
    files["big-le.tif"] = tiff(levels(8, 3), 8, 2, big=True, compression=DEFLATE, tile=(16, 16))
    half = tiff(levels(8, 3), 8, 2, compression=LZW)
    files["all-rows-in-one-strip.tif"] = tiff(levels(8, 3), 8, 2, compression=LZW, tags={278: [65535]})
    at = struct.unpack("<L", half[4:8])[0]
    files["truncated-data.tif"] = half[:8] + half[: at - 8][200:] + half[at - 8 + 200 - 200 :]
    files["truncated-directory.tif"] = half[: at + 20]
    files["empty-directory.tif"] = b"II*\0\x08\0\0\0\0\0\0\0\0\0"
    return files


def jpeg(samples: np.ndarray, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "jpeg", quality=90, subsampling=0, **options)
    return out.getvalue()


def foreign_jpeg_tiffs() -> dict[str, bytes]:
    """JPEG data that say of themselves what their colours are, be that so or not by the TIFF's tags."""
    files = {}
    rgb = np.asarray(picture(WIDTH, HEIGHT, 3))
    for photometric in (2, 6):
        for keep_rgb in (False, True):
            encode = functools.partial(jpeg, keep_rgb=keep_rgb)
            tags = {530: [1, 1]} if photometric == 6 else {}
            name = f"jpeg-{'rgb' if keep_rgb else 'jfif'}-inside-{photometric}.tif"
            files[name] = tiff(rgb, 8, photometric, compression=JPEG, encode=encode, tags=tags)
    files["jpeg-grey-inside-2.tif"] = tiff(rgb, 8, 2, compression=JPEG, encode=lambda part: jpeg(part[:, :, 0]))
    files["jpeg-rgb-inside-1.tif"] = tiff(rgb[:, :, :1], 8, 1, compression=JPEG, encode=lambda _: jpeg(rgb))
    return files


def saved_tiffs() -> dict[str, bytes]:
    files = {}
    image = picture(WIDTH, HEIGHT, 3)
    modes = {mode: image.convert(mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F")}
    pairs = [(c, m) for c in (None, "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits") for m in modes]
    pairs += [("jpeg", "L"), ("jpeg", "RGB"), ("jpeg", "CMYK"), ("group3", "1"), ("group4", "1"), ("lzma", "RGB"), ("zstd", "RGB")]
    for compression, mode in pairs:
        out = io.BytesIO()
        modes[mode].save(out, "tiff", compression=compression)
        files[f"pillow-{mode}-{compression}.tif"] = out.getvalue()
    for quality in (30, 75, 95):
        for mode in ("L", "RGB"):
            info = TiffImagePlugin.ImageFileDirectory_v2()
            info[278] = 16
            out = io.BytesIO()
            modes[mode].resize((83, 61)).save(out, "tiff", compression="jpeg", quality=quality, tiffinfo=info)
            files[f"jpeg-strips-{mode}-{quality}.tif"] = out.getvalue()
    out = io.BytesIO()
    image.save(out, "tiff", save_all=True, append_images=[image.rotate(90)])
    files["pages.tif"] = out.getvalue()
    out = io.BytesIO()
    image.save(out, "tiff", big_tiff=True)
    files["pillow-big.tif"] = out.getvalue()
    return files


def icons() -> dict[str, bytes]:
    files = {}
    image = picture(48, 48, 5).convert("RGBA")
    image.putalpha(Image.fromarray(levels(8, 1)[:, :, 0], "L").resize((48, 48)))
    for kind in ("png", "bmp"):
        for mode in ("RGBA", "RGB", "P", "L", "1"):
            out = io.BytesIO()
            image.convert(mode).save(out, "ico", sizes=[(16, 16), (48, 48), (32, 32)], bitmap_format=kind)
            files[f"{kind}-{mode}.ico"] = out.getvalue()
    small, large = [io.BytesIO(), io.BytesIO()]
    image.convert("P").save(small, "ico", sizes=[(32, 32)], bitmap_format="bmp")
    image.save(large, "ico", sizes=[(32, 32)], bitmap_format="bmp")
    a, b = small.getvalue(), large.getvalue()
    entry = b[6:18] + struct.pack("<L", 6 + 32 + len(a) - 22)
    files["same-size.ico"] = a[:4] + b"\2\0" + entry + a[6:18] + struct.pack("<L", 38) + a[22:] + b[22:]
    files["no-picture.ico"] = b"\0\0\1\0\0\0"
    files["truncated.ico"] = a[:200]
    return files


def photoshop(samples: np.ndarray, mode: int, bits: int, packed: bool, palette: bytes = b"", channels: int | None = None) -> bytes:
    height, width, count = samples.shape
    head = b"8BPS" + struct.pack(">H6xHLLHH", 1, channels or count, height, width, bits, mode)
    resources = b"8BIM" + struct.pack(">HxxL", 1005, 3) + b"abc\0"
    sections = b"".join(struct.pack(">L", len(part)) + part for part in (palette, resources, b"layers!!"))
    rows = [row_bytes(samples[y, :, c], bits, ">") for c in range(count) for y in range(height)]
    if packed:
        rows = [pack_bits(row) for row in rows]
        sections += struct.pack(f">H{len(rows)}H", 1, *map(len, rows))
    else:
        sections += struct.pack(">H", 0)
    return head + sections + b"".join(rows)


def documents() -> dict[str, bytes]:
    files = {}
    palette = random.bytes(768)
    for packed in (False, True):
        name = "packed" if packed else "raw"
        files[f"bits-{name}.psd"] = photoshop(levels(1, 1), 0, 1, packed)
        for mode, count in ((1, 1), (3, 3), (3, 4), (4, 4), (7, 1), (8, 1), (9, 3)):
            files[f"mode{mode}-{count}-{name}.psd"] = photoshop(levels(8, count), mode, 8, packed)
        files[f"palette-{name}.psd"] = photoshop(levels(8, 1), 2, 8, packed, palette)
        files[f"rgb16-{name}.psd"] = photoshop(levels(16, 3), 3, 16, packed)
    files["five-channels-raw.psd"] = photoshop(levels(8, 5), 3, 8, False)
    files["few-channels.psd"] = photoshop(levels(8, 2), 3, 8, False)
    files["truncated-raw.psd"] = files["mode3-3-raw.psd"][:-1]
    files["truncated-packed.psd"] = files["mode3-3-packed.psd"][:-9]
    files["version2.psd"] = files["mode3-3-raw.psd"][:4] + b"\0\2" + files["mode3-3-raw.psd"][6:]
    return files


def misread() -> dict[str, tuple[bytes, bytes]]:
    """Files, each with the same samples in a form that Pillow reads."""
    rgb, extra, grey, five = levels(8, 3), levels(8, 4), levels(8, 1), levels(8, 5)
    signed = grey.astype(np.int32) * 2 - 100
    options = {"predictor": 2, "sample_format": 2, "compression": LZW}
    return {
        "big-be.tif": (tiff(rgb, 8, 2, big=True, order=">"), tiff(rgb, 8, 2)),
        "grey8-0-reversed.tif": (tiff(grey, 8, 0, fill_order=2), tiff(grey, 8, 0)),
        "predictor32-be.tif": (tiff(signed, 32, 1, order=">", **options), tiff(signed, 32, 1, **options)),
        "rgb8-planar-extra-0.tif": (tiff(extra, 8, 2, tags={338: [0]}, planar=True), tiff(extra, 8, 2, tags={338: [0]})),
        "five-channels-packed.psd": (photoshop(five, 3, 8, True), photoshop(five, 3, 8, False)),
    }


def checksum(content: bytes) -> str:
    try:
        return hashlib.sha256(Image.open(io.BytesIO(content)).convert("RGB").tobytes()).hexdigest()
    except Exception:  # Pillow raises whatever comes up; each is a refusal.
        return "refused"


def main() -> None:
    files = made_tiffs() | foreign_jpeg_tiffs() | saved_tiffs() | icons() | documents() | faxes(tiff)
    readable = dict(files)
    for name, (content, alternative) in misread().items():
        files[name], readable[name] = content, alternative
    lines = []
    with zipfile.ZipFile(OUT / "containers.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
            lines.append(f"{checksum(readable[name])} {name}\n")
    (OUT / "containers.sha256").write_text("".join(lines))
    print(f"{len(lines)} images, {sum(line.startswith('refused') for line in lines)} refused")


if __name__ == "__main__":
    main()
