"""Whether a conversation has an answer to learn from, and turns in the usual order. Pure."""

from itertools import pairwise

from brightrun.datasets.parsing.examples import Message
from brightrun.datasets.parsing.row_findings import Notes
from brightrun.datasets.problems import Code


def check_targets(turns: tuple[Message, ...], path: str, notes: Notes) -> None:
    """Note a row that has no answer to learn from."""
    answers = [turn for turn in turns if turn.role == "assistant"]
    if not answers:
        notes.add(Code.NO_ASSISTANT, path)
    elif not any(turn.trained for turn in answers):
        notes.add(Code.ALL_WEIGHTS_ZERO, path)


def check_order(turns: tuple[Message, ...], places: tuple[str, ...], notes: Notes) -> None:
    """Warn about an order that chat templates do not expect."""
    previous = "system"
    for at, turn in enumerate(turns):
        complaint = _order_complaint(previous, turn.role, at)
        if complaint:
            notes.add(Code.BAD_ROLE_ORDER, places[at], complaint)
        if turn.role != "system":
            previous = turn.role
    if turns and previous != "assistant":
        complaint = f"the last turn is of role {previous}: nothing answers it"
        notes.add(Code.BAD_ROLE_ORDER, places[-1], complaint)


def _order_complaint(previous: str, role: str, at: int) -> str:
    if role == "system" and at > 0:
        return "a system turn after the start"
    if role == "assistant" and previous == "system":
        return "the assistant speaks first"
    if role == previous and role in ("user", "assistant"):
        return f"two turns of role {role} in a row"
    if role == "tool" and previous not in ("assistant", "tool"):
        return f"a tool turn after a turn of role {previous}"
    if role == "user" and previous == "tool":
        return "a user turn where the assistant should use the tool's answer"
    return ""


def check_order_inside(turns: tuple[Message, ...], places: tuple[str, ...], notes: Notes) -> None:
    """Warn about an odd order in a history, which may end anywhere."""
    for at, (before, turn) in enumerate(pairwise(turns), start=1):
        if before.role == turn.role:
            complaint = f"two turns of role {turn.role} in a row"
            notes.add(Code.BAD_ROLE_ORDER, places[at], complaint)
