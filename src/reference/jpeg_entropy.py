"""The entropy coders of jpeg_encoder.py: Huffman and arithmetic coding of ISO/IEC 10918-1, sequential and progressive."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

# ISO/IEC 10918-1, table D.3: Qe, next state after the less and after the more probable symbol, whether they change places.
QE = [
    int(x, 16)
    for x in """5a1d 2586 1114 080b 03d8 01da 00e5 006f 0036 001a 000d 0006 0003 0001 5a7f 3f25 2cf2 207c 17b9 1182 0cef 09a1
    072f 055c 0406 0303 0240 01b1 0144 00f5 00b7 008a 0068 004e 003b 002c 5ae1 484c 3a0d 2ef1 261f 1f33 19a8 1518 1177 0e74 0bfb
    09f8 0861 0706 05cd 04de 040f 0363 02d4 025c 01f8 01a4 0160 0125 00f6 00cb 00ab 008f 5b12 4d04 412c 37d8 2fe8 293c 2379 1edf
    1aa9 174e 1424 119c 0f6b 0d51 0bb6 0a40 5832 4d1c 438e 3bdd 34ee 2eae 299a 2516 5570 4ca9 44d9 3e22 3824 32b4 2e17 56a8 4f46
    47e5 41cf 3c3d 375e 5231 4c0f 4639 415e 5627 50e7 4b85 5597 504f 5a10 5522 59eb 5a1d""".split()
]
AFTER_LESS = [
    int(x)
    for x in """1 14 16 18 20 23 25 28 30 33 35 9 10 12 15 36 38 39 40 42 43 45 46 48 49 51 52 54 56 57 59 60 62 63 32 33 37 64
    65 67 68 69 70 72 73 74 75 77 78 79 48 50 50 51 52 53 54 55 56 57 58 59 61 61 65 80 81 82 83 84 86 87 87 72 72 74 74 75 77
    77 80 88 89 90 91 92 93 86 88 95 96 97 99 99 93 95 101 102 103 104 99 105 106 107 103 105 108 109 110 111 110 112 112
    113""".split()
]
AFTER_MORE = {
    **{i: i + 1 for i in range(113)},
    **{13: 13, 35: 9, 63: 32, 79: 48, 87: 71, 94: 86, 100: 93, 104: 99, 107: 103, 109: 107, 111: 109, 112: 111, 113: 113},
}
SWITCH = {0, 14, 36, 64, 80, 88, 95, 105, 110, 112}


@dataclass
class Scan:
    """The components by index, the band, and the point transform of the scan before and of this one."""

    components: Sequence[int]
    first: int = 0
    last: int = 63
    high: int = 0
    low: int = 0


class Bits:
    """Bits to bytes, 0 stuffed behind 255, filled with ones."""

    def __init__(self) -> None:
        self.value, self.count = 0, 0

    def put(self, value: int, count: int) -> None:
        self.value = self.value << count | value & ((1 << count) - 1)
        self.count += count

    def bytes(self) -> bytes:
        fill = -self.count % 8
        self.put((1 << fill) - 1, fill)
        return self.value.to_bytes(self.count // 8, "big").replace(b"\xff", b"\xff\0")


class HuffmanSink:
    """Collects symbols with the bits behind them; their code is made when all are known."""

    def __init__(self) -> None:
        self.intervals: list[list[tuple[tuple[str, int], int, int, int]]] = [[]]

    def restart(self) -> None:
        self.intervals.append([])

    def symbol(self, table: tuple[str, int], symbol: int, value: int = 0, bits: int = 0) -> None:
        self.intervals[-1].append((table, symbol, value, bits))

    def bits(self, value: int, bits: int) -> None:
        self.intervals[-1].append((("", 0), 0, value, bits))

    def tables(self) -> dict[tuple[str, int], dict[int, tuple[int, int]]]:
        """For each table the code and its length of each symbol, in the order of the codes."""
        counts: dict[tuple[str, int], dict[int, int]] = {}
        for interval in self.intervals:
            for table, symbol, _, _ in interval:
                if table[0]:
                    of_table = counts.setdefault(table, {})
                    of_table[symbol] = of_table.get(symbol, 0) + 1
        return {table: code(of_table) for table, of_table in counts.items()}

    def data(self) -> list[bytes]:
        tables, result = self.tables(), []
        for interval in self.intervals:
            bits = Bits()
            for table, symbol, value, count in interval:
                if table[0]:
                    bits.put(*tables[table][symbol])
                bits.put(value, count)
            result.append(bits.bytes())
        return result


def code(counts: dict[int, int]) -> dict[int, tuple[int, int]]:
    """A code of at most 16 bits that leaves its last word, all ones, free."""
    total = sum(counts.values())
    symbols = sorted(counts, key=lambda s: (-counts[s], s))
    lengths = [min(16, max(1, math.ceil(math.log2(total / counts[s])))) for s in symbols]
    while sum(1 << (16 - n) for n in lengths) > (1 << 16) - 1:
        longest = max(i for i, n in enumerate(lengths) if n < 16)
        lengths[longest] += 1
    result, word, before = {}, 0, 0
    for length, symbol in sorted(zip(lengths, symbols), key=lambda pair: pair[0]):
        word <<= length - before
        result[symbol] = (word, length)
        word, before = word + 1, length
    return result


class ArithmeticSink:
    """The encoder of annex D.1."""

    def __init__(self) -> None:
        self.intervals: list[bytes] = []
        self.start()

    def start(self) -> None:
        self.a, self.c, self.count, self.stacked = 0x10000, 0, 11, 0
        self.out = bytearray(b"\0")
        self.statistics: dict[tuple, list[int]] = {}

    def restart(self) -> None:
        self.flush()
        self.start()

    def decide(self, place: tuple, bit: int) -> None:
        """Codes a decision; its place is a kind, a table and an index, or empty for even odds."""
        state = self.statistics.setdefault(place, [0, 0]) if place else [113, 0]
        index, probable = state
        qe = QE[index]
        self.a -= qe
        if bit == probable:
            if self.a >= 0x8000:
                return
            if self.a < qe:
                self.c, self.a = self.c + self.a, qe
            state[0] = AFTER_MORE[index]
        else:
            if self.a >= qe:
                self.c, self.a = self.c + self.a, qe
            state[0], state[1] = AFTER_LESS[index], probable ^ (index in SWITCH)
        while self.a < 0x8000:
            self.a, self.c, self.count = self.a << 1, self.c << 1, self.count - 1
            if self.count == 0:
                self.byte_out()
                self.count = 8

    def byte_out(self) -> None:
        top = self.c >> 19
        if top > 0xFF:
            self.out[-1] += 1
            if self.out[-1] == 0xFF:
                self.out.append(0)
            self.out += bytes(self.stacked)
            self.stacked = 0
            self.out.append(top & 0xFF)
            if self.out[-1] == 0xFF:
                self.out.append(0)
        elif top == 0xFF:
            self.stacked += 1
        else:
            self.out += b"\xff\0" * self.stacked
            self.stacked = 0
            self.out.append(top)
        self.c &= 0x7FFFF

    def flush(self) -> None:
        top = (self.c + self.a - 1) & ~0xFFFF
        self.c = (top + 0x8000 if top < self.c else top) << self.count
        self.byte_out()
        self.c <<= 8
        self.byte_out()
        self.out += b"\xff\0" * self.stacked
        data = bytes(self.out[1:]).rstrip(b"\0")
        self.intervals.append(data + b"\0" if data.endswith(b"\xff") else data)

    def data(self) -> list[bytes]:
        self.flush()
        return self.intervals


def category(value: int) -> int:
    return abs(value).bit_length()


def point(value: int, low: int) -> int:
    """The point transform of AC coefficients: division that rounds to zero."""
    return -(-value >> low) if value < 0 else value >> low


@dataclass
class HuffmanScan:
    """Codes the blocks of one scan by annexes F.1.2 and G.1.2."""

    scan: Scan
    progressive: bool
    sink: HuffmanSink = field(default_factory=HuffmanSink)
    end_run: int = 0
    corrections: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.predictions: dict[int, int] = {}

    def restart(self) -> None:
        self.end_band()
        self.predictions.clear()
        self.sink.restart()

    def block(self, component: int, table: int, block: Sequence[int]) -> None:
        scan = self.scan
        if scan.first == 0:
            if scan.high:
                self.sink.bits(int(block[0]) >> scan.low & 1, 1)
            else:
                self.dc(component, table, int(block[0]) >> scan.low)
        if scan.last == 0:
            return
        band = [point(int(v), scan.low) for v in block[max(1, scan.first) : scan.last + 1]]
        if scan.high:
            self.refine(table, band)
        else:
            self.band(table, band)

    def dc(self, component: int, table: int, value: int) -> None:
        difference = value - self.predictions.get(component, 0)
        self.predictions[component] = value
        size = category(difference)
        self.sink.symbol(("dc", table), size, difference - (difference < 0), size)

    def band(self, table: int, band: list[int]) -> None:
        run = 0
        for value in band:
            if value == 0:
                run += 1
                continue
            self.end_band()
            for _ in range(run // 16):
                self.sink.symbol(("ac", table), 0xF0)
            size = category(value)
            self.sink.symbol(("ac", table), run % 16 << 4 | size, value - (value < 0), size)
            run = 0
        self.end_of_block(table, run > 0, [])

    def end_of_block(self, table: int, zeros: bool, corrections: list[int]) -> None:
        if not self.progressive:
            if zeros:
                self.sink.symbol(("ac", table), 0)
        elif zeros or corrections:
            self.end_table = table
            self.end_run += 1
            self.corrections += corrections
            if self.end_run == 0x7FFF or len(self.corrections) > 900:
                self.end_band()

    def end_band(self) -> None:
        if self.end_run:
            size = self.end_run.bit_length() - 1
            self.sink.symbol(("ac", self.end_table), size << 4, self.end_run, size)
            for bit in self.corrections:
                self.sink.bits(bit, 1)
            self.end_run, self.corrections = 0, []

    def refine(self, table: int, band: list[int]) -> None:
        last = max((k for k, value in enumerate(band) if abs(value) == 1), default=-1)
        run, corrections = 0, []
        for k, value in enumerate(band):
            if value == 0:
                run += 1
                continue
            while run > 15 and k <= last:
                self.end_band()
                self.sink.symbol(("ac", table), 0xF0)
                for bit in corrections:
                    self.sink.bits(bit, 1)
                run, corrections = run - 16, []
            if abs(value) > 1:
                corrections.append(abs(value) & 1)
                continue
            self.end_band()
            self.sink.symbol(("ac", table), run << 4 | 1, int(value > 0), 1)
            for bit in corrections:
                self.sink.bits(bit, 1)
            run, corrections = 0, []
        self.end_of_block(table, run > 0, corrections)

    def data(self) -> list[bytes]:
        self.end_band()
        return self.sink.data()


@dataclass
class ArithmeticScan:
    """Codes the blocks of one scan by annexes F.1.4 and G.1.3, with the conditioning given or the default."""

    scan: Scan
    conditioning: tuple[int, int, int] = (0, 1, 5)

    def __post_init__(self) -> None:
        self.sink = ArithmeticSink()
        self.predictions: dict[int, int] = {}
        self.contexts: dict[int, int] = {}

    def restart(self) -> None:
        self.predictions.clear()
        self.contexts.clear()
        self.sink.restart()

    def block(self, component: int, table: int, block: Sequence[int]) -> None:
        scan = self.scan
        if scan.first == 0:
            if scan.high:
                self.sink.decide((), int(block[0]) >> scan.low & 1)
            else:
                self.dc(component, table, int(block[0]) >> scan.low)
        if scan.last == 0:
            return
        values = [point(int(v), scan.low) for v in block]
        if scan.high:
            self.refine(table, values)
        else:
            self.band(table, values)

    def magnitude(self, kind: str, table: int, first: int, rest: int, value: int) -> None:
        """What follows the sign; the first decisions of an AC coefficient share one place."""
        size = abs(value) - 1
        decide = self.sink.decide
        decide((kind, table, first), int(size > 0))
        at = first
        if size > 0:
            bits = size.bit_length() - 1
            if kind == "ac":
                decide((kind, table, first), int(bits > 0))
            if kind == "dc" or bits > 0:
                at = rest
                for _ in range(bits - (kind == "ac")):
                    decide((kind, table, at), 1)
                    at += 1
                decide((kind, table, at), 0)
            for i in reversed(range(bits)):
                decide((kind, table, at + 14), size >> i & 1)

    def dc(self, component: int, table: int, value: int) -> None:
        difference = value - self.predictions.get(component, 0)
        self.predictions[component] = value
        at = self.contexts.get(component, 0)
        self.sink.decide(("dc", table, at), int(difference != 0))
        context = 0
        if difference:
            negative = int(difference < 0)
            self.sink.decide(("dc", table, at + 1), negative)
            self.magnitude("dc", table, at + 2 + negative, 20, difference)
            size = abs(difference) - 1
            highest = 1 << size.bit_length() - 1 if size else 0
            if highest >= 1 << self.conditioning[0] >> 1:
                context = (12 if highest > 1 << self.conditioning[1] >> 1 else 4) + 4 * negative
        self.contexts[component] = context

    def band(self, table: int, values: list[int]) -> None:
        first = max(1, self.scan.first)
        last = max((k for k in range(first, self.scan.last + 1) if values[k]), default=first - 1)
        k = first
        while k <= last:
            self.sink.decide(("ac", table, 3 * (k - 1)), 0)
            while values[k] == 0:
                self.sink.decide(("ac", table, 3 * (k - 1) + 1), 0)
                k += 1
            self.sink.decide(("ac", table, 3 * (k - 1) + 1), 1)
            self.sink.decide((), int(values[k] < 0))
            rest = 189 if k <= self.conditioning[2] else 217
            self.magnitude("ac", table, 3 * (k - 1) + 2, rest, values[k])
            k += 1
        if k <= self.scan.last:
            self.sink.decide(("ac", table, 3 * (k - 1)), 1)

    def refine(self, table: int, values: list[int]) -> None:
        first, last = self.scan.first, self.scan.last
        end = max((k for k in range(first, last + 1) if values[k]), default=0)
        known = max((k for k in range(first, last + 1) if abs(values[k]) > 1), default=0)
        k = first
        while k <= end:
            if k > known:
                self.sink.decide(("ac", table, 3 * (k - 1)), 0)
            while values[k] == 0:
                self.sink.decide(("ac", table, 3 * (k - 1) + 1), 0)
                k += 1
            if abs(values[k]) > 1:
                self.sink.decide(("ac", table, 3 * (k - 1) + 2), abs(values[k]) & 1)
            else:
                self.sink.decide(("ac", table, 3 * (k - 1) + 1), 1)
                self.sink.decide((), int(values[k] < 0))
            k += 1
        if k <= last:
            self.sink.decide(("ac", table, 3 * (k - 1)), 1)

    def data(self) -> list[bytes]:
        return self.sink.data()
