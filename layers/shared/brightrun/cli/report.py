"""A verdict and its report as tables, for people."""

import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brightrun.cli.console import shows
from brightrun.datasets.record import Bucket, Problem, Severity, Verdict
from brightrun.datasets.validation.validator import Validated

_ROWS = 50
_BAR_CHARACTERS = 30
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def show(name: str, outcome: Validated) -> None:
    """Print what the file holds, what is wrong with it, and whether it can train."""
    console = Console()
    verdict = outcome.verdict
    console.print(_facts(name, verdict))
    console.print(_histogram("tokens per row", verdict.statistics.token_histogram))
    if outcome.report:
        console.print(_problems(outcome.report[:_ROWS]))
    console.print(_totals(verdict))
    more = len(outcome.report) - _ROWS
    if more > 0:
        console.print(f"{more} more in the report: use --json to see up to 1,000.")
    if verdict.training_ready:
        console.print("[green]Ready to train.[/green]")
    else:
        console.print(f"[red]Not ready:[/red] {escape(verdict.error_message or '')}")


def _facts(name: str, verdict: Verdict) -> Table:
    found = verdict.statistics
    how = "counted" if found.token_count_method == "tokenizer" else "estimated"
    table = Table(title=escape(name), show_header=False)
    for label, value in (
        ("format", verdict.format or "unknown"),
        ("rows", f"{found.rows:,}"),
        ("  that train", f"{found.trained_rows:,} ({found.truncated_rows:,} truncated)"),
        ("  skipped", f"{found.skipped_rows:,}"),
        ("  rejected", f"{found.rejected_rows:,}"),
        ("training pairs", f"{found.total_training_pairs:,} ({found.skipped_pairs:,} skipped)"),
        ("conversations", f"{found.conversations:,}"),
        ("suggested for validation", f"{found.total_validation_pairs:,} pairs"),
        (f"tokens ({how})", f"{found.total_tokens:,} ({found.trained_tokens:,} trained)"),
    ):
        table.add_row(label, str(value))
    return table


def _histogram(title: str, buckets: tuple[Bucket, ...]) -> Table:
    table = Table(title=title, show_header=False)
    block = "█" if shows(sys.stdout, "█") else "#"
    most = max((bucket.count for bucket in buckets), default=1)
    for bucket in buckets:
        bar = block * -(-bucket.count * _BAR_CHARACTERS // most)
        table.add_row(f"{bucket.low:,} to {bucket.high - 1:,}", bar, f"{bucket.count:,}")
    return table


def _problems(problems: tuple[Problem, ...]) -> Table:
    table = Table(title="report", show_lines=False)
    for heading in ("line", "where", "code", "what is wrong, and what helps", "what stands there"):
        table.add_column(heading, overflow="fold")
    for problem in problems:
        colour = _COLOURS[problem.severity]
        table.add_row(
            str(problem.line or "file"),
            escape(problem.path),
            f"[{colour}]{problem.code}[/{colour}]",
            f"{escape(problem.message)}\n[dim]{escape(problem.hint)}[/dim]",
            escape(problem.excerpt),
        )
    return table


def _totals(verdict: Verdict) -> Table:
    table = Table(title="totals", show_header=False)
    for code, count in verdict.error_counts.items():
        table.add_row("[red]error[/red]", code, f"{count:,}")
    for code, count in verdict.warning_counts.items():
        table.add_row("[yellow]warning[/yellow]", code, f"{count:,}")
    return table
