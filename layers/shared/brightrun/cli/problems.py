"""What is wrong with a file, as compilers say it: two lines for each place."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from brightrun.cli.output import counted
from brightrun.datasets.problems import BEFORE_THE_SPOT
from brightrun.datasets.record import Problem, Severity

_INDENT = "    "
_LEAST_EXCERPT = 8
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def show_problems(console: Console, problems: Iterable[Problem]) -> None:
    """Print problems: place, code and sentence; below it what stands there and what helps."""
    for problem in problems:
        console.print(_headline(problem), soft_wrap=True)
        console.print(_evidence(problem, console.width), soft_wrap=True)


def _headline(problem: Problem) -> Text:
    place = f"line {problem.line}" if problem.line else "file"
    kind = "warning: " if problem.severity is Severity.WARNING else ""
    return Text.assemble(
        f"{place}: ",
        (f"{kind}{problem.code}", _COLOURS[problem.severity]),
        f": {problem.message}",
    )


def _evidence(problem: Problem, width: int) -> Text:
    """Return where it stands, what stands there and what helps; the excerpt gives way."""
    room = width - len(_INDENT) - len(problem.path) - len(problem.hint) - len(":   → ")
    excerpt = _cut(problem.excerpt, room) if room >= _LEAST_EXCERPT else ""
    what = ": ".join(filter(None, (problem.path, excerpt)))
    hint = f"  → {problem.hint}" if what else f"→ {problem.hint}"
    return Text.assemble(_INDENT, what, (hint, "dim"))


def _cut(excerpt: str, room: int) -> str:
    """Return an excerpt in so many characters, with what it is about in the middle."""
    if len(excerpt) > room and excerpt.startswith("…"):
        excerpt = "…" + excerpt[max(1, BEFORE_THE_SPOT - room // 2 + 1) :]
    return excerpt if len(excerpt) <= room else excerpt[: room - 1] + "…"


def totals(errors: dict[str, int], warnings: dict[str, int]) -> str:
    """Return how many problems there are of which code, in one line."""
    told = [counted(sum(errors.values()), "error")]
    told += [f"{code} {count:,}" for code, count in errors.items()]
    if warnings:
        told.append(counted(sum(warnings.values()), "warning"))
        told += [f"{code} {count:,}" for code, count in warnings.items()]
    return " · ".join(told)
