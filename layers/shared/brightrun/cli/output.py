"""What every command prints with: a table that fits, one thing's facts, or the answer as JSON."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brightrun.cli.console import as_json, printed
from brightrun.envelope import Pagination
from brightrun.plain_text import escaped

AsJson = Annotated[bool, typer.Option("--json", help="Print the API's answer as JSON.")]
_GAP = 2
_LEAST_ELASTIC = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    Attributes:
        elastic: gives way where the terminal is narrow; the others are shown whole or not at all.
    """

    title: str
    elastic: bool = False
    right: bool = False


def example(line: str) -> str:
    """Return the epilog of a command's `--help`: one line to copy."""
    return f"Example: {line}"


def answer(value: BaseModel | object, show: Callable[[Console], None], *, as_text: bool) -> None:
    """Print an answer: as JSON, or as `show` puts it for people."""
    printed(partial(show, Console(highlight=False)) if as_text else partial(_json, value))


def say(text: str) -> None:
    """Print one sentence."""
    printed(partial(sys.stdout.write, text + "\n"))  # type: ignore[arg-type] # the count is not used


def write_line(console: Console, text: str) -> None:
    """Print one line as it is: never broken by us, no markup and no line end in it.

    What a worker says or a file is called must not look like a line of ours.
    """
    console.print(escaped(text), markup=False, soft_wrap=True)


def write_lines(console: Console, text: str) -> None:
    """Print a text of several lines that is our own."""
    for line in text.splitlines():
        write_line(console, line)


def next_page(console: Console, shown_page: Pagination) -> None:
    """Say where a list goes on, if it does."""
    at, of = shown_page.page, shown_page.totalPages
    if at < of:
        console.print(f"page {at} of {of}; --page {at + 1} goes on")


def complain(text: str) -> None:
    """Print to stderr."""
    sys.stderr.write(f"brightrun: {text}\n")


def listing(console: Console, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Print a list, or `none`; columns that do not fit are left out, the last ones first."""
    cells = [[shown(value) for value in row] for row in rows]
    if not cells:
        console.print("none")
        return
    widths = [_width(place, column, cells) for place, column in enumerate(columns)]
    count = _fitting(console.width, columns, widths)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for place, column in enumerate(columns[:count]):
        table.add_column(
            column.title,
            no_wrap=True,
            overflow="ellipsis",
            justify="right" if column.right else "left",
            width=_stretched(place, console.width, columns[:count], widths),
        )
    for row in cells:
        table.add_row(*map(escape, row[:count]))
    console.print(table)


def facts(console: Console, known: Mapping[str, object]) -> None:
    """Print what is known of one thing, a line each; what is not known is left out."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in known.items():
        if value is not None and value != "":
            table.add_row(name, escape(shown(value)))
    console.print(table)


def shown(value: object) -> str:
    """Return a value as a cell has it."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def counted(number: int, thing: str) -> str:
    """Return how many there are of a thing, in words."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def dollars(amount: Decimal | float | None) -> str:
    """Return money as people write it."""
    return "-" if amount is None else f"${amount:,.2f}"


def _fitting(room: int, columns: Sequence[Column], widths: Sequence[int]) -> int:
    """Return how many columns fit, elastic ones at their narrowest; at least one."""
    count = len(columns)
    while count > 1 and sum(_least(columns, widths)[:count]) + _GAP * count > room:
        count -= 1
    return count


def _least(columns: Sequence[Column], widths: Sequence[int]) -> list[int]:
    return [
        min(width, _LEAST_ELASTIC) if column.elastic else width
        for column, width in zip(columns, widths, strict=False)
    ]


def _stretched(place: int, room: int, columns: Sequence[Column], widths: Sequence[int]) -> int:
    """Return a column's width: elastic ones share what the others leave."""
    least = _least(columns, widths)
    if not columns[place].elastic:
        return widths[place]
    elastic = sum(column.elastic for column in columns)
    spare = max(0, room - sum(least) - _GAP * len(columns)) // elastic
    return min(widths[place], least[place] + spare)


def _width(place: int, column: Column, cells: Sequence[Sequence[str]]) -> int:
    return max(cell_len(column.title), *(cell_len(row[place]) for row in cells), 0)


def _json(value: BaseModel | object) -> None:
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    sys.stdout.write(as_json(plain) + "\n")
