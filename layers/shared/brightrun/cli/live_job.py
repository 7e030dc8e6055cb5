"""A job watched until it ends: a live view in a terminal, a line for each change elsewhere."""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from brightrun.cli.console import shows
from brightrun.cli.job_text import cost_of, duration, progress_facts, sparkline, stage_of, words_of
from brightrun.cli.output import write_line
from brightrun.client import BrightRun
from brightrun.client.answers import WatchedJob
from brightrun.jobs.record import ENDED, JobStatus, StopReason
from brightrun.jobs.view import JobView

Clock = Callable[[], datetime]
_CURVE_POINTS = 200
_CURVE_WIDTH = 50
_BAR_WIDTH = 40
_ENDS_OF_WATCHING = ENDED | {JobStatus.PAUSED}


class LiveJob:
    """What a watched job looks like; `show` is called with each look at it."""

    def __init__(self, console: Console, now: Clock) -> None:
        self._console = console
        self._now = now
        self._live = Live(console=console, refresh_per_second=4, transient=True)
        self._told: tuple[str, int, int] | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, seen: WatchedJob) -> None:
        """Show where the job stands."""
        if self._console.is_terminal:
            self._live.update(self._view(seen))
            return
        job = seen.job
        telling = (stage_of(job), int(job.progress // 10), job.attempt)
        if telling != self._told:
            write_line(self._console, line_of(job, self._now()))
        self._told = telling

    def leave(self, job_id: str) -> None:
        """Say that the job does not end with the watching."""
        write_line(self._console, f"Job {job_id} goes on. Stop it: brightrun jobs cancel {job_id}")

    def _view(self, seen: WatchedJob) -> Group:
        job = seen.job
        bar = ProgressBar(total=100, completed=job.progress, width=_BAR_WIDTH)
        head = Table.grid(padding=(0, 1))
        head.add_row(f"[bold]{escape(stage_of(job))}[/]", bar, f"{job.progress:3.0f} %")
        facts = Text(" · ".join(progress_facts(job, self._now())))
        return Group(
            Text(job.name, style="dim"), head, facts, *self._curve(seen), self._phases(seen)
        )

    def _curve(self, seen: WatchedJob) -> list[Text]:
        losses = [p.training_loss for p in seen.metrics if p.training_loss is not None]
        if not losses:
            return []
        plain = not shows(self._console.file, "▁")  # type: ignore[arg-type] # rich names it IO[str]
        line = sparkline(losses, _CURVE_WIDTH, ascii_only=plain)
        return [Text(f"loss {losses[0]:.2f} {line} {losses[-1]:.2f}")]

    def _phases(self, seen: WatchedJob) -> Text:
        told = (f"{words_of(phase.stage)} {duration(phase.seconds)}" for phase in seen.phases)
        return Text(" → ".join(told), style="dim")


def line_of(job: JobView, now: datetime) -> str:
    """Return where a job stands, in one line."""
    return f"{stage_of(job)} {job.progress:.0f} % · {' · '.join(progress_facts(job, now))}"


def watch(api: BrightRun, job_id: str, view: LiveJob, *, every_seconds: float = 2.0) -> JobView:
    """Show a job until it has ended, or rests, and its model is there; return it then.

    Whoever stops watching by Control-C is told that the job goes on, and is paid.
    """
    try:
        with view:
            while True:
                seen = api.jobs.read(job_id, resolution=_CURVE_POINTS)
                view.show(seen)
                if _is_over(seen.job):
                    return seen.job
                api.sleep(every_seconds)
    except KeyboardInterrupt:
        view.leave(job_id)
        raise


def _is_over(job: JobView) -> bool:
    if job.status is JobStatus.COMPLETED:
        return job.artifact_id is not None
    return job.status in _ENDS_OF_WATCHING


def ending(job: JobView) -> list[str]:
    """Return how a job ended, and what can be done now, a line each."""
    if job.status is JobStatus.COMPLETED:
        return [
            f"Completed: {job.name} · {cost_of(job)}",
            f"Model: {job.artifact_id}",
        ]
    if job.status is JobStatus.PAUSED:
        why = "by its budget" if job.pause_reason is StopReason.BUDGET else "by its owner"
        return [f"Paused {why} · {cost_of(job)}", f"Go on: brightrun jobs resume {job.id}"]
    told = [f"{str(job.status).capitalize()} · {cost_of(job)}"]
    if job.error_message:
        told.append(f"{job.error_code}: {job.error_message}")
    if job.error_remedy:
        told.append(job.error_remedy)
    return [*told, f"Try again: brightrun jobs retry {job.id}"]
