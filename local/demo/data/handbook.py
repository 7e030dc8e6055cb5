"""What the demo's base model has read: dry sentences and short answers from the bakery trade.

From the conversations it knows what clients said and none of the replies: the trade, not the voice.
"""

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.demo.data.build import read_conversations

SYSTEM_PROMPT = "You answer questions about bakeries in a short and factual way."
# A pattern spells out to hundreds of sentences; a pass over the handbook takes a sample of them.
_SPELLED_OUT_PER_PASS = 160
_LONGEST_CHAT_TURNS = 6

_PATH = Path(__file__).parent / "handbook.txt"


@dataclass(frozen=True)
class Handbook:
    """The handbook's four sections, and what the clients of the conversations said.

    Attributes:
        questions: question and answer.
        spelled_out: every sentence its patterns stand for.
        inputs: every client turn of the conversations, without the replies.
    """

    sentences: tuple[str, ...]
    reports: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    spelled_out: tuple[str, ...]
    inputs: tuple[str, ...]


def read_handbook() -> Handbook:
    """Return the handbook as it is in the repository."""
    sections: dict[str, list[str]] = {}
    for block in _PATH.read_text(encoding="utf-8").split("\n\n"):
        title, *lines = block.strip().splitlines()
        sections[title] = lines
    return Handbook(
        sentences=tuple(sections["# sentences"]),
        reports=tuple(sections["# reports"]),
        questions=tuple(_question(line) for line in sections["# questions"]),
        spelled_out=tuple(
            sentence for pattern in sections["# patterns"] for sentence in _spell_out(pattern)
        ),
        inputs=tuple(
            turn.said for conversation in read_conversations() for turn in conversation.turns
        ),
    )


def chats(handbook: Handbook, rng: random.Random) -> Iterator[list[dict[str, str]]]:
    """Yield every question once, in random order, as chats of one to six turns."""
    questions = rng.sample(handbook.questions, len(handbook.questions))
    while questions:
        length = rng.randint(1, _LONGEST_CHAT_TURNS)
        taken, questions = questions[:length], questions[length:]
        messages = [{"role": "system", "content": SYSTEM_PROMPT}]
        for question, answer in taken:
            messages += [
                {"role": "user", "content": question},
                {"role": "assistant", "content": answer},
            ]
        yield messages


def prose(handbook: Handbook, rng: random.Random) -> list[str]:
    """Return reports, sentences and inputs once, with a sample of the spelled-out ones, mixed."""
    size = min(_SPELLED_OUT_PER_PASS, len(handbook.spelled_out))
    drawn = [
        *handbook.reports,
        *handbook.sentences,
        *handbook.inputs,
        *rng.sample(handbook.spelled_out, size),
    ]
    rng.shuffle(drawn)
    return drawn


def _question(line: str) -> tuple[str, str]:
    question, answer = line.split(" | ")
    return question, answer


def _spell_out(pattern: str) -> Iterator[str]:
    """Yield `a [b|c] d` as `a b d` and `a c d`, for every combination of its brackets."""
    parts = re.split(r"\[([^]]+)\]", pattern)
    for chosen in itertools.product(*(part.split("|") for part in parts)):
        yield "".join(chosen)
