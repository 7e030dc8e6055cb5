"""Sections run one after another; what each measured, what was promised, and whether it held."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from trainer_image.bench_gpu.clock import at_most
from trainer_image.bench_gpu.workbench import Workbench

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence with a bound in it, what was found, and whether it held (None: not measurable)."""

    says: str
    found: float | None
    kept: bool | None


def no_less(says: str, found: float | None, bound: float, *, judged: bool = True) -> Promise:
    """Return the promise that `found` reaches `bound`; not judged where it means nothing."""
    return Promise(says, _rounded(found), found >= bound if judged and found is not None else None)


def no_more(says: str, found: float | None, bound: float, *, judged: bool = True) -> Promise:
    """Return the promise that `found` does not exceed `bound`."""
    return Promise(says, _rounded(found), found <= bound if judged and found is not None else None)


@dataclass(frozen=True, slots=True)
class Section:
    """One row of the plan.

    Attributes:
        run: yields each figure with its name, or a promise, as soon as it is known.
        seconds: what it should take on an H200; it is not begun with less time left.
    """

    run: Callable[[Workbench], Iterator[tuple[str, Figures] | Promise]]
    seconds: float


def run_sections(
    sections: Mapping[str, Section], bench: Workbench, limit_seconds: float
) -> Figures:
    """Return every section's row; one that fails or is cut keeps what it had measured."""
    began = time.monotonic()
    rows: Figures = {}
    skipped = []
    for name, section in sections.items():
        left = limit_seconds - (time.monotonic() - began)
        if left < section.seconds:
            skipped.append(name)
            continue
        bench.seconds_left = left
        rows[name] = _row(section, bench, left)
        sys.stderr.write(f"{name}: {json.dumps(rows[name])}\n")
    return {
        "kept": _together([row["kept"] for row in rows.values()]),
        "sections": rows,
        "skipped": skipped,
        "seconds": round(time.monotonic() - began, 1),
    }


def _row(section: Section, bench: Workbench, left: float) -> Figures:
    began = time.monotonic()
    figures: Figures = {}
    promises: list[Promise] = []
    failed = None
    try:
        with at_most(left):
            for item in section.run(bench):
                if isinstance(item, Promise):
                    promises.append(item)
                else:
                    figures[item[0]] = item[1]
    except Exception as error:  # noqa: BLE001 - what was measured before must still be printed
        failed = f"{type(error).__name__}: {error}"[:500]
    if failed:
        bench.forget()  # after `except`, which kept the failed step's tensors alive
    kept = False if failed else _together([promise.kept for promise in promises])
    row: Figures = {
        "kept": kept,
        "promises": [asdict(promise) for promise in promises],
        "figures": figures,
        "seconds": round(time.monotonic() - began, 1),
    }
    return {**row, "failed": failed} if failed else row


def _together(verdicts: list[bool | None]) -> bool | None:
    """Return False when one is broken, None when one cannot be told, True when all are kept."""
    if False in verdicts:
        return False
    return None if None in verdicts or not verdicts else True


def _rounded(found: float | None) -> float | None:
    return None if found is None else float(f"{found:.4g}")
