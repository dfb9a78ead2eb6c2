"""Writes small vocabularies in the forms that checkpoints have, and what the reference libraries make of texts with them.

    python src/reference/make_tokenizer_goldens.py [--random COUNT FOLDER [CASES]]

Output: loaders/src/test/resources/tokenizers, or FOLDER with COUNT random texts: texts.txt.gz with a text a line, \\u escapes for
what is not printable ASCII; and a folder a case with the files of its tokenizer and ids.txt.gz: a line a text, the ids as the text
tower gets them without the padding at the end. Files of more than 10 kB are zipped. TokenizerReferenceTest.java reads both.

The cases in openai-* have CLIP's own vocabulary, which is not part of the project: the test takes it from the folder of test data.
"""

import fnmatch
import gzip
import json
import shutil
import string
import sys
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

import tvshim  # noqa: F401  (must come before torchvision)
import sentencepiece
from open_clip.tokenizer import HFTokenizer, SimpleTokenizer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from tokenizer_texts import PHRASES, golden_texts, random_texts
from transformers import AddedToken, AutoTokenizer, CLIPTokenizer, GemmaTokenizer, Siglip2Tokenizer, SiglipTokenizer, T5Tokenizer

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
    write_json(folder / "open_clip_config.json", {"model_cfg": {"embed_dim": 8, "vision_cfg": {}, "text_cfg": text}})


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


def train_sentencepiece(file: Path, **options) -> None:
    with file.open("wb") as out:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus()), model_writer=out, vocab_size=900, model_type="unigram", hard_vocab_limit=False, bos_id=-1,
            pad_id=0, eos_id=1, unk_id=2, character_coverage=0.99, minloglevel=2, **options,
        )


def siglip_config(folder: Path, kind: str, positions: int = 64) -> None:
    write_json(folder / "config.json", {"model_type": kind, "text_config": {"max_position_embeddings": positions}})


def unpadded(tokenizer, text: str, context: int) -> list[int]:
    """As SigLIP's processor calls it, without the padding at the end."""
    ids = tokenizer(text, padding="max_length", truncation=True, max_length=context).input_ids
    assert len(ids) == context
    while len(ids) > 1 and ids[-1] == tokenizer.pad_token_id:
        ids.pop()
    return ids


def siglip(folder: Path) -> Encode:
    """As google/siglip-* has it, but for the vocabulary."""
    train_sentencepiece(folder / "spiece.model", normalization_rule_name="nmt_nfkc")
    token = {"lstrip": True, "normalized": False, "rstrip": True, "single_word": False, "special": True}
    config = {
        "added_tokens_decoder": {"1": token | {"content": "</s>"}, "2": token | {"content": "<unk>"}}, "additional_special_tokens": [],
        "clean_up_tokenization_spaces": True, "do_lower_case": True, "eos_token": "</s>", "model_input_names": ["input_ids"],
        "model_max_length": 64, "pad_token": "</s>", "processor_class": "SiglipProcessor", "sp_model_kwargs": {},
        "tokenizer_class": "SiglipTokenizer", "unk_token": "<unk>",
    }
    write_json(folder / "tokenizer_config.json", config)
    siglip_config(folder, "siglip")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert isinstance(tokenizer, SiglipTokenizer)
    return lambda text: unpadded(tokenizer, text, 64)


def siglip_bytes(folder: Path) -> Encode:
    """As the multilingual ones: bytes for unknown characters. Without normalisation, in another context, with no configuration."""
    train_sentencepiece(folder / "spiece.model", normalization_rule_name="identity", byte_fallback=True)
    siglip_config(folder, "siglip", 32)
    tokenizer = SiglipTokenizer.from_pretrained(folder, do_lower_case=True)
    return lambda text: unpadded(tokenizer, text, 32)


def train_gemma() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """A vocabulary in the order of Gemma's: special tokens, bytes, and the rest."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=1200, limit_alphabet=200, show_progress=False))
    model = json.loads(tokenizer.to_str())["model"]
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<unused0>", "\n", "\n\n", "▁▁", "▁▁▁", "<table>"]
    tokens = special + [f"<0x{b:02X}>" for b in range(256)]
    tokens += [t for t in sorted(model["vocab"], key=model["vocab"].get) if t not in special]
    return {t: i for i, t in enumerate(tokens)}, [tuple(m) for m in model["merges"]]


def write_gemma(folder: Path) -> None:
    """As google/siglip2-* has it, but for the vocabulary."""
    vocab, merges = train_gemma()
    tokenizer = GemmaTokenizer(vocab=vocab, merges=merges, add_bos_token=False, add_eos_token=True, padding_side="right", model_max_length=64)
    plain = ["<unused0>", "\n", "\n\n", "▁▁", "▁▁▁", "<table>"]
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in plain])
    tokenizer.save_pretrained(folder)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config |= {"tokenizer_class": "GemmaTokenizer", "add_bos_token": False, "add_eos_token": True, "model_input_names": ["input_ids"]}
    config["added_tokens_decoder"] = {str(i): t.__getstate__() for i, t in tokenizer.added_tokens_decoder.items()}
    write_json(folder / "tokenizer_config.json", config)


def siglip2(folder: Path) -> Encode:
    write_gemma(folder)
    siglip_config(folder, "siglip2")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert type(tokenizer) is GemmaTokenizer
    return lambda text: unpadded(tokenizer, text, 64)


def siglip2_saved(folder: Path) -> Encode:
    """Lower case, as transformers 5 has it and saves it; start and end token from tokenizer.json."""
    vocab, merges = train_gemma()
    tokenizer = Siglip2Tokenizer(vocab=vocab, merges=merges, add_bos_token=True, add_eos_token=True, padding_side="right", model_max_length=64)
    tokenizer.save_pretrained(folder)
    siglip_config(folder, "siglip2")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert isinstance(tokenizer, Siglip2Tokenizer)
    return lambda text: unpadded(tokenizer, text, 64)


def open_clip_hf(folder: Path) -> Encode:
    write_open_clip(folder, {"context_length": 64, "hf_tokenizer_name": "timm/any", "tokenizer_kwargs": {"clean": "canonicalize"}})
    siglip_config(folder, "siglip")  # transformers wants to know the model; open_clip's folders have no such file
    tokenizer = HFTokenizer(str(folder), context_length=64, clean="canonicalize")
    (folder / "config.json").unlink()
    padding = tokenizer.tokenizer.pad_token_id

    def encode(text: str) -> list[int]:
        ids = tokenizer(text)[0].tolist()
        while len(ids) > 1 and ids[-1] == padding:
            ids.pop()
        return ids

    return encode


def nfkc_rules() -> Iterable[str]:
    """Single characters and letters with a mark as NFKC replaces them: code points, a tab, code points."""
    texts = [chr(c) for c in (*range(0xA0, 0x250), *range(0x2000, 0x2100), *range(0xFB00, 0xFB07), *range(0xFF01, 0xFFA0))]
    texts += [letter + mark for letter in string.ascii_letters for mark in "\u0300\u0301\u0302\u0303\u0308"]
    for text in texts:
        normal = unicodedata.normalize("NFKC", text)
        if normal != text:
            yield " ".join(f"{ord(c):X}" for c in text) + "\t" + " ".join(f"{ord(c):X}" for c in normal) + "\n"


def open_clip_siglip(folder: Path) -> Encode:
    """As timm/ViT-B-16-SigLIP has it, T5's tokenizer, but with a smaller normalisation."""
    rules = folder / "rules.tsv"
    rules.write_text("".join(nfkc_rules()))
    train_sentencepiece(folder / "spiece.model", normalization_rule_tsv=str(rules))
    rules.unlink()
    tokenizer = T5Tokenizer.from_pretrained(folder, extra_ids=0, model_max_length=64, pad_token="</s>")
    tokenizer.save_pretrained(folder)
    (folder / "spiece.model").unlink(missing_ok=True)
    return open_clip_hf(folder)


def open_clip_siglip2(folder: Path) -> Encode:
    write_gemma(folder)
    return open_clip_hf(folder)


CASES: dict[str, Callable[[Path], Encode]] = {
    "clip-files": clip_files,
    "clip-json": clip_json,
    "clip-legacy": clip_legacy,
    "open-clip": open_clip,
    "openai-open-clip": openai_open_clip,
    "openai-transformers": openai_transformers,
    "siglip": siglip,
    "siglip-bytes": siglip_bytes,
    "siglip2": siglip2,
    "siglip2-saved": siglip2_saved,
    "open-clip-siglip": open_clip_siglip,
    "open-clip-siglip2": open_clip_siglip2,
}


def main() -> None:
    out, texts, pattern = OUT, golden_texts(), "*"
    if len(sys.argv) >= 4 and sys.argv[1] == "--random":
        out, texts, pattern = Path(sys.argv[3]), list(random_texts(int(sys.argv[2]))), "".join(sys.argv[4:]) or "*"
    if pattern == "*":
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    write_lines(out / "texts.txt.gz", map(escaped, texts))
    for name, case in CASES.items():
        if not fnmatch.fnmatch(name, pattern):
            continue
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        encode = case(folder)
        write_lines(folder / "ids.txt.gz", (" ".join(map(str, encode(text))) for text in texts))
        for large in [f for f in folder.iterdir() if f.stat().st_size > 10_000 and f.suffix != ".gz"]:
            large.with_name(large.name + ".gz").write_bytes(gzip.compress(large.read_bytes(), 9, mtime=0))
            large.unlink()
        print(name, len(texts), (folder / "ids.txt.gz").stat().st_size)


if __name__ == "__main__":
    main()
