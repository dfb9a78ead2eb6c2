"""Writes small PBM, PGM and PPM files, plain and raw, with every kind of maximum, and what Pillow reads from them.

    python src/reference/make_pnm_goldens.py

Output, in loaders/src/test/resources/pnm: the files, and pnm.sha256, one line a file: the SHA-256 of its RGB bytes, row by row, as
Image.open(file).convert("RGB") gives them, or "refused" where Pillow raises, then the file name.
"""

from pathlib import Path

import numpy as np

from make_image_goldens import rgb

OUT = Path(__file__).resolve().parents[2] / "loaders/src/test/resources/pnm"
WIDTH, HEIGHT = 13, 7

random = np.random.default_rng(7)


def levels(maximum: int, channels: int) -> np.ndarray:
    return random.integers(0, maximum + 1, WIDTH * HEIGHT * channels)


def plain(kind: int, maximum: int, channels: int, between: str = " ") -> bytes:
    head = f"P{kind}\n{WIDTH} {HEIGHT}\n" + (f"{maximum}\n" if kind > 1 else "")
    return (head + between.join(str(level) for level in levels(maximum, channels)) + "\n").encode()


def raw(kind: int, maximum: int, channels: int) -> bytes:
    head = f"P{kind} {WIDTH} {HEIGHT} {maximum}\n".encode()
    return head + levels(maximum, channels).astype(">u2" if maximum > 255 else "u1").tobytes()


def files() -> dict[str, bytes]:
    bits = (f"P4 {WIDTH}\n{HEIGHT}\n").encode() + random.bytes((WIDTH + 7) // 8 * HEIGHT)
    result = {"raw.pbm": bits, "plain.pbm": plain(1, 1, 1), "plain-dense.pbm": plain(1, 1, 1, "")}
    for maximum in (1, 7, 100, 254, 255, 256, 1000, 4095, 65535):
        result[f"raw-{maximum}.pgm"] = raw(5, maximum, 1)
        result[f"raw-{maximum}.ppm"] = raw(6, maximum, 3)
        result[f"plain-{maximum}.pgm"] = plain(2, maximum, 1)
        result[f"plain-{maximum}.ppm"] = plain(3, maximum, 3)
    result["above-maximum-raw.pgm"] = b"P5 3 1 100\n" + bytes([100, 101, 255])
    result["above-maximum-plain.pgm"] = b"P2 3 1 100\n 100 101 255\n"
    result["comments.ppm"] = b"P3\n# a comment\n2 # and another\n 1 25#within\n5\n1 2 #\r3\t4\v5\f6"
    result["no-maximum.pgm"] = b"P5 3 1 "
    result["maximum-0.pgm"] = b"P5 3 1 0\nabc"
    result["maximum-65536.pgm"] = b"P5 3 1 65536\nabcdef"
    result["truncated-raw.pbm"] = bits[:-1]
    result["truncated-raw.pgm"] = b"P5 3 2 255\nabcde"
    result["truncated-raw-100.pgm"] = b"P5 3 2 100\nabcde"
    result["truncated-plain.pgm"] = b"P2 3 2 255\n1 2 3 4 5"
    result["truncated-plain.pbm"] = b"P1 3 2 10101"
    result["trailing.pgm"] = b"P2 2 1 255\n1 2 what else"
    result["trailing.pbm"] = b"P1 2 1\n10 what else"
    result["negative.pgm"] = b"P2 2 1 255\n1 -2"
    result["long-number.pgm"] = b"P2 2 1 255\n1 00000000002"
    result["long-enough-number.pgm"] = b"P2 2 1 255\n1 0000000002"
    return result


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    lines = []
    for name, content in sorted(files().items()):
        path = OUT / name
        path.write_bytes(content)
        lines.append(f"{rgb(path, lambda image: image)} {name}\n")
    (OUT / "pnm.sha256").write_text("".join(lines))
    print(f"{len(lines)} images, {sum(line.startswith('refused') for line in lines)} refused")


if __name__ == "__main__":
    main()
