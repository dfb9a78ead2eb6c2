"""Writes some 400 JPEG files of every kind, sound and damaged, and the checksums of the pixels that Pillow gives.

    python src/reference/make_jpeg_goldens.py

Output, in loaders/src/test/resources/images: jpegs.zip, the files, stored or deflated; jpegs.sha256, one line a file: the
SHA-256 of its RGB bytes as Image.open(file).convert("RGB") gives them, or "refused" where Pillow raises, then the name. What
Pillow does not write, jpeg_encoder.py does. The files depend on nothing but these scripts and Pillow.
"""

import hashlib
import io
import itertools
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from jpeg_encoder import Encoder, one_by_one, progression, quality_table, segment, sequential
from jpeg_entropy import Scan

OUT = Path(__file__).resolve().parents[2] / "loaders/src/test/resources/images"
EDGES = (1, 2, 3, 5, 7, 8, 9, 13, 15, 16, 17, 23, 31, 33, 40, 47, 49, 63, 64, 65, 67)
GREY, PLAIN = [(1, 1)], [(1, 1)] * 3
SAMPLINGS = {
    "444": PLAIN,
    "422": [(2, 1), (1, 1), (1, 1)],
    "420": [(2, 2), (1, 1), (1, 1)],
    "440": [(1, 2), (1, 1), (1, 1)],
    "411": [(4, 1), (1, 1), (1, 1)],
    "410": [(4, 2), (1, 1), (1, 1)],
    "1x4": [(1, 4), (1, 1), (1, 1)],
    "3x1": [(3, 1), (1, 1), (1, 1)],
    "1x3": [(1, 3), (1, 1), (1, 1)],
    "2x4-1x2": [(2, 2), (1, 2), (1, 1)],
    "chroma-differs": [(2, 2), (2, 1), (1, 2)],
    "luma-smaller": [(1, 1), (2, 2), (1, 1)],
    "thrice-half": [(1, 1), (2, 1), (1, 1)],
    "grey-2x2": [(2, 2)],
    "grey-3x1": [(3, 1)],
    "four": [(1, 1)] * 4,
    "four-420": [(2, 2), (1, 1), (1, 1), (2, 2)],
}
JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def adobe(transform: int) -> bytes:
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def picture(width: int, height: int, seed: int, components: int = 3) -> np.ndarray:
    """Smooth colours with noise and hard edges, so that every step of a decoder shows."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 110 * np.sin(x / (3 + c) + seed + c) * np.cos(y / (4 + c)) for c in range(components)]
    result = np.stack(waves, axis=-1) + rng.normal(0, 8, (height, width, components))
    result[height // 3 : height // 2, width // 3 : width // 2] = rng.integers(0, 256, components)
    return np.clip(result, 0, 255)


def edges(index: int) -> tuple[int, int]:
    return EDGES[index * 8 % len(EDGES)], EDGES[(index * 5 + 3) % len(EDGES)]


def of_pillow(files: dict[str, bytes]) -> None:
    kinds = itertools.product((4, 30, 75, 90, 97, 100), ("4:4:4", "4:2:2", "4:2:0"), (False, True))
    for index, (quality, sampling, progressive) in enumerate(kinds):
        for turn in range(2):
            width, height = edges(index + 37 * turn)
            image = Image.fromarray(picture(width, height, index).astype(np.uint8), "RGB")
            out = io.BytesIO()
            restart = {"restart_marker_blocks": index % 5 + 1} if turn else {}
            image.save(out, "JPEG", quality=quality, subsampling=sampling, progressive=progressive, **restart)
            kind = "progressive" if progressive else "baseline"
            name = f"pillow-{kind}-{sampling.replace(':', '')}-q{quality}{'-restart' if turn else ''}-{width}x{height}"
            files[name] = out.getvalue()


def encoder(index: int, sampling: list, quality: int = 80, **options) -> Encoder:
    width, height = edges(index)
    tables = [quality_table(quality, False), quality_table(quality, True)]
    return Encoder(width, height, sampling, tables, **options)


def of_every_kind(files: dict[str, bytes]) -> None:
    codings = [(a, p, m) for a in (False, True) for p, m in ((False, False), (False, True), (True, False))]
    for (i, (name, sampling)), (j, (arithmetic, progressive, many)) in itertools.product(
        enumerate(SAMPLINGS.items()), enumerate(codings)
    ):
        index = 7 * i + j
        e = encoder(index, sampling, arithmetic=arithmetic, progressive=progressive, restart=(0, 0, 1, 5)[index % 4])
        count = len(sampling)
        e.picture(picture(e.width, e.height, index, count))
        scans = progression(count) if progressive else one_by_one(count) if many else sequential(count)
        kind = ("arithmetic" if arithmetic else "huffman") + ("-progressive" if progressive else "-scans" if many else "")
        files[f"{kind}-{name}-r{e.restart}-{e.width}x{e.height}"] = e.encode(scans)


def of_every_color_space(files: dict[str, bytes]) -> None:
    heads = {"none": b"", "jfif": JFIF, "jfif-adobe0": JFIF + adobe(0)}
    heads |= {f"adobe{t}": adobe(t) for t in (0, 1, 2, 5)} | {"adobe-short": segment(0xEE, b"Adobe\0\x64\0\0\0")}
    ids = {"123": (1, 2, 3, 4), "RGB": tuple(b"RGBK"), "012": (0, 1, 2, 3), "same": (1, 1, 1, 1)}
    for index, ((head, data), (name, numbers)) in enumerate(itertools.product(heads.items(), ids.items())):
        for sampling in (PLAIN, PLAIN + GREY):
            e = encoder(index, sampling, 50, ids=numbers)
            e.picture(picture(e.width, e.height, index, len(sampling)))
            files[f"color-{len(sampling)}-{head}-{name}"] = e.encode(sequential(len(sampling)), data)


def of_wild_coefficients(files: dict[str, bytes]) -> None:
    """Sums that overflow 16 bits at every place of the transform."""
    rng = np.random.default_rng(17)
    for index, (dc, ac, density) in enumerate(
        itertools.product((40, 1000, 2047), (0, 12, 200, 1023), (0.05, 1.0))
    ):
        steps = [int(s) for s in rng.integers(1, (8, 60, 255)[index % 3] + 1, 64)]
        e = Encoder(*edges(index % 5 + 2), (GREY, PLAIN)[index % 2], [steps], progressive=False)
        files[f"wild-{dc}-{ac}-{density}"] = e.random(rng, dc, ac, density).encode(sequential(len(e.sampling)))
    for index in range(6):
        steps = [int(s) for s in rng.integers(1, 65536, 64)]
        e = Encoder(17, 9, GREY, [steps])
        files[f"wild-steps-{index}"] = e.random(rng, 900, 1 + 50 * index, 0.2).encode(sequential(1), wide_tables=True)


def of_incomplete_progressions(files: dict[str, bytes]) -> None:
    """Scans are missing at the end, or in between, so that libjpeg smooths blocks."""
    for i, (name, sampling) in enumerate((n, SAMPLINGS[n]) for n in ("444", "420", "440", "grey-2x2", "410")):
        count = len(sampling)
        whole = progression(count)
        chosen = {
            "dc": [Scan(range(count), 0, 0, 0, 0)],
            "dc-half": whole[:1],
            "one-band": [*whole[:1], Scan([0], 1, 2, 0, 1)],
            "late-band": [*whole[:1], Scan([0], 6, 63, 0, 2)],
            "half": whole[: len(whole) // 2],
            "all-but-one": whole[:-1],
            "dc-of-one": [Scan([0], 0, 0, 0, 0)],
        }
        for j, (part, scans) in enumerate(chosen.items()):
            for arithmetic in (False, True)[: 1 + (i < 2)]:
                e = encoder(3 * i + j, sampling, 40, progressive=True, arithmetic=arithmetic)
                e.picture(picture(e.width, e.height, i + j, count))
                coding = "arithmetic" if arithmetic else "huffman"
                files[f"incomplete-{coding}-{name}-{part}"] = e.encode(scans)


def damaged(files: dict[str, bytes]) -> None:
    """Changes behind the first scan header: bytes, gaps, insertions, restart markers, early ends."""
    rng = np.random.default_rng(23)
    bases = []
    for index, progressive in enumerate([False, True] * 4):
        sampling = list(SAMPLINGS.values())[index % 4]
        e = encoder(index + 9, sampling, progressive=progressive, restart=(0, 2, 3)[index % 3])
        e.picture(picture(e.width, e.height, index))
        bases.append(e.encode(progression(3) if progressive else sequential(3)))
    for index in range(96):
        data = bytearray(bases[index % len(bases)])
        at = int(rng.integers(data.find(b"\xff\xda"), len(data) - 2))
        restarts = [i for i in range(len(data) - 1) if data[i] == 0xFF and 0xD0 <= data[i + 1] <= 0xD7]
        restart = restarts[int(rng.integers(len(restarts)))] if restarts else at
        kind = ("byte", "gap", "insertion", "restart-number", "no-restart", "end", "no-end", "fill")[index // 8 % 8]
        match kind:
            case "byte":
                data[at] = int(rng.integers(256))
            case "gap":
                del data[at : at + int(rng.integers(1, 20))]
            case "insertion":
                data[at:at] = rng.integers(0, 256, 5, dtype=np.uint8).tobytes()
            case "restart-number":
                data[restart + 1] = 0xD0 + int(rng.integers(8))
            case "no-restart":
                del data[restart : restart + 2]
            case "end":
                data[at:] = b"\xff\xd9"
            case "no-end":
                del data[at:]
            case "fill":
                data[restart:restart] = b"\xff\xff\xff"
        files[f"damaged-{kind}-{index}"] = bytes(data)


def of_odd_structure(files: dict[str, bytes]) -> None:
    e = encoder(13, SAMPLINGS["420"])
    e.picture(picture(e.width, e.height, 1))
    plain = e.encode(sequential(3))
    scan = plain.find(b"\xff\xda")
    out = io.BytesIO()
    Image.fromarray(picture(40, 24, 5).astype(np.uint8), "RGB").save(out, "JPEG")
    standard = out.getvalue()
    without = bytearray(standard)
    while (at := without.find(b"\xff\xc4")) >= 0:
        del without[at : at + 2 + int.from_bytes(without[at + 2 : at + 4])]
    files["odd-no-huffman-tables"] = bytes(without)  # as in Motion JPEG
    files["odd-junk-between-segments"] = plain[:2] + plain[2:scan] + b"junk\xff\0" + plain[scan:]
    files["odd-fill-bytes"] = plain[:scan] + b"\xff\xff\xff" + plain[scan:]
    files["odd-comment"] = plain[:scan] + segment(0xFE, b"\xff\xd9") + plain[scan:]
    files["odd-junk-at-end"] = plain[:-2] + b"extra\xff\0\xff\xd3" + plain[-2:]
    files["odd-second-image"] = plain + plain
    files["odd-second-scan"] = plain[:-2] + plain[scan:]
    files["odd-second-frame"] = plain[:-2] + plain[plain.find(b"\xff\xc1") :]
    files["odd-unknown-marker"] = plain[:scan] + b"\xff\xf3\0\2" + plain[scan:]
    files["odd-tem-marker"] = plain[:scan] + b"\xff\x01" + plain[scan:]
    files["odd-lines-marker"] = plain[:scan] + segment(0xDC, b"\0\x20") + plain[scan:]
    files["odd-no-quantisation"] = plain.replace(b"\xff\xdb", b"\xff\xef")
    files["odd-no-end-marker"] = plain[:-2]
    files["odd-no-scan"] = plain[:scan] + b"\xff\xd9"
    for name, marker in (("lossless", 0xC3), ("hierarchical", 0xC5), ("lossless-arithmetic", 0xCB)):
        files[f"odd-{name}"] = plain.replace(b"\xff\xc1", bytes([0xFF, marker]))
    at = plain.find(b"\xff\xc1")
    for name, offset, value in (
        ("12-bit", 4, 12),
        ("no-height", 6, 0),
        ("sampling-0", 11, 0x01),
        ("sampling-5", 11, 0x51),
        ("sampling-3-to-2", 11, 0x32),
        ("table-3", 12, 3),
        ("two-components", 9, 2),
    ):
        changed = bytearray(plain)
        changed[at + offset] = value
        if name == "sampling-3-to-2":
            changed[at + 14] = 0x21
        files[f"odd-{name}"] = bytes(changed)
    for name, order in (("reversed", (2, 1, 0)), ("twice", (0, 0, 1)), ("missing", (0, 1))):
        files[f"odd-scan-{name}"] = encoder(9, PLAIN).picture(picture(*edges(9), 2)).encode([Scan(order)])


def of_whole_vectors(files: dict[str, bytes]) -> None:
    """Rows of samples as long as the groups of blocks that are transformed together, with nothing behind them."""
    image = Image.fromarray(picture(128, 40, 9).astype(np.uint8), "RGB")
    for sampling in ("4:4:4", "4:2:0"):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=30, subsampling=sampling)
        files[f"whole-vectors-{sampling.replace(':', '')}-128x40"] = out.getvalue()


def of_several_groups(files: dict[str, bytes]) -> None:
    """Wider than a group of blocks that are transformed together, of which a crop may leave out some."""
    for i, name in enumerate(("444", "422", "420", "411")):
        e = Encoder(617, 21, SAMPLINGS[name], [quality_table(20, False), quality_table(20, True)], progressive=i == 3)
        e.picture(picture(e.width, e.height, i))
        files[f"several-groups-{name}"] = e.encode(progression(3) if e.progressive else sequential(3))


def checksum(file: bytes) -> str:
    try:
        with Image.open(io.BytesIO(file)) as image:
            return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()
    except (OSError, SyntaxError, ValueError):
        return "refused"


def main() -> None:
    warnings.simplefilter("ignore")
    files: dict[str, bytes] = {}
    makers = (of_pillow, of_every_kind, of_every_color_space, of_wild_coefficients, of_incomplete_progressions)
    for make in (*makers, damaged, of_odd_structure, of_whole_vectors, of_several_groups):
        make(files)
    lines = []
    with zipfile.ZipFile(OUT / "jpegs.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{name}.jpg"), files[name], zipfile.ZIP_DEFLATED)
            lines.append(f"{checksum(files[name])} {name}.jpg\n")
    (OUT / "jpegs.sha256").write_text("".join(lines))
    refused = sum(line.startswith("refused") for line in lines)
    size = (OUT / "jpegs.zip").stat().st_size
    print(f"{len(lines)} files, {refused} refused, {size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
