"""A verdict and its report for people: what the file holds, what is wrong, whether it trains."""

from collections.abc import Iterator
from itertools import count

from rich.console import Console
from rich.markup import escape

from brightrun.cli.console import shows
from brightrun.cli.local_check import Checked, Maximum
from brightrun.cli.output import counted, write_line
from brightrun.cli.problems import show_problems, totals
from brightrun.datasets.problems import Code
from brightrun.datasets.record import Bucket, Statistics
from brightrun.training.configuration import Hyperparameters
from brightrun.training.holdout import FEWEST_FOR_A_VERDICT, held_out_count
from brightrun.training.planned_run import planned_run

_PROBLEMS = 50
_COUNT_EXACTLY = "the upload counts tokens exactly, as --tokenizer FOLDER does here"
_BAR_CHARACTERS = 30


def show(console: Console, name: str, checked: Checked) -> None:
    """Print what the file holds, what is wrong with it, and whether it can train."""
    verdict, report = checked.outcome.verdict, checked.outcome.report
    for line in _facts(verdict.statistics, checked.maximum):
        write_line(console, line)
    if checked.not_fast_because:
        write_line(console, f"tokens were counted slowly: {checked.not_fast_because}")
    _show_histogram(console, verdict.statistics.token_histogram)
    show_problems(console, report[:_PROBLEMS])
    more = len(report) - _PROBLEMS
    if more > 0:
        console.print(f"{more} more in the report: --json has up to 1,000.")
    write_line(console, f"{name}: {totals(verdict.error_counts, verdict.warning_counts)}")
    unsure = verdict.warning_counts.get(Code.PROBABLY_TOO_LONG, 0)
    if unsure:
        write_line(console, f"{counted(unsure, 'row')} may turn out too long: {_COUNT_EXACTLY}")
    if verdict.training_ready:
        console.print("[green]Ready to train.[/green]")
    else:
        console.print(
            f"[red]Not ready:[/red] {escape(verdict.error_message or '')}", soft_wrap=True
        )


def _facts(found: Statistics, maximum: Maximum) -> Iterator[str]:
    how = "counted" if found.token_count_method == "tokenizer" else "estimated, ± a third"
    cut = f" ({found.truncated_rows:,} truncated)" if found.truncated_rows else ""
    yield (
        f"{counted(found.rows, 'row')}: {found.trained_rows:,} train{cut}, "
        f"{found.skipped_rows:,} skipped, {found.rejected_rows:,} rejected"
    )
    yield f"{counted(found.total_training_pairs, 'training pair')}, {_held_out(found)}"
    said_by = f", as for {maximum.said_by}" if maximum.said_by else ""
    yield (
        f"{counted(found.total_tokens, 'token')} ({how}), {found.trained_tokens:,} of them train; "
        f"a row may have {maximum.tokens:,}{said_by}"
    )


def _held_out(found: Statistics) -> str:
    """Return what a run will hold out, and whether that is enough for a verdict."""
    plan = planned_run(
        found.trained_rows, found.conversations, found.total_tokens, Hyperparameters()
    )
    whole = counted(found.conversations, "conversation")
    if plan is None:
        return whole
    told = f"{whole}, {plan.held_out_conversations:,} of them held out for evaluation"
    if plan.verdict_possible:
        return told
    enough = next(n for n in count(2) if held_out_count(n) >= FEWEST_FOR_A_VERDICT)
    return f"{told}: too few to tell whether the model gets better; {enough} in all would do"


def _show_histogram(console: Console, buckets: tuple[Bucket, ...]) -> None:
    block = "█" if shows(console.file, "█") else "#"  # type: ignore[arg-type] # rich: IO[str]
    most = max((bucket.count for bucket in buckets), default=1)
    spans = [f"{bucket.low:,} to {bucket.high - 1:,}" for bucket in buckets]
    width = max(map(len, spans), default=0)
    for span, bucket in zip(spans, buckets, strict=True):
        bar = block * -(-bucket.count * _BAR_CHARACTERS // most)
        write_line(console, f"  {span:>{width}} tokens {bar} {bucket.count:,}")
