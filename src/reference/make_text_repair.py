"""Writes what repairing text takes: the named characters of HTML 5, and how ftfy tells text that was decoded wrongly.

    python src/reference/make_text_repair.py

Output: loaders/src/main/resources/ocellus/loaders/tokenizer/text-repair.txt, a line an entry: its kind, its name and its value,
with tabs between them and \\u escapes for what is not printable ASCII. TextRepairData.java reads it.

    entity     the name with its semicolon, if it has one, and what it stands for
    shouted    the same for names in capitals that ftfy understands
    charset    a single-byte encoding and what its bytes 0x80 to 0xff stand for
    class      characters that begin or go on UTF-8 that was decoded wrongly, as ranges
    pattern    a regular expression in Java's syntax; "bytes" in a name: over bytes as ISO-8859-1
"""

import html.entities
from pathlib import Path

import ftfy.bad_codecs  # noqa: F401  (registers the sloppy encodings)
from ftfy import badness, chardata

OUT = Path(__file__).resolve().parents[2] / "loaders/src/main/resources/ocellus/loaders/tokenizer/text-repair.txt"

# What Python's re takes for white space and word characters, in Java's syntax.
SPACES = r"[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
WORD = r"[\p{L}\p{N}_]"


def escaped(text: str) -> str:
    """The text as UTF-16 escapes where it is not printable ASCII."""
    units = text.encode("utf-16-be")
    codes = [units[i] << 8 | units[i + 1] for i in range(0, len(units), 2)]
    return "".join(chr(c) if 0x20 <= c < 0x7F and c != 0x5C else f"\\u{c:04x}" for c in codes)


def java_pattern(verbose: str) -> str:
    """A verbose regular expression of Python without its white space and comments, in Java's syntax."""
    out, i, in_class = [], 0, False
    while i < len(verbose):
        c = verbose[i]
        if c == "\\":
            pair = verbose[i : i + 2]
            out.append(pair if in_class else {"\\s": SPACES, "\\w": WORD}.get(pair, pair))
            i += 2
            continue
        if in_class:
            in_class = c != "]"
            out.append("\\" + c if c in "[&" else c)
        elif c == "#":
            i = verbose.index("\n", i)
        elif c == ".":
            out.append(r"[^\n]")
        elif not c.isspace():
            in_class = c == "["
            out.append(c)
        i += 1
    return "".join(out)



def entries():
    for name, value in html.entities.html5.items():
        yield "entity", name, escaped(value)
    for name, value in chardata.HTML_ENTITIES.items():
        if name[1:] not in html.entities.html5:
            yield "shouted", name[1:], escaped(value)
    for name in chardata.CHARMAP_ENCODINGS:
        yield "charset", name, escaped(bytes(range(0x80, 0x100)).decode(name))
    for name in ("utf8_first_of_2", "utf8_first_of_3", "utf8_first_of_4", "utf8_continuation", "utf8_continuation_strict"):
        yield "class", name, escaped("[" + chardata.UTF8_CLUES[name] + "]")
    yield "pattern", "badness", escaped(java_pattern(badness.BADNESS_RE.pattern))
    for name, pattern in (("altered-bytes", chardata.ALTERED_UTF8_RE), ("lossy-bytes", chardata.LOSSY_UTF8_RE)):
        yield "pattern", name, escaped(pattern.pattern.decode("latin-1"))


OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text("".join("\t".join(e) + "\n" for e in entries()), encoding="ascii")
