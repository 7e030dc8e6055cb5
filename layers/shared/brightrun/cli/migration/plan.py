"""What of a job at OpenAI carries over to a base model here, and what does not. Pure.

What OpenAI's numbers mean is said in `brightrun.openai.mappings`, as it is for `/v1`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from brightrun.cli.migration.source import TheirJob
from brightrun.client.account_answers import Offer
from brightrun.datasets.record import Statistics
from brightrun.errors import InvalidRequest
from brightrun.jobs.creation.requests import CreateJobRequest
from brightrun.openai.job_request import AUTO, FineTuningRequest
from brightrun.openai.mappings import create_request
from brightrun.training.catalog import Catalog, Gpu
from brightrun.training.configuration import PRESETS, Hyperparameters, Preset
from brightrun.training.cost_estimate import Estimate, Workload, estimate

_NUMBERS = ("n_epochs", "batch_size", "learning_rate_multiplier")
_OTHER_METHODS = frozenset({"dpo", "reinforcement"})
_NAME_PARTS = 5
_SOME_FILE = "file-0"
_NOT_AGAIN = {
    "failed": "it failed there",
    "cancelled": "it was cancelled there",
    "paused": "it rests there",
    "queued": "it has not ended there",
    "running": "it has not ended there",
    "validating_files": "it has not ended there",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What the jobs are re-created on."""

    base_model: str
    gpu_type: str
    gpu_count: int
    catalog: Catalog
    preset: Preset = Preset.BALANCED

    def gpu(self) -> Gpu:
        """Return the chosen GPU. Raises InvalidRequest where there is none of that name."""
        return self.catalog.gpu(self.gpu_type)


@dataclass(frozen=True, slots=True)
class Planned:
    """One job, as it would be re-created.

    Attributes:
        carries, lost: a sentence for each thing.
        refused: why it is not re-created; empty where it is.
        hyperparameters: of the new job, all of them.
    """

    job: TheirJob
    name: str
    carries: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    refused: str = ""
    hyperparameters: Hyperparameters = field(default_factory=Hyperparameters)


def catalog_of(offer: Offer, today: date) -> Catalog:
    """Return what a stage offers in the form that the mappings read."""
    gpus = (
        Gpu(
            type=gpu.type,
            name=gpu.type,
            hourly_rate_usd=Decimal(str(gpu.hourly_rate)),
            planning_tokens_per_second=gpu.tokens_per_second,
            memory_gb=gpu.memory_gb,
            effective_from=today,
            endpoints=dict.fromkeys(gpu.counts, gpu.type),
        )
        for gpu in offer.gpu_types
    )
    return Catalog(tuple(gpus), offer.base_models)


def planned(job: TheirJob, target: Target) -> Planned:
    """Return what would become of a job."""
    name = suffix_of(job) or job.id
    mapping = _Mapping(target)
    if job.method is not None and job.method.type != "supervised":
        return Planned(job, name, refused=_why_not(job.method.type, mapping))
    if job.status != "succeeded":
        reason = _NOT_AGAIN.get(job.status, f"its status there is {job.status}")
        return Planned(job, name, refused=reason)
    carries, lost = _numbers(job, mapping)
    made = mapping.request()
    return Planned(
        job,
        name,
        (_named(job, name), *carries),
        (*_left_behind(job, mapping, target), *lost),
        hyperparameters=made.hyperparameters,
    )


def _why_not(method: str, mapping: "_Mapping") -> str:
    if method not in _OTHER_METHODS:
        return f"its method {method} is not known here"
    return mapping.refusal(method={"type": method})


def price(plan: Planned, found: Statistics, target: Target) -> Estimate:
    """Return what a job should cost by the documented formula, without the stage's storage."""
    return estimate(
        Workload(found.total_training_pairs, found.total_tokens),
        plan.hyperparameters,
        target.gpu(),
        target.gpu_count,
        storage_usd=Decimal(0),
    )


def suffix_of(job: TheirJob) -> str:
    """Return the suffix a job was given: as told, or out of its model's name."""
    if job.user_provided_suffix:
        return job.user_provided_suffix
    parts = (job.fine_tuned_model or "").split(":")
    return parts[3] if len(parts) >= _NAME_PARTS else ""


class _Mapping:
    """Takes OpenAI's fields one by one, so that one that is refused does not spoil the others."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._numbers: dict[str, object] = {}
        self._others: dict[str, object] = {}

    def takes_number(self, name: str, value: object) -> str:
        """Take a hyperparameter; return why it is refused, empty where it is not."""
        tried = {**self._numbers, name: value}
        if refused := self.refusal(hyperparameters=tried):
            return refused
        self._numbers = tried
        return ""

    def takes(self, name: str, value: object) -> str:
        """Take another field; return why it is refused, empty where it is not."""
        if refused := self.refusal(**{name: value}):
            return refused
        self._others[name] = value
        return ""

    def refusal(self, **more: object) -> str:
        """Return why a field cannot be asked for here; empty where it can."""
        try:
            self.request(**more)
        except InvalidRequest as refused:
            return str(refused).partition(": ")[2]
        except ValidationError as refused:
            return refused.errors()[0]["msg"].removeprefix("Value error, ")
        return ""

    def request(self, **more: object) -> CreateJobRequest:
        """Return our request of what was taken so far."""
        target = self._target
        asked: dict[str, Any] = {
            "model": target.base_model,
            "training_file": _SOME_FILE,
            "hyperparameters": self._numbers,
            "tuning": {
                "preset": target.preset,
                "gpu": target.gpu_type,
                "gpu_count": target.gpu_count,
            },
        }
        body = {**asked, **self._others, **more}
        return create_request(FineTuningRequest.model_validate(body), target.catalog)


def _numbers(job: TheirJob, mapping: _Mapping) -> tuple[list[str], list[str]]:
    theirs, lost, taken = _theirs(job), [], []
    for name in _NUMBERS:
        value = theirs.get(name, AUTO)
        if refused := mapping.takes_number(name, value):
            lost.append(f"{name} {value}: {refused}; the preset's is taken")
        else:
            taken.append((name, value))
    if job.seed is not None and (refused := mapping.takes("seed", job.seed)):
        lost.append(f"seed {job.seed}: {refused}")
    chosen = mapping.request().hyperparameters
    return [_mapped(name, value, chosen) for name, value in taken], lost


def _theirs(job: TheirJob) -> Mapping[str, Any]:
    of_method = (job.method.supervised or {}).get("hyperparameters") if job.method else None
    return of_method or job.hyperparameters or {}


def _mapped(name: str, value: object, chosen: Hyperparameters) -> str:
    ours = {
        "n_epochs": f"epochs {chosen.epochs}",
        "batch_size": (
            f"batch_size {chosen.batch_size} times "
            f"gradient_accumulation_steps {chosen.gradient_accumulation_steps}"
        ),
        "learning_rate_multiplier": f"learning_rate {chosen.learning_rate:g}",
    }
    by = " (the preset's)" if value == AUTO else ""
    return f"{name} {value} → {ours[name]}{by}"


def _named(job: TheirJob, name: str) -> str:
    return f"suffix → name {name}" if suffix_of(job) else f"name: {name}, as it had no suffix"


def _left_behind(job: TheirJob, mapping: _Mapping, target: Target) -> Iterator[str]:
    """Yield what is not taken along, the weightiest first."""
    if job.model.startswith("ft:"):
        yield f"it went on from {job.model}; OpenAI hands out no weights: {target.base_model} anew"
    else:
        yield f"base model {job.model} → {target.base_model}: its answers will differ"
    multiplier = _theirs(job).get("learning_rate_multiplier", AUTO)
    if multiplier != AUTO:
        rate = PRESETS[target.preset].learning_rate
        yield f"learning_rate_multiplier is of our preset's {rate:g}, not of OpenAI's unknown rate"
    if job.seed is not None:
        yield f"seed {job.seed} is set, and does not bring OpenAI's order of rows or weights back"
    if job.validation_file:
        told = mapping.refusal(validation_file=job.validation_file)
        yield f"validation_file {job.validation_file}: {told}"
    if job.integrations:
        yield f"integrations: {mapping.refusal(integrations=list(job.integrations))}"
    if job.metadata:
        yield "metadata: stays in the job's JSON (--keep)"
