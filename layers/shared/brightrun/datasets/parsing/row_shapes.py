"""What can be counted of a row: its roles as a shape that rows share, and its texts. Pure."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec

from brightrun.datasets.parsing.exact_json import compact_bytes
from brightrun.datasets.parsing.examples import Message, Row

MAX_SHAPES = 4096


class Shape(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What the roles of a row alone decide; rows of one shape share one object.

    Attributes:
        trained: positions of the turns that train; `answers` picks their texts.
        own_turns: turns that no other row repeats.
        key: differs for shapes that differ, within one process.
    """

    roles: tuple[str, ...]
    trained: tuple[int, ...]
    answers: Callable[[Sequence[str]], Any]
    turns: int
    own_turns: int
    pairs: int
    skipped_targets: int
    key: int


def _nothing(_: Sequence[str]) -> tuple[()]:
    return ()


@lru_cache(MAX_SHAPES)
def shape_of(
    roles: tuple[str, ...], trained: tuple[int, ...], own_turns: int, skipped_targets: int = 0
) -> Shape:
    # A single position would pick a bare string: the slice keeps it a sequence of texts.
    match trained:
        case ():
            answers: Callable[[Sequence[str]], Any] = _nothing
        case (only,):
            answers = itemgetter(slice(only, only + 1))
        case _:
            answers = itemgetter(*trained)
    return Shape(
        roles,
        trained,
        answers,
        len(roles),
        own_turns,
        len(trained),
        skipped_targets,
        hash((roles, trained)),
    )


class FastRow(msgspec.Struct, frozen=True, gc=False):
    """A row without tools, names, weights or findings: roles and texts say all of it."""

    shape: Shape
    texts: list[str]
    conversation_id: str | None = None

    def row(self) -> Row:
        """Return the row as the slow reading would."""
        trained = frozenset(self.shape.trained)
        turns = tuple(
            Message(role, text, trained=at in trained)
            for at, (role, text) in enumerate(zip(self.shape.roles, self.texts, strict=True))
        )
        return Row(
            turns,
            conversation_id=self.conversation_id,
            skipped_targets=self.shape.skipped_targets,
        )


def as_plain(row: Row) -> FastRow:
    """Return what can be counted of any row; what tools say counts as text."""
    texts = [turn.content or "" for turn in row.messages]
    for at, turn in enumerate(row.messages):
        if turn.tool_calls is not None or turn.reasoning_content is not None:
            calls = compact_bytes(turn.tool_calls or ()).decode()
            texts[at] = f"{turn.reasoning_content or ''}{texts[at]}{calls}"
    roles = tuple(turn.role for turn in row.messages)
    trained = (
        ()
        if row.rejected is not None
        else tuple(at for at, turn in enumerate(row.messages) if turn.trained)
    )
    named = row.conversation_id is not None and roles[-1:] == ("assistant",) and len(trained) == 1
    own_turns = 2 if named else len(roles) - roles.count("system")
    if row.tools is not None:
        texts.append(compact_bytes(row.tools).decode())
    shape = shape_of(roles, trained, own_turns, row.skipped_targets)
    return FastRow(shape, texts, row.conversation_id)
