"""What a migration says: of each job, of each training file, and of the sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rich.console import Console

from brightrun.cli.migration.copies import FileCopy
from brightrun.cli.migration.plan import Planned, Target, price
from brightrun.cli.output import counted, dollars, write_line
from brightrun.cli.problems import show_problems
from brightrun.training.cost_estimate import in_cents

_PROBLEMS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class JobReport:
    """One job at OpenAI, and what becomes of it.

    Attributes:
        refused: why it is not re-created; empty where it is.
        estimate: USD: estimated, low, high; None where nothing is re-created.
        results_gone: result files that could not be kept.
        job_id: of the job here, once there is one.
        was_there: an earlier call has made it.
    """

    plan: Planned
    refused: str
    estimate: tuple[Decimal, Decimal, Decimal] | None = None
    results_gone: tuple[str, ...] = ()
    job_id: str | None = None
    was_there: bool = False

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        amounts = self.estimate or (None, None, None)
        names = ("estimated_usd", "low_usd", "high_usd")
        return {
            "openai_job_id": self.plan.job.id,
            "openai_model": self.plan.job.model,
            "openai_status": self.plan.job.status,
            "training_file": self.plan.job.training_file,
            "name": self.plan.name,
            "carries_over": list(self.plan.carries),
            "does_not_carry_over": [*self.plan.lost, *self.results_gone],
            "not_recreated_because": self.refused or None,
            "hyperparameters": None
            if self.refused
            else self.plan.hyperparameters.model_dump(mode="json"),
            **{
                name: None if amount is None else float(amount)
                for name, amount in zip(names, amounts, strict=True)
            },
            "job_id": self.job_id,
            "was_there": self.was_there,
        }


def job_report(
    plan: Planned,
    files: Mapping[str, FileCopy],
    target: Target,
    *,
    job_id: str | None = None,
    gone: tuple[str, ...] = (),
) -> JobReport:
    """Return what a dry run says of a job."""
    copy = files.get(plan.job.training_file)
    fault = copy.fault if copy is not None else ""
    refused = plan.refused or (fault and f"training file {plan.job.training_file}: {fault}")
    told = JobReport(plan, refused, None, gone, job_id, job_id is not None)
    if refused or copy is None:
        return told
    cost = price(plan, copy.statistics, target)
    return replace(told, estimate=(in_cents(cost.total), in_cents(cost.low), in_cents(cost.high)))


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it.

    Attributes:
        kept: the folder that copies stay in; empty where none do.
    """

    dry_run: bool
    base_model: str
    max_cost: str
    jobs: Sequence[JobReport]
    files: Sequence[FileCopy]
    datasets: Mapping[str, str]
    kept: str = ""

    @property
    def total(self) -> Decimal:
        """What the jobs that are yet to be made cost by estimate."""
        amounts = (job.estimate[0] for job in self.jobs if job.estimate and not job.was_there)
        return sum(amounts, Decimal(0))

    @property
    def is_good(self) -> bool:
        """Whether each training file that a job is to be made of can be trained on."""
        return not any(job.refused and not job.plan.refused for job in self.jobs)

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "dry_run": self.dry_run,
            "base_model": self.base_model,
            "max_cost": self.max_cost or None,
            "jobs": [job.plain() for job in self.jobs],
            "files": [self._plain_file(file) for file in self.files],
            "estimated_total_usd": float(self.total),
            "kept_in": self.kept or None,
        }

    def _plain_file(self, file: FileCopy) -> dict[str, Any]:
        return {
            "id": file.id,
            "name": file.name,
            "sha256": file.sha256 or None,
            "cannot_train_because": file.fault or None,
            "training_pairs": file.statistics.total_training_pairs,
            "tokens": file.statistics.total_tokens,
            "problems": [problem.model_dump(mode="json") for problem in file.problems],
            "dataset_id": self.datasets.get(file.id),
        }


def show(console: Console, report: Report) -> None:
    """Print a report for people."""
    for file in report.files:
        _show_file(console, file, report.datasets.get(file.id))
    for job in report.jobs:
        _show_job(console, job, report)
    _show_end(console, report)


def _show_file(console: Console, file: FileCopy, dataset_id: str | None) -> None:
    there = f" · dataset {dataset_id}" if dataset_id else ""
    if file.checked is None:
        write_line(console, f"File {file.id}: {file.fault}")
        return
    found = file.statistics
    pairs = counted(found.total_training_pairs, "training pair")
    tokens = counted(found.total_tokens, "token")
    state = file.fault or "ready to train"
    write_line(console, f"File {file.id} ({file.name}): {pairs}, {tokens} · {state}{there}")
    show_problems(console, file.problems[:_PROBLEMS_SHOWN])
    if (more := len(file.problems) - _PROBLEMS_SHOWN) > 0:
        write_line(console, f"    {counted(more, 'more problem')}: --json has them")


def _show_job(console: Console, job: JobReport, report: Report) -> None:
    plan = job.plan
    console.print()
    write_line(console, f"Job {plan.job.id} ({plan.job.model}, {plan.job.status})")
    if job.refused:
        write_line(console, f"  is not re-created: {job.refused}")
    else:
        for sentence in plan.carries:
            write_line(console, f"  carries over: {sentence}")
        for sentence in plan.lost:
            write_line(console, f"  does not: {sentence}")
    for sentence in job.results_gone:
        write_line(console, f"  does not: {sentence}")
    if job.job_id is not None:
        words = "was made before" if job.was_there else "is made"
        write_line(console, f"  job {job.job_id} {words}")
    if job.estimate is not None:
        write_line(console, f"  {_cost(job.estimate, report.max_cost)}")


def _cost(amounts: tuple[Decimal, Decimal, Decimal], max_cost: str) -> str:
    likely, low, high = map(dollars, amounts)
    most = f"at most {max_cost}" if max_cost else "at most twice the high estimate"
    limit = "no limit" if max_cost == "none" else f"{most}: it pauses before that"
    return f"estimated {likely} ({low} to {high}) · {limit}"


def _show_end(console: Console, report: Report) -> None:
    todo = sum(job.job_id is None and not job.refused for job in report.jobs)
    made = sum(job.job_id is not None and not job.was_there for job in report.jobs)
    console.print()
    if report.kept:
        write_line(console, f"Kept in {report.kept}: jobs, results and training files of OpenAI")
    else:
        write_line(console, "Nothing of OpenAI's is kept: name a folder with --keep")
    if report.dry_run:
        cost = f"estimated {dollars(report.total)} in all"
        write_line(console, f"{counted(todo, 'job')} to be made on {report.base_model}, {cost}")
        write_line(console, "Nothing was uploaded and nothing started: --start does both")
    else:
        cost = f"estimated {dollars(report.total)} in all"
        write_line(console, f"{counted(made, 'job')} made on {report.base_model}, {cost}")
        write_line(console, "Watch them: brightrun jobs list")
