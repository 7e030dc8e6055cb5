"""Bars for files on their way. On stderr: what a script reads from stdout is the answer alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


@contextmanager
def transfer_bar(total_bytes: int) -> Iterator[Callable[[str, int], None]]:
    """Yield what shows how many bytes of which file are there; nothing without a terminal."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    arrived: dict[str, int] = {}
    with bar:
        task = bar.add_task("", total=total_bytes)

        def show(name: str, done_bytes: int) -> None:
            arrived[name] = done_bytes
            bar.update(task, description=name, completed=sum(arrived.values()))

        yield show
