"""A JPEG encoder for test files: everything of ISO/IEC 10918-1 that Pillow does not write.

Any sampling factors, Huffman and arithmetic coding, sequential and progressive, any scans, restart intervals, and coefficients
that no picture has. It is slow, and its Huffman tables are not quite the best.

    encoder = Encoder(width, height, [(2, 2), (1, 1), (1, 1)], tables, arithmetic=True)
    file = encoder.picture(samples).encode(sequential(3))
"""

import math
import struct
from collections.abc import Iterable, Sequence

import numpy as np

from jpeg_entropy import ArithmeticScan, HuffmanScan, Scan

ZIGZAG = sorted(range(64), key=lambda i: (i // 8 + i % 8, (i // 8 if (i // 8 + i % 8) % 2 else i % 8)))

def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def quality_table(quality: int, chroma: bool) -> list[int]:
    """Step sizes in natural order that grow with frequency; not those of annex K, but like them."""
    scale = 50 / quality if quality < 50 else 2 - quality / 50
    base = [(9 if chroma else 6) + (i // 8 + i % 8) * (9 if chroma else 6) for i in range(64)]
    return [min(255, max(1, round(b * scale))) for b in base]


DCT = np.array(
    [[math.sqrt((1 if k == 0 else 2) / 8) * math.cos((2 * n + 1) * k * math.pi / 16) for n in range(8)] for k in range(8)]
)


class Encoder:
    """A picture of some components and how it is coded."""

    def __init__(
        self,
        width: int,
        height: int,
        sampling: Sequence[tuple[int, int]],
        tables: Sequence[list[int]],
        arithmetic: bool = False,
        progressive: bool = False,
        restart: int = 0,
        ids: Sequence[int] = (1, 2, 3, 4),
    ) -> None:
        self.width, self.height, self.sampling, self.tables = width, height, list(sampling), list(tables)
        self.arithmetic, self.progressive, self.restart, self.ids = arithmetic, progressive, restart, ids
        self.h = max(h for h, _ in sampling)
        self.v = max(v for _, v in sampling)
        self.mcus = (math.ceil(width / (8 * self.h)), math.ceil(height / (8 * self.v)))
        self.blocks: list[np.ndarray] = []

    def size(self, component: int) -> tuple[int, int]:
        h, v = self.sampling[component]
        return math.ceil(self.width * h / self.h), math.ceil(self.height * v / self.v)

    def padded(self, component: int) -> tuple[int, int]:
        h, v = self.sampling[component]
        return self.mcus[0] * h, self.mcus[1] * v

    def table(self, component: int) -> int:
        return min(component, len(self.tables) - 1)

    def picture(self, picture: np.ndarray) -> "Encoder":
        """Coefficients of samples [height, width, components]."""
        for c, (h, v) in enumerate(self.sampling):
            wide, high = self.padded(c)
            y = np.minimum(np.arange(8 * high) * self.v // v, self.height - 1)
            x = np.minimum(np.arange(8 * wide) * self.h // h, self.width - 1)
            samples = picture[y][:, x, c].astype(float) - 128
            blocks = samples.reshape(high, 8, wide, 8).transpose(0, 2, 1, 3)
            steps = np.array(self.tables[self.table(c)]).reshape(8, 8)
            quantised = np.round(DCT @ blocks @ DCT.T / steps).astype(int)
            self.blocks.append(quantised.reshape(high, wide, 64)[:, :, ZIGZAG])
        return self

    def random(self, rng: np.random.Generator, dc: int, ac: int, density: float) -> "Encoder":
        """Coefficients that are no picture, up to these sizes."""
        for c in range(len(self.sampling)):
            wide, high = self.padded(c)
            blocks = rng.integers(-ac, ac + 1, (high, wide, 64)) * (rng.random((high, wide, 64)) < density)
            blocks[:, :, 0] = rng.integers(-dc, dc + 1, (high, wide))
            self.blocks.append(blocks)
        return self

    def encode(self, scans: Iterable[Scan], head: bytes = b"", wide_tables: bool = False) -> bytes:
        out = [b"\xff\xd8", head]
        for number, table in enumerate(self.tables):
            steps = [table[i] for i in ZIGZAG]
            if wide_tables:
                out.append(segment(0xDB, bytes([0x10 | number]) + struct.pack(">64H", *steps)))
            else:
                out.append(segment(0xDB, bytes([number, *steps])))
        frame = {(False, False): 0xC1, (False, True): 0xC2, (True, False): 0xC9, (True, True): 0xCA}
        parts = [bytes([self.ids[c], h << 4 | v, self.table(c)]) for c, (h, v) in enumerate(self.sampling)]
        header = struct.pack(">BHHB", 8, self.height, self.width, len(parts)) + b"".join(parts)
        out.append(segment(frame[self.arithmetic, self.progressive], header))
        if self.restart:
            out.append(segment(0xDD, struct.pack(">H", self.restart)))
        out += [self.scan(scan) for scan in scans]
        return b"".join([*out, b"\xff\xd9"])

    def scan(self, scan: Scan) -> bytes:
        coder = ArithmeticScan(scan) if self.arithmetic else HuffmanScan(scan, self.progressive)
        for i, blocks in enumerate(self.mcus_of(scan)):
            if self.restart and i and i % self.restart == 0:
                coder.restart()
            for component, block in blocks:
                coder.block(component, min(component, 1), block)
        data = coder.data()
        out = []
        if not self.arithmetic:
            for (kind, table), codes in coder.sink.tables().items():
                lengths = [n for _, n in codes.values()]
                counts = bytes(lengths.count(n) for n in range(1, 17))
                out.append(segment(0xC4, bytes([(kind == "ac") << 4 | table]) + counts + bytes(codes)))
        parts = [bytes([self.ids[c], min(c, 1) * 0x11]) for c in scan.components]
        band = bytes([scan.first, scan.last, scan.high << 4 | scan.low])
        out.append(segment(0xDA, bytes([len(parts)]) + b"".join(parts) + band))
        for i, interval in enumerate(data):
            out.append((bytes([0xFF, 0xD0 + (i - 1) % 8]) if i else b"") + interval)
        return b"".join(out)

    def mcus_of(self, scan: Scan) -> Iterable[list[tuple[int, np.ndarray]]]:
        if len(scan.components) == 1:
            c = scan.components[0]
            width, height = self.size(c)
            for y in range(math.ceil(height / 8)):
                for x in range(math.ceil(width / 8)):
                    yield [(c, self.blocks[c][y, x])]
            return
        for y in range(self.mcus[1]):
            for x in range(self.mcus[0]):
                yield [
                    (c, self.blocks[c][y * v + j, x * h + i])
                    for c in scan.components
                    for h, v in [self.sampling[c]]
                    for j in range(v)
                    for i in range(h)
                ]


def sequential(components: int) -> list[Scan]:
    return [Scan(range(components))]


def one_by_one(components: int) -> list[Scan]:
    return [Scan([c]) for c in range(components)]


def progression(components: int) -> list[Scan]:
    """DC and two bands, each in two steps."""
    scans = [Scan(range(components), 0, 0, 0, 1)]
    for c in range(components):
        scans += [Scan([c], 1, 5, 0, 2), Scan([c], 6, 63, 0, 2)]
    scans += [Scan([c], 1, 63, 2, 1) for c in range(components)]
    scans.append(Scan(range(components), 0, 0, 1, 0))
    return scans + [Scan([c], 1, 63, 1, 0) for c in range(components)]
