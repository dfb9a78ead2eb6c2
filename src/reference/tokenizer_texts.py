"""The texts that tokenizers are compared on: a fixed list, and random ones of any number."""

import html.entities
import random
import unicodedata
from collections.abc import Iterator

import ftfy.bad_codecs  # noqa: F401  (registers the sloppy encodings)
from ftfy.chardata import CHARMAP_ENCODINGS

PHRASES = [
    "a photo of a cat", "a blurry photo of two dogs.", "The quick brown fox jumps over 13 lazy dogs!", "it's what we'll've seen",
    "I'd, you're, they'VE, DON'T, o'clock", "una fotografía de un gato pequeño", "Ein großer Bär fährt über die Straße",
    "l'été à la plage, où ça? Noël cœur", "zdjęcie żółwia na plaży", "fotoğraf: İstanbul'da ışıklı bir gece", "фотография собаки на снегу",
    "μια φωτογραφία ενός σκύλου ΣΤΗΝ ΟΔΟΣ ΟΔΥΣΣΕΑΣ", "תמונה של חתול", "صورة قطة على السرير ١٢٣", "कुत्ते की एक तस्वीर", "ภาพถ่ายของแมว",
    "一张猫的照片，二〇二六年", "犬の写真。カタカナ ｶﾀｶﾅ ひらがな", "고양이 사진", "bức ảnh một con mèo", "ფოტო კატა", "Կատվի լուսանկար",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789", "x²+y³=½ ⅷ Ⅻ ① ٣ ५ ๓ 〇", "©2026 ACME™ ®️ №5 §7 ¶",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇺🇳 1️⃣ #️⃣ ☺️ ☺ 🤷🏻‍♀️", "naïve café résumé coöperate", "naïve cafe\u0301 re\u0301sume\u0301",
    "ﬁne ﬂour oﬃce ﬅop Ǆ ĳs", "“curly” ‘quotes’ „low‟ ‚comma‛ ʼn", "ＦＵＬＬ　ＷＩＤＴＨ ﾊﾝｶｸ", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝐛𝐨𝐥𝐝 𝟙𝟚𝟛", "Å Å Å ñ n\u0303 ạ̈ ẛ̣ Ω K",
    "zero\u200bwidth\u200cjoin\u200der\u2060x\ufeffy", "right\u200fto\u200eleft \u202brtl\u202c \u2067iso\u2069", "tab\tnew\nline\r\nfeed\x0c\x0bx\x85y\u2028z\u2029",
    "http://example.com/a_b?c=d&e=f#g", "snake_case kebab-case camelCase __init__", "$1,234.56 50% (a) [b] {c} <d> a&b",
]
ENTITIES = [
    "&amp;", "&amp;amp;", "&amp;lt;", "&lt;b&gt;", "a &lt b", "&eacute;t&eacute", "P&EACUTE;REZ", "&NTILDE; &nTILDE;", "&#233;", "&#xe9;", "&#XE9", "&#128;",
    "&#0;", "&#x110000;", "&#xd800;", "&#59;", "&#38;amp;", "&notit; &notin; &not;", "this&not that", "&hellip;", "&nbsp;x", "&unknown;", "&;", "&#;", "&#x;",
    "&ThickSpace;", "&acE;", "&fjlig;", "AT&T", "R&D;", "<a href='x'>&eacute;</a>", "&quot;quoted&quot;", "&SZLIG; &BUNDESSTRA&SZLIG;E", "&#0000000000065;",
    "&#28;x", "&#xfffe; &#x1f600;", "&CounterClockwiseContourIntegral;", "&ampx", "&ltx", "x\n<y>\n&amp;",
]
SPECIAL = [
    "<|startoftext|>", "<|endoftext|>", "a <|endoftext|> b", "<|STARTOFTEXT|>!'s", "!<|startoftext|>!", "<start_of_text>", "x<end_of_text>y", "<Start_Of_Text>",
    "</s>", "<s>", "<unk>", "<pad>", "<eos> <bos>", "a </s> b", " <pad>x", "<mask>", "<0x41>", "▁", "▁▁a", "a▁b", " ▁ ", "</s></s>", "x </s>", "<unk> y",
]
MARKS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030c\u0323\u0327\u0328\u0345\u0338"
SIGMAS = ["Σ", "ΑΣ", "ΑΣ.", "ΑΣ'Α", "ΑΣ' ", "ΣΑΣ", "Α\u0301Σ\u0301", "ΑΣ\u00adΑ", "A.Σ", "Σ1", "1Σ", "aΣ:b", "ΑΣͅ", "ΑΣΣ ΣΣ"]


def misread(text: str) -> Iterator[str]:
    """The text as UTF-8 that was read in each of the single-byte encodings."""
    for encoding in CHARMAP_ENCODINGS:
        yield text.encode().decode(encoding, errors="replace")


def golden_texts() -> list[str]:
    """Each symbol of ASCII and Latin, words of many scripts, and what goes wrong with text."""
    texts = ["", " ", "\n", "\ufeff", "\ufffd", *PHRASES, *ENTITIES, *SPECIAL, *SIGMAS]
    for c in map(chr, range(0x80)):
        texts += [c, c + c, f"a{c}b", f"one {c} two", f"don'{c}t{c}", f"3{c}14"]
    for c in map(chr, range(0x80, 0x250)):
        texts += [c, f"x{c}y {c}"]
    texts += [base + mark for base in "aeioucnsIß" for mark in MARKS]
    texts += [a + b for a in ("\u1100\u1161", "\uac00", "\u0915", "\u05d0") for b in ("\u11a8", "\u0301", "\u093c", "\u05b8")]
    texts += [m for p in PHRASES[6:24] for m in misread(p)]
    texts += [f"{p} {m}" for p in PHRASES[:2] for m in misread("é “x” – 日本")]
    texts += [f"{p.upper()}" for p in PHRASES] + [f"  {p[::-1]}\t" for p in PHRASES]
    texts += [f"a {adjective} photo of the {thing}." for adjective in ("good", "bad", "low-res") for thing in ("tench", "pop bottle", "T-shirt", "jack-o'-lantern")]
    texts += ["word " * 200, "a" * 3000, "日本" * 800, "😀" * 500, "!?" * 700, "é&amp;" * 300, " " * 2000 + "x", "ab" * 1000 + " end", "1" * 500, "\u0301" * 300]
    return texts


def _assigned() -> list[int]:
    """The characters of the Unicode version that Python has."""
    return [c for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]


def random_texts(count: int, seed: int = 1) -> Iterator[str]:
    """Texts of characters that Unicode 14 has, from all of them and from those where things go wrong."""
    rng = random.Random(seed)
    assigned = _assigned()
    planes = [
        assigned, [c for c in assigned if c < 0x250], [c for c in assigned if c < 0x800], [c for c in assigned if c < 0x3000],
        list(range(0x20, 0x7F)), list(range(0x80, 0x100)), [c for c in assigned if 0x300 <= c < 0x370], [c for c in assigned if 0x370 <= c < 0x530],
        [c for c in assigned if 0x2000 <= c < 0x2070], [c for c in assigned if 0xFB00 <= c < 0xFB10 or 0xFE00 <= c <= 0xFFFF], [*range(0x21)],
    ]
    entities = ["&" + name for name in html.entities.html5] + ["&#%d;", "&#x%x", "&"]
    for _ in range(count):
        parts = []
        for _ in range(rng.randrange(8)):
            kind = rng.randrange(10)
            if kind < 5:
                plane = rng.choice(planes)
                parts.append("".join(chr(rng.choice(plane)) for _ in range(rng.randrange(1, 8))))
            elif kind < 7:
                parts.append(rng.choice(rng.choice(PHRASES).split()))
            elif kind < 8:
                parts.append(rng.choice(list(misread(rng.choice(rng.choice(PHRASES).split())))))
            elif kind < 9:
                entity = rng.choice(entities)
                parts.append(entity % rng.randrange(0x300) if "%" in entity else entity)
            else:
                parts.append(rng.choice(SPECIAL + SIGMAS + ["'s", "'T", " ", "  ", "\n", "_", "'ſ", "İ"]))
        yield rng.choice(["", " ", " "]).join(parts)
