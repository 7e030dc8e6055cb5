"""How fast text becomes tokens, next to `tokenizers` on the same core, and what differs.

    python -m tests.bench.bench_tokens [--tokenizer path/to/tokenizer.json]

Four kinds of text, made up: English, code, Chinese, emoji. Without a tokenizer of one's own, one
of 32,000 tokens is trained on the four, with the steps of current models. CPU seconds of one
thread, both readers in one run; the first pass and the second, in which texts come again.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from brightrun.datasets.tokenizing.text_tokenizer import TextTokenizer
from tests.bench.generated import chat_rows
from tests.support.token_families import FAMILIES

WANTED_TIMES = 20
_ROWS = 400
_ROW_CHARACTERS = 2_000
_EMOJI = ("😀", "👩\u200d👩\u200d👧", "🇩🇪", "❤\ufe0f", "👍🏽", "🎉", " ", "ok ")


def main() -> int:
    """Print the figures as JSON; fail when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokenizer", type=Path)
    asked = parser.parse_args()
    figures = figures_of(None if asked.tokenizer is None else asked.tokenizer.read_bytes())
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 0 if all(keeps_its_promises(each) for each in figures.values()) else 1


def figures_of(tokenizer_json: bytes | None = None) -> dict[str, dict[str, float]]:
    """Return the figures of each kind of text."""
    os.environ["RAYON_NUM_THREADS"] = "1"
    texts = {kind: list(rows) for kind, rows in kinds().items()}
    source = tokenizer_json or trained([row for rows in texts.values() for row in rows])
    return {kind: _measured(source, rows) for kind, rows in texts.items()}


def keeps_its_promises(figures: dict[str, float]) -> bool:
    """Whether the tokens are the same and come fast enough."""
    return not figures["rows_that_differ"] and figures["times"] >= WANTED_TIMES


def kinds() -> dict[str, Iterator[str]]:
    """Return rows of text by their kind, the same ones each time."""
    dice = random.Random(1)
    modules = sorted(Path(json.__file__).parent.parent.glob("*.py"))[:60]
    return {
        "english": _rows(" ".join(_prose(dice))),
        "code": _rows("\n".join(path.read_text(errors="ignore") for path in modules)),
        "chinese": _rows("".join(_chinese(dice))),
        "emoji": _rows("".join(dice.choice(_EMOJI) for _ in range(_ROWS * _ROW_CHARACTERS // 2))),
    }


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


def _measured(source: bytes, rows: list[str]) -> dict[str, float]:
    tokenizer = TextTokenizer(source)
    megabytes = sum(len(row.encode()) for row in rows) / 1e6
    slow = _seconds(lambda row: tokenizer.full.encode(row, add_special_tokens=False).ids, rows)
    fast, again = (_seconds(lambda row: tokenizer.tokens(row).ids, rows) for _ in range(2))
    differing = sum(
        tokenizer.tokens(row).ids != tokenizer.full.encode(row, add_special_tokens=False).ids
        for row in rows
    )
    return {
        "megabytes": round(megabytes, 2),
        "tokenizers_mb_per_s": round(megabytes / slow, 2),
        "ours_mb_per_s": round(megabytes / fast, 1),
        "times": round(slow / fast, 1),
        "times_for_texts_seen_before": round(slow / again, 1),
        "rows_that_differ": differing,
    }


def _seconds(read: Callable[[str], list[int]], rows: list[str]) -> float:
    """Return the CPU seconds of reading the rows; nothing is kept of them."""
    start = time.process_time()
    for row in rows:
        read(row)
    return time.process_time() - start


def _rows(text: str) -> Iterator[str]:
    for at in range(0, min(len(text), _ROWS * _ROW_CHARACTERS), _ROW_CHARACTERS):
        yield f"<|im_start|>user\n{text[at : at + _ROW_CHARACTERS]}<|im_end|>\n"


def _prose(dice: random.Random) -> Iterator[str]:
    for number, row in enumerate(chat_rows(dice)):
        if number >= _ROWS:
            return
        yield from (message["content"] for message in row["messages"])


def _chinese(dice: random.Random) -> Iterator[str]:
    """Yield characters as often as they come in print: a few hundred make up most of it."""
    for _ in range(_ROWS * _ROW_CHARACTERS):
        comma = dice.random() < 0.1
        yield dice.choice("，。？！") if comma else chr(0x4E00 + int(dice.expovariate(1 / 400)))  # noqa: RUF001


if __name__ == "__main__":
    raise SystemExit(main())
