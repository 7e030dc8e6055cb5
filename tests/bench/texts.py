"""Four kinds of text to count tokens of: English, code, Chinese, emoji; the same ones each time."""

import json
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROWS = 500
ROW_CHARACTERS = 2_000
_EMOJI = [
    *map(chr, [*range(0x1F600, 0x1F645), *range(0x1F400, 0x1F43F), *range(0x1F680, 0x1F6C6)]),
    *("👩\u200d👩\u200d👧", "🇩🇪", "❤\ufe0f", "👍🏽", "🎉", "👨\u200d💻", "🏳\ufe0f\u200d🌈"),
]
_SHOUTS = ("so", "happy", "thanks", "see you", "great job", "love this", "lol", "cannot wait", "ok")
_STOPS = "，，，，。。？！；："  # noqa: RUF001


def kinds() -> dict[str, list[str]]:
    """Return rows of text by their kind."""
    dice = random.Random(1)
    return {
        "english": list(_rows(_descriptions())),
        "code": list(_rows(_modules())),
        "chinese": list(_rows(_chinese(dice))),
        "emoji": list(_rows(_emoji(dice))),
    }


def _rows(text: str) -> Iterator[str]:
    for at in range(0, min(len(text), ROWS * ROW_CHARACTERS), ROW_CHARACTERS):
        yield text[at : at + ROW_CHARACTERS]


def _descriptions() -> str:
    """Return what the installed packages say of themselves: prose, lists, links."""
    folder = Path(sysconfig.get_path("purelib"))
    found = sorted(folder.glob("*.dist-info/METADATA"))
    return "\n".join(path.read_text(errors="ignore").partition("\n\n")[2] for path in found)


def _modules() -> str:
    found = sorted(Path(json.__file__).parent.parent.glob("*.py"))
    return "\n".join(path.read_text(errors="ignore") for path in found)


def _chinese(dice: random.Random) -> str:
    """Return common words in any order, with rarer letters between."""
    words = Path(__file__).with_name("chinese_words.txt").read_text(encoding="utf-8").split()
    pieces = []
    for _ in range(ROWS * ROW_CHARACTERS):
        rare = dice.random() < 0.05
        pieces.append(chr(dice.randrange(0x4E00, 0x9000)) if rare else dice.choice(words))
        if dice.random() < 0.15:
            pieces.append(dice.choice(_STOPS))
    return "".join(pieces)


def _emoji(dice: random.Random) -> str:
    pieces: list[str] = []
    for _ in range(ROWS * ROW_CHARACTERS // 10):
        pieces += [" ".join(dice.choices(_SHOUTS, k=dice.randint(1, 6))), " "]
        pieces += [*dice.choices(_EMOJI, k=dice.randint(1, 5)), " "]
    return "".join(pieces)
