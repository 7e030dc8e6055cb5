"""Which format a file is of, judged by what stands in it and never by a label. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from brightrun.datasets.parsing.exact_json import decoded
from brightrun.datasets.problems import Finding
from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.signatures import SIGNATURES

_HEAD_ROWS = 200


def formats_of(value: Mapping[str, Any]) -> tuple[DatasetFormat, ...]:
    """Return every format whose keys are all in the row."""
    keys = value.keys()
    found = [name for name, groups in SIGNATURES.items() if any(group <= keys for group in groups)]
    if isinstance(turns := value.get("conversations"), list):
        first = next((turn for turn in turns if isinstance(turn, dict)), {})
        if "from" in first or "value" in first:
            found.append(DatasetFormat.SHAREGPT)
        if "role" in first or "content" in first or not first:
            found.append(DatasetFormat.CONVERSATIONS)
    return tuple(found)


def detect(head: Iterable[bytes | Finding]) -> DatasetFormat | None:
    """Return the format of most of the first rows, or `None` if no row has the keys of any.

    One stray row at the start must not make all others look wrong, so the majority decides;
    a BrightRun header decides alone.
    """
    rows = list(islice((row for row in map(_decoded, head) if row is not None), _HEAD_ROWS))
    votes = Counter(found for row in rows for found in formats_of(row))
    if rows and "_meta" in rows[0] and "messages" not in rows[0]:
        return DatasetFormat.BRIGHTRUN_V4
    if not votes:
        votes = Counter(name for row in rows if (name := _nearest(row)) is not None)
    return votes.most_common(1)[0][0] if votes else None


def _decoded(row: bytes | Finding) -> Mapping[str, Any] | None:
    if isinstance(row, Finding):
        return None
    value = decoded(row)
    return value if isinstance(value, dict) else None


def _nearest(value: Mapping[str, Any]) -> DatasetFormat | None:
    """Return the first format of which any telling key is in the row."""
    for name, groups in SIGNATURES.items():
        if frozenset().union(*groups) & value.keys():
            return name
    return DatasetFormat.CONVERSATIONS if "conversations" in value else None
