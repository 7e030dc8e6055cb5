"""What the demo prints. Pure but for the console it is given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from local.demo.data.orders import right_lines
from local.demo.scenes import Answers

Json = dict[str, Any]
_VERDICTS = {
    "better": "Better than its base model",
    "not_shown_better": "Not shown to be better than its base model",
    "worse": "Worse than its base model",
}


def show_verdict(console: Console, dataset: Json) -> None:
    """Print whether the dataset is fit to train on, and what is in it."""
    counted = f"{dataset['total_tokens']:,} ({dataset['token_count_method']})"
    ready = "[green]ready to train[/]" if dataset["training_ready"] else "[red]not ready[/]"
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("verdict", ready)
    table.add_row("format", str(dataset["format"]))
    table.add_row("conversations", str(dataset["conversations"]))
    table.add_row(
        "training pairs",
        f"{dataset['total_training_pairs']}, skipped {dataset['skipped_pairs']} without a target",
    )
    table.add_row("tokens", counted)
    table.add_row("problems", f"{dataset['errors']} errors, {dataset['warnings']} warnings")
    console.print(table)


def show_estimate(console: Console, price: Json) -> None:
    """Print what the run would cost, before it is started."""
    parts, spread = price["cost_breakdown"], price["cost_range"]
    details = price["training_details"]
    console.print(
        f"  [bold]{price['estimated_cost']:.2f} USD[/] "
        f"(compute {parts['compute']:.2f} + storage {parts['storage']:.2f}; "
        f"between {spread['low']:.2f} and {spread['high']:.2f}; {price['basis']})"
    )
    console.print(
        f"  {price['estimated_duration_hours']:.2f} h at {price['hourly_rate']:.2f} USD/h, "
        f"{details['total_steps']} steps"
    )


class Dashboard:
    """A progress bar for one job, and below it step, loss, time left and cost."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("  [bold]{task.description:20}"),
            BarColumn(bar_width=40),
            TaskProgressColumn(),
            console=console,
        )
        self._task = self._progress.add_task("queued", total=100)
        self._live = Live(console=console, refresh_per_second=4)
        self._said = ("", -1)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, job: Json, now: datetime) -> None:
        """Show where the job stands; without a terminal, a line for each stage and tenth."""
        stage = job["current_stage"] if job["status"] != "failed" else "failed"
        facts = job_facts(job, now)
        self._progress.update(self._task, description=stage, completed=job["progress"])
        if self._console.is_terminal:
            self._live.update(Group(self._progress, Text(f"  {facts}", style="dim")))
        saying = (stage, int(job["progress"] // 10))
        if saying != self._said and not self._console.is_terminal:
            self._console.print(f"  {stage:20}{job['progress']:4.0f} %  {facts}", soft_wrap=True)
        self._said = saying


def job_facts(job: Json, now: datetime) -> str:
    """Return step, loss, time left and cost of a job; what is not known yet is left out."""
    said = []
    if job["total_steps"]:
        said.append(f"step {job['current_step']}/{job['total_steps']}")
    metrics = job["current_metrics"] or {}
    if metrics.get("training_loss") is not None:
        said.append(f"loss {metrics['training_loss']:.3f}")
    if metrics.get("validation_loss") is not None:
        said.append(f"held-out {metrics['validation_loss']:.3f}")
    if job["estimated_completion_at"] and job["current_stage"] == "training":
        left = datetime.fromisoformat(job["estimated_completion_at"]) - now
        said.append(f"{max(0, round(left.total_seconds()))} s left")
    said.append(f"{float(job['final_cost'] or job['current_cost']):.4f} USD")
    return " · ".join(said)


def show_model(console: Console, model: Json, remark: str = "") -> None:
    """Print base against adapter, then the stars with their reason.

    Args:
        remark: what a reader should know of the stars.
    """
    quality, comparison = model["quality_metrics"], model["comparison"]
    stars = "★" * quality["overall_score"] + "☆" * (5 - quality["overall_score"])
    console.print(f"  {model['name']}  version {model['version']}")
    console.print(
        f"  [bold]{_VERDICTS[comparison['verdict']]}[/]: on {comparison['rows']} held-out rows "
        f"({comparison['tokens']} tokens) the base model's "
        f"loss is {comparison['base_loss']:.3f}, the adapter's {comparison['adapter_loss']:.3f}: "
        f"{comparison['difference']:+.3f} (95 % between {comparison['difference_low']:+.3f} and "
        f"{comparison['difference_high']:+.3f}). "
        f"{comparison['reason']}"
    )
    console.print(f"  [yellow]{stars}[/] {quality['convergence_quality']}: {quality['reason']}")
    if remark:
        console.print(f"  [dim]{remark}[/]")


def show_files(console: Console, files: list[Json]) -> None:
    """Print the files with the checksums that were verified."""
    table = Table("file", "bytes", "SHA-256, verified", box=None, padding=(0, 2))
    for file in files:
        table.add_row(file["name"], f"{file['size_bytes']:,}", file["sha256"][:32] + "…")
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
