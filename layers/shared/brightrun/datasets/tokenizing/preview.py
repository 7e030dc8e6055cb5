"""One row as the trainer will see it: its tokens, and which of them are trained on. Pure.

The labels shown are the trainer's own, made by the same call.
"""

from collections.abc import Iterable
from typing import Any

from brightrun.datasets.parsing.reader import (
    Opened,
    Parsed,
    RowOutcome,
    example_of,
    open_rows,
    parse,
)
from brightrun.datasets.parsing.samples import shown_turns, shown_value
from brightrun.datasets.problems import Finding
from brightrun.datasets.record import DatasetFormat, Problem
from brightrun.datasets.rules import problem_of
from brightrun.datasets.tokenizing.chat_encoder import (
    NO_LOSS,
    ChatEncoder,
    Encoded,
    EncodingRefused,
)
from brightrun.datasets.tokenizing.length_check import refused, too_long, truncated
from brightrun.datasets.tokenizing.template_set import DEFAULT
from brightrun.datasets.tokenizing.truncation import Sized, sized
from brightrun.records import Record
from brightrun.training.configuration import OverLength

SHOWN_TOKENS = 8192
MAX_READ_BYTES = 64 * 1024**2
"""How far into an unpacked file a row is looked for, while somebody waits for the answer."""
MAX_ROW_BYTES = 1024**2


class NotShown(Exception):
    """The row lies too far into the file, or is too long to be shown."""


class PreviewToken(Record):
    """One token; `text` is what it adds to the rendered conversation."""

    id: int
    text: str
    trained: bool
    ends_turn: bool


class PreviewSequence(Record):
    """One sequence the trainer makes of the row.

    Attributes:
        tokens: up to 8,192; `tokens_left_out` says how many more there are.
        trained_spans: [start, end) of trained tokens, of the whole sequence.
        over_limit: longer than the maximum, so the row is rejected.
        template: which of the base model's chat templates wrote it.
        form: in what form the messages were handed to it; empty where all is as usual.
    """

    tokens: tuple[PreviewToken, ...]
    tokens_left_out: int
    trained_spans: tuple[tuple[int, int], ...]
    total_tokens: int
    trained_tokens: int
    over_limit: bool
    template: str = DEFAULT
    form: str = ""


class Preview(Record):
    """What becomes of one line of the file, and why.

    Attributes:
        line: 1-based line (or array element), as the report counts.
        messages: as the row was read, whatever its spelling; `tools` likewise.
        fate: `trained`, `skipped`, `rejected`, `header` or `blank`.
        truncated_turns: how many turns after the system turns are left out, the oldest first.
        sequences: empty without a tokenizer at hand, and for rows that do not train.
    """

    line: int
    format: DatasetFormat | None
    fate: str
    conversation_id: str | None = None
    messages: tuple[dict[str, object], ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    truncated_turns: int = 0
    sequences: tuple[PreviewSequence, ...] = ()
    problems: tuple[Problem, ...] = ()


def preview(
    chunks: Iterable[bytes],
    row: int,
    encoder: ChatEncoder | None,
    *,
    max_sequence_tokens: int | None = None,
    over_length: OverLength = OverLength.REJECT,
) -> Preview | None:
    """Return the row on line `row`, or `None` when the file has no such line."""
    opened = open_rows(chunks)
    raw = _row_at(opened, row)
    if raw is None:
        return None
    parsed = parse(raw, opened.format)
    shown = _told(row, opened.format, parsed)
    if parsed.fate is not RowOutcome.TRAINED or parsed.row is None or encoder is None:
        return shown
    example = example_of(row, parsed.row)
    try:
        found = sized(example, encoder, max_sequence_tokens, over_length)
    except EncodingRefused as refusal:
        return _rejected(shown, refused(refusal, parsed.row, opened.format))
    return _with_tokens(shown, found, encoder, max_sequence_tokens)


def _row_at(opened: Opened, row: int) -> bytes | Finding | None:
    read_bytes = 0
    for batch in opened.batches:
        if batch.first <= row < batch.following:
            return _short(next((raw for number, raw in batch.rows() if number == row), b""))
        read_bytes += batch.size_bytes
        if read_bytes > MAX_READ_BYTES:
            raise NotShown(f"lies beyond the first {MAX_READ_BYTES} bytes; download the file")
    return None


def _short(raw: bytes | Finding) -> bytes | Finding:
    if isinstance(raw, bytes) and len(raw) > MAX_ROW_BYTES:
        raise NotShown(f"has more than {MAX_ROW_BYTES} bytes; download the file")
    return raw


def _told(line: int, found: DatasetFormat | None, parsed: Parsed) -> Preview:
    known = parsed.row if parsed.fate is not RowOutcome.REJECTED else None
    return Preview(
        line=line,
        format=found,
        fate=parsed.fate.value,
        conversation_id=None if known is None else known.conversation_id,
        messages=() if known is None else tuple(shown_turns(known)),
        tools=() if known is None else tuple(map(_shown_tool, known.tools or ())),
        problems=tuple(problem_of(line, finding) for finding in parsed.findings),
    )


def _shown_tool(tool: dict[str, Any]) -> dict[str, Any]:
    return {key: shown_value(value) for key, value in tool.items()}


def _with_tokens(
    shown: Preview, found: Sized, encoder: ChatEncoder, limit_tokens: int | None
) -> Preview:
    sequences = tuple(_sequence(each, encoder, limit_tokens) for each in found.sequences)
    full = shown.model_copy(update={"sequences": sequences})
    if not found.fits:
        return _rejected(full, too_long(found, limit_tokens))
    if not found.removed_turns:
        return full
    problems = _problems(full, truncated(found, limit_tokens))
    return full.model_copy(update={"truncated_turns": found.removed_turns, "problems": problems})


def _rejected(shown: Preview, finding: Finding) -> Preview:
    update = {"fate": RowOutcome.REJECTED.value, "problems": _problems(shown, finding)}
    return shown.model_copy(update=update)


def _problems(shown: Preview, finding: Finding) -> tuple[Problem, ...]:
    return (*shown.problems, problem_of(shown.line, finding))


def _sequence(encoded: Encoded, encoder: ChatEncoder, limit_tokens: int | None) -> PreviewSequence:
    ids, labels = encoded.input_ids[:SHOWN_TOKENS], encoded.labels
    tokens = tuple(
        PreviewToken(
            id=token,
            text=encoder.text_of(token),
            trained=labels[at] != NO_LOSS,
            ends_turn=encoder.ends_turn(token),
        )
        for at, token in enumerate(ids)
    )
    total = encoded.total_tokens
    return PreviewSequence(
        tokens=tokens,
        tokens_left_out=total - len(tokens),
        trained_spans=tuple(_spans(labels)),
        total_tokens=total,
        trained_tokens=encoded.trained_tokens,
        over_limit=limit_tokens is not None and total > limit_tokens,
        template=encoded.template,
        form=encoded.form,
    )


def _spans(labels: list[int]) -> Iterable[tuple[int, int]]:
    start = None
    for at, label in enumerate([*labels, NO_LOSS]):
        if label != NO_LOSS and start is None:
            start = at
        elif label == NO_LOSS and start is not None:
            yield start, at
            start = None
