"""Writes small vocabularies in the forms that checkpoints have, and what the reference libraries make of texts with them.

    python src/reference/make_tokenizer_goldens.py [--random COUNT FOLDER]

Output: loaders/src/test/resources/tokenizers, or FOLDER with COUNT random texts: texts.txt.gz with a text a line, \\u escapes for
what is not printable ASCII; and a folder a case with the files of its tokenizer and ids.txt.gz: a line a text, the ids as the text
tower gets them without the padding at the end. TokenizerReferenceTest.java reads both.

The cases in openai-* have CLIP's own vocabulary, which is not part of the project: the test takes it from the folder of test data.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import tvshim  # noqa: F401  (must come before torchvision)
from open_clip.tokenizer import SimpleTokenizer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from tokenizer_texts import PHRASES, golden_texts, random_texts
from transformers import AutoTokenizer, CLIPTokenizer

OUT = Path(__file__).resolve().parents[2] / "loaders/src/test/resources/tokenizers"
START, END = "<|startoftext|>", "<|endoftext|>"
CONTEXT = 77

Encode = Callable[[str], list[int]]


def write_lines(file: Path, lines: Iterable[str]) -> None:
    with gzip.GzipFile(file, "wb", 9, mtime=0) as out:
        for line in lines:
            out.write(line.encode("ascii") + b"\n")


def escaped(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    codes = [units[i] << 8 | units[i + 1] for i in range(0, len(units), 2)]
    return "".join(chr(c) if 0x20 <= c < 0x7F and c != 0x5C else f"\\u{c:04x}" for c in codes)


def write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def corpus() -> list[str]:
    """Text to learn a vocabulary from: captions of many kinds, and each phrase a few times."""
    things = ["cat", "dog", "tench", "sunset over the sea", "old man with a guitar", "street market", "bottle of water", "T-shirt"]
    captions = [f"{a} photo of {b} {c}" for a in ("a", "a bad", "a close-up", "the") for b in ("a", "the", "many") for c in things]
    return captions + PHRASES * 3 + [p.lower() for p in PHRASES] * 3


def train_clip(folder: Path) -> None:
    """vocab.json and merges.txt in the order of CLIP's: bytes, bytes at the end of a word, merges, start, end."""
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=1500, end_of_word_suffix="</w>", initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    merges = [tuple(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]]
    alphabet = list(SimpleTokenizer().byte_encoder.values())
    tokens = alphabet + [a + "</w>" for a in alphabet] + list(dict.fromkeys("".join(m) for m in merges)) + [START, END]
    write_json(folder / "vocab.json", {t: i for i, t in enumerate(tokens)})
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")


def transformers_clip(folder: Path) -> Encode:
    write_json(folder / "config.json", {"model_type": "clip", "text_config": {"max_position_embeddings": CONTEXT}})
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert isinstance(tokenizer, CLIPTokenizer)
    return lambda text: tokenizer(text, truncation=True, max_length=CONTEXT).input_ids


def clip_files(folder: Path) -> Encode:
    train_clip(folder)
    return transformers_clip(folder)


def clip_json(folder: Path) -> Encode:
    """As transformers 5 saves it, and with added tokens of each kind."""
    train_clip(folder)
    tokenizer = CLIPTokenizer.from_pretrained(folder, model_max_length=CONTEXT)
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink()
    tokenizer.save_pretrained(folder)
    return transformers_clip(folder)


def clip_legacy(folder: Path) -> Encode:
    """With the start token looked for in lower-case text, and another padding, as published checkpoints have it."""
    train_clip(folder)
    ids = json.loads((folder / "vocab.json").read_text())
    added = {
        str(ids[token]): {"content": token, "lstrip": False, "normalized": normalized, "rstrip": False, "single_word": False, "special": True}
        for token, normalized in ((START, True), (END, False))
    }
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": CONTEXT, "pad_token": "!", "added_tokens_decoder": added}
    write_json(folder / "tokenizer_config.json", config)
    return transformers_clip(folder)


def simple(tokenizer: SimpleTokenizer, context: int) -> Encode:
    def encode(text: str) -> list[int]:
        row = tokenizer(text, context_length=context)[0].tolist()
        while row[-1] == 0:
            row.pop()
        return row

    return encode


def write_open_clip(folder: Path, text: dict) -> None:
    write_json(folder / "open_clip_config.json", {"model_cfg": {"embed_dim": 8, "text_cfg": text}})


def open_clip(folder: Path) -> Encode:
    """open_clip's tokenizer with a vocabulary of our own in place of the one it ships, and a context of 32."""
    train_clip(folder)
    write_open_clip(folder, {"context_length": 32})
    ids = json.loads((folder / "vocab.json").read_text())
    merges = [tuple(line.split(" ")) for line in (folder / "merges.txt").read_text().splitlines()[1:]]
    tokenizer = SimpleTokenizer()
    tokenizer.encoder = ids | {"<start_of_text>": ids[START], "<end_of_text>": ids[END]}
    tokenizer.bpe_ranks = {m: i for i, m in enumerate(merges)}
    tokenizer.sot_token_id, tokenizer.eot_token_id = ids[START], ids[END]
    return simple(tokenizer, 32)


def openai_open_clip(folder: Path) -> Encode:
    write_open_clip(folder, {})
    return simple(SimpleTokenizer(), CONTEXT)


def openai_transformers(folder: Path) -> Encode:
    vocabulary = SimpleTokenizer()
    tokens = [t for t, _ in sorted(vocabulary.encoder.items(), key=lambda e: e[1])][:-2] + [START, END]
    tokenizer = CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=list(vocabulary.bpe_ranks))
    write_json(folder / "config.json", {"model_type": "clip"})
    return lambda text: tokenizer(text, truncation=True, max_length=CONTEXT).input_ids


CASES: dict[str, Callable[[Path], Encode]] = {
    "clip-files": clip_files,
    "clip-json": clip_json,
    "clip-legacy": clip_legacy,
    "open-clip": open_clip,
    "openai-open-clip": openai_open_clip,
    "openai-transformers": openai_transformers,
}


def main() -> None:
    out, texts = OUT, golden_texts()
    if len(sys.argv) == 4 and sys.argv[1] == "--random":
        out, texts = Path(sys.argv[3]), list(random_texts(int(sys.argv[2])))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    write_lines(out / "texts.txt.gz", map(escaped, texts))
    for name, case in CASES.items():
        folder = out / name
        folder.mkdir()
        encode = case(folder)
        write_lines(folder / "ids.txt.gz", (" ".join(map(str, encode(text))) for text in texts))
        print(name, len(texts), (folder / "ids.txt.gz").stat().st_size)


if __name__ == "__main__":
    main()
