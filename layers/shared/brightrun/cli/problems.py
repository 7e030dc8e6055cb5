"""What is wrong with a file, as compilers say it: two lines for each place."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from brightrun.datasets.record import Problem, Severity

_INDENT = "    "
_LEAST_EXCERPT = 24
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def show_problems(console: Console, problems: Iterable[Problem]) -> None:
    """Print problems: place, code and sentence; below it what stands there and what helps."""
    for problem in problems:
        console.print(_headline(problem), soft_wrap=True)
        console.print(_evidence(problem, console.width), soft_wrap=True)


def _headline(problem: Problem) -> Text:
    place = f"line {problem.line}" if problem.line else "file"
    where = f"{place}, {problem.path}" if problem.path else place
    kind = "warning: " if problem.severity is Severity.WARNING else ""
    return Text.assemble(
        f"{where}: ",
        (f"{kind}{problem.code}", _COLOURS[problem.severity]),
        f": {problem.message}",
    )


def _evidence(problem: Problem, width: int) -> Text:
    """Return excerpt and hint on one line; the excerpt gives way, down to a few words."""
    room = width - len(_INDENT) - len(problem.hint) - len("  → ")
    excerpt = problem.excerpt
    if len(excerpt) > max(room, _LEAST_EXCERPT):
        excerpt = excerpt[: max(room, _LEAST_EXCERPT) - 1] + "…"
    shown = f"{_INDENT}{excerpt}  " if excerpt else _INDENT
    return Text.assemble(shown, (f"→ {problem.hint}", "dim"))


def totals(errors: dict[str, int], warnings: dict[str, int]) -> str:
    """Return how many problems there are of which code, in one line."""
    told = [f"{sum(errors.values()):,} errors" if sum(errors.values()) != 1 else "1 error"]
    told += [f"{code} {count:,}" for code, count in errors.items()]
    if warnings:
        told.append(f"{sum(warnings.values()):,} warnings")
        told += [f"{code} {count:,}" for code, count in warnings.items()]
    return " · ".join(told)
