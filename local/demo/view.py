"""What the demo prints. Pure but for the console it is given."""

from collections.abc import Sequence

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from brightrun.cli.job_text import price_lines, verdict_of
from brightrun.client.answers import PricedRun
from brightrun.datasets.view import DatasetDetail
from brightrun.models.view import ModelRow
from brightrun.training.protocol import StoredFile
from local.demo.data.orders import right_lines
from local.demo.scenes import Answers


def show_verdict(console: Console, dataset: DatasetDetail) -> None:
    """Print whether the dataset is fit to train on, and what is in it."""
    counted = f"{dataset.total_tokens:,} ({dataset.token_count_method})"
    ready = "[green]ready to train[/]" if dataset.training_ready else "[red]not ready[/]"
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("verdict", ready)
    table.add_row("format", str(dataset.format))
    table.add_row("conversations", str(dataset.conversations))
    table.add_row(
        "training pairs",
        f"{dataset.total_training_pairs}, skipped {dataset.skipped_pairs} without a target",
    )
    table.add_row("tokens", counted)
    table.add_row("problems", f"{dataset.errors} errors, {dataset.warnings} warnings")
    console.print(table)


def show_estimate(console: Console, price: PricedRun) -> None:
    """Print what the run would cost, before it is started."""
    for line in price_lines(price):
        console.print(f"  {line}", markup=False)


def show_model(console: Console, model: ModelRow, remark: str = "") -> None:
    """Print base against adapter, then the quality score with its reason.

    Args:
        remark: what a reader should know of the score.
    """
    quality, comparison = model.quality_metrics, model.comparison
    stars = "★" * quality.overall_score + "☆" * (5 - quality.overall_score)
    console.print(f"  {model.name}  version {model.version}")
    console.print(f"  [bold]{verdict_of(comparison)}[/]")
    if comparison is not None:
        console.print(
            f"  on {comparison.rows} held-out rows ({comparison.tokens} tokens). "
            f"{comparison.reason}"
        )
    console.print(f"  [yellow]{stars}[/] {quality.convergence_quality}: {quality.reason}")
    if remark:
        console.print(f"  [dim]{remark}[/]")


def show_files(console: Console, files: Sequence[StoredFile]) -> None:
    """Print the files with the checksums that were verified."""
    table = Table("file", "bytes", "SHA-256, verified", box=None, padding=(0, 2))
    for file in files:
        table.add_row(file.name, f"{file.size_bytes:,}", file.sha256[:32] + "…")
    console.print(table)


def show_answers(console: Console, answers: Sequence[Answers]) -> None:
    """Print each question with both answers, and how much of them is right where that is known."""
    for each in answers:
        console.print(Panel(each.question.text, title="asked", title_align="left"))
        console.print(Panel(each.base, title="base model", title_align="left", style="dim"))
        console.print(Panel(each.adapter, title="with the adapter", title_align="left"))
    base, adapter, lines = lines_right(answers)
    if lines:
        console.print(
            f"  Of {lines} lines that can be right the adapter has [bold]{adapter}[/],"
            f" the base model {base}."
        )


def lines_right(answers: Sequence[Answers]) -> tuple[int, int, int]:
    """Return how many lines base and adapter have right, of how many that can be."""
    known = [(each, each.question.right) for each in answers if each.question.right]
    return (
        sum(right_lines(each.base, right) for each, right in known),
        sum(right_lines(each.adapter, right) for each, right in known),
        sum(len(right.splitlines()) for _, right in known),
    )
