"""What the good golden files say, row by row, written by hand.

A turn is (role, text), with a `*` before the role where it trains.
"""

from typing import NamedTuple


class Good(NamedTuple):
    """One row that trains: its line, its conversation (if named) and its turns."""

    line: int
    conversation_id: str | None
    turns: tuple[tuple[str, str | None], ...]


FILES: dict[str, tuple[Good, ...]] = {
    "openai_chat.jsonl": (
        Good(
            1,
            None,
            (
                ("system", "Be brief."),
                ("user", "Rain in Bern?"),
                ("*assistant", None),
                ("tool", "yes"),
                ("*assistant", "Yes."),
            ),
        ),
        Good(
            3,
            None,
            (("user", "one"), ("assistant", "uno"), ("user", "two"), ("*assistant", "dos")),
        ),
    ),
    "prompt_completion.jsonl": (
        Good(1, None, (("user", "Two and two?"), ("*assistant", " Four."))),
        Good(2, None, (("user", "a"), ("assistant", "b"), ("user", "c"), ("*assistant", "d"))),
    ),
    "alpaca.json": (
        Good(
            1,
            None,
            (
                ("system", "You translate."),
                ("user", "Translate to French.\ncat"),
                ("*assistant", "chat"),
            ),
        ),
        Good(
            2,
            None,
            (
                ("user", "A cat?"),
                ("*assistant", "chat"),
                ("user", "And a dog?"),
                ("*assistant", "chien"),
            ),
        ),
    ),
    "sharegpt.jsonl": (
        Good(1, "x1", (("system", "Be kind."), ("user", "hi"), ("*assistant", "hello"))),
        Good(
            2,
            "x2",
            (
                ("user", "rain?"),
                ("*assistant", None),
                ("tool", "yes"),
                ("*assistant", "Yes."),
            ),
        ),
    ),
    "conversations.jsonl": (Good(1, None, (("system", "s"), ("user", "a"), ("*assistant", "b"))),),
    "turns.jsonl": (
        Good(1, "c7", (("user", "a"), ("*assistant", "b"))),
        Good(2, "8", (("user", "c"), ("*assistant", "d"))),
    ),
    "brightrun_v4.jsonl": (
        Good(
            2,
            "c1",
            (("system", "Be warm."), ("user", "I am stuck."), ("*assistant", "Let us look.")),
        ),
        Good(
            3,
            "c1",
            (
                ("system", "Be warm."),
                ("user", "I am stuck."),
                ("assistant", "Let us look."),
                ("user", "Where?"),
                ("*assistant", "Here."),
            ),
        ),
        Good(
            5,
            "c2",
            (("user", "Hello"), ("assistant", "Hi."), ("user", "Bye"), ("*assistant", "Bye.")),
        ),
    ),
    "preference.jsonl": (),
}
# rows, trained, skipped, pairs, skipped pairs, conversations
LEDGERS: dict[str, tuple[int, int, int, int, int, int]] = {
    "openai_chat.jsonl": (2, 2, 0, 3, 1, 2),
    "prompt_completion.jsonl": (2, 2, 0, 2, 0, 2),
    "alpaca.json": (2, 2, 0, 3, 0, 2),
    "sharegpt.jsonl": (2, 2, 0, 3, 0, 2),
    "conversations.jsonl": (1, 1, 0, 1, 0, 1),
    "turns.jsonl": (2, 2, 0, 2, 0, 2),
    "brightrun_v4.jsonl": (4, 3, 1, 3, 1, 2),
    "preference.jsonl": (1, 0, 1, 0, 1, 0),
}
