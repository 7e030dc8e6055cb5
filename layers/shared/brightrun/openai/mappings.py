"""Every word of OpenAI's that means something of ours, in one place. Pure.

docs/openai.md says the same to its readers.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from brightrun.accounts.record import NotificationType
from brightrun.datasets.record import DatasetStatus
from brightrun.errors import InvalidRequest
from brightrun.jobs.creation.requests import CreateJobRequest
from brightrun.jobs.events import EventLevel
from brightrun.jobs.record import Job, JobStatus
from brightrun.openai.ids import FILE, alias_of, behind
from brightrun.openai.job_request import AUTO, AskedHyperparameters, FineTuningRequest, Tuning
from brightrun.openai.shapes import FileStatus, JobHyperparameters, JobState, Level
from brightrun.training.catalog import Catalog
from brightrun.training.configuration import PRESETS, Hyperparameters, Preset

JOB_STATUS: Mapping[JobStatus, JobState] = MappingProxyType(
    {
        JobStatus.QUEUED: "queued",
        JobStatus.INITIALIZING: "running",
        JobStatus.RUNNING: "running",
        JobStatus.PAUSED: "paused",
        JobStatus.COMPLETED: "succeeded",
        JobStatus.FAILED: "failed",
        JobStatus.CANCELLED: "cancelled",
    }
)
"""`paused` stands in OpenAI's own example and not in its list; `validating_files` is never said,
because a job is made only of a file that was validated."""

FILE_STATUS: Mapping[DatasetStatus, FileStatus] = MappingProxyType(
    {
        DatasetStatus.UPLOADING: "uploaded",
        DatasetStatus.VALIDATING: "uploaded",
        DatasetStatus.READY: "processed",
        DatasetStatus.ERROR: "error",
    }
)

EVENT_LEVEL: Mapping[EventLevel, Level] = MappingProxyType(
    {EventLevel.INFO: "info", EventLevel.WARNING: "warn", EventLevel.ERROR: "error"}
)

WEBHOOK_EVENT: Mapping[NotificationType, str] = MappingProxyType(
    {
        NotificationType.JOB_COMPLETED: "fine_tuning.job.succeeded",
        NotificationType.JOB_FAILED: "fine_tuning.job.failed",
        NotificationType.JOB_CANCELLED: "fine_tuning.job.cancelled",
    }
)
"""What a webhook endpoint can be told, and nothing else of OpenAI's list."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "base_model": "model",
        "dataset_id": "training_file",
        "file_name": "file",
        "file_size": "file",
        "gpu_config.count": "tuning.gpu_count",
        "gpu_config.type": "tuning.gpu",
        "hyperparameters.batch_size": "hyperparameters.batch_size",
        "hyperparameters.epochs": "hyperparameters.n_epochs",
        "hyperparameters.learning_rate": "hyperparameters.learning_rate_multiplier",
        "hyperparameters.rank": "tuning.rank",
        "max_cost": "tuning.max_cost_usd",
        "name": "suffix",
        "preset_id": "tuning.preset",
        "webhook_url": "url",
    }
)
"""What a field of ours is called in OpenAI's requests."""

MOST_EPOCHS = 20
MOST_MICRO_BATCH = 64
MOST_ACCUMULATION = 64
LEARNING_RATES = (0.00001, 0.001)

_UNTRAINED = {
    "dpo": "method dpo does not train here yet: preference files are validated, and no job can be"
    " made of them; use supervised",
    "reinforcement": "method reinforcement does not train here: its graders carry code, and code of"
    " a request is never run; use supervised",
}


def create_request(asked: FineTuningRequest, catalog: Catalog) -> CreateJobRequest:
    """Return our request of one of OpenAI's.

    Raises:
        InvalidRequest: what it asks for does not train here, or a number is out of our limits.
    """
    _require_trainable(asked)
    numbers = _numbers(asked)
    # a budget of null asks for none, and no word of one for the default
    named = "max_cost_usd" in asked.tuning.model_fields_set
    budget = {"max_cost": asked.tuning.max_cost_usd} if named else {}
    return CreateJobRequest.model_validate(
        {
            "dataset_id": training_file(asked.training_file),
            "preset_id": asked.tuning.preset,
            "gpu_config": _gpu(asked.tuning, catalog),
            "hyperparameters": numbers,
            "base_model": base_model(asked.model, catalog),
            "name": asked.suffix,
            **budget,
        }
    )


def _require_trainable(asked: FineTuningRequest) -> None:
    if asked.method is not None and asked.method.type in _UNTRAINED:
        raise InvalidRequest({"method.type": [_UNTRAINED[asked.method.type]]})
    if asked.validation_file is not None:
        held_out = "leave it out: a share of the training file's conversations is held out instead"
        raise InvalidRequest({"validation_file": [held_out]})
    if asked.integrations:
        raise InvalidRequest({"integrations": ["none is connected here; leave them out"]})


def training_file(theirs: str) -> str:
    """Return the dataset an OpenAI file id names. Raises InvalidRequest if it names none."""
    dataset_id = behind(FILE, theirs)
    if dataset_id is None:
        raise InvalidRequest({"training_file": [f"{theirs} is no file id: those begin with file-"]})
    return dataset_id


def base_model(theirs: str, catalog: Catalog) -> str:
    """Return the base model a name means: its whole id, or that without its owner.

    Raises:
        InvalidRequest: the catalogue has none of that name; the known ones are named.
    """
    for model in catalog.base_models:
        if theirs in {model.id, alias_of(model.id)}:
            return model.id
    if theirs.startswith("ft:"):
        raise InvalidRequest({"model": ["is tuned already; name its base model"]})
    known = ", ".join(alias_of(model.id) for model in catalog.base_models)
    raise InvalidRequest({"model": [f"{theirs} is not among the base models here: {known}"]})


def _gpu(tuning: Tuning, catalog: Catalog) -> dict[str, Any]:
    """Return the hardware asked for; what was left open is the cheapest that can be started."""
    startable = [
        (gpu.hourly_rate_usd * count, gpu.type, count)
        for gpu in catalog.gpus
        for count in gpu.endpoints
        if tuning.gpu in {None, gpu.type} and tuning.gpu_count in {None, count}
    ]
    if not startable:
        return {"type": tuning.gpu or catalog.gpus[0].type, "count": tuning.gpu_count or 1}
    _, gpu_type, count = min(startable)
    return {"type": gpu_type, "count": count}


def _numbers(asked: FineTuningRequest) -> dict[str, Any]:
    preset = PRESETS[asked.tuning.preset]
    theirs = _theirs(asked)
    numbers: dict[str, Any] = {}
    if theirs.n_epochs not in (None, AUTO):
        numbers["epochs"] = _epochs(int(theirs.n_epochs))
    if theirs.batch_size not in (None, AUTO):
        numbers |= _batches(int(theirs.batch_size), preset.batch_size)
    if theirs.learning_rate_multiplier not in (None, AUTO):
        numbers["learning_rate"] = _rate(float(theirs.learning_rate_multiplier), preset)
    if asked.tuning.rank is not None:
        numbers["rank"] = asked.tuning.rank
    if asked.seed is not None:
        numbers["seed"] = asked.seed
    return numbers


def _theirs(asked: FineTuningRequest) -> AskedHyperparameters:
    of_method = asked.method.supervised if asked.method else None
    chosen = of_method.hyperparameters if of_method else None
    return chosen or asked.hyperparameters or AskedHyperparameters()


def _epochs(asked: int) -> int:
    if asked > MOST_EPOCHS:
        raise InvalidRequest({"hyperparameters.n_epochs": [f"at most {MOST_EPOCHS} here"]})
    return asked


def _batches(asked: int, micro: int) -> dict[str, int]:
    """Return micro-batch and accumulation that make an optimizer step of exactly so many rows."""
    sizes = [n for n in range(1, MOST_MICRO_BATCH + 1) if asked % n == 0]
    fitting = [n for n in sizes if asked // n <= MOST_ACCUMULATION]
    if not fitting:
        told = f"{asked} rows cannot be cut into at most 64 equal parts of at most 64; take 256"
        raise InvalidRequest({"hyperparameters.batch_size": [told]})
    small = [n for n in fitting if n <= micro]
    chosen = max(small) if small else min(fitting)
    return {"batch_size": chosen, "gradient_accumulation_steps": asked // chosen}


def _rate(multiplier: float, preset: Hyperparameters) -> float:
    rate = multiplier * preset.learning_rate
    low, high = LEARNING_RATES
    if not low <= rate <= high:
        least, most = low / preset.learning_rate, high / preset.learning_rate
        told = f"from {least:g} to {most:g}, times the preset's rate of {preset.learning_rate:g}"
        raise InvalidRequest({"hyperparameters.learning_rate_multiplier": [told]})
    return rate


def hyperparameters(job: Job) -> JobHyperparameters:
    """Return a job's numbers in OpenAI's words, all resolved: nothing is `auto` any more."""
    preset = PRESETS[base_preset(job)]
    chosen = job.hyperparameters
    return JobHyperparameters(
        n_epochs=chosen.epochs,
        batch_size=chosen.batch_size * chosen.gradient_accumulation_steps,
        learning_rate_multiplier=round(chosen.learning_rate / preset.learning_rate, 6),
    )


def base_preset(job: Job) -> Preset:
    """Return the preset whose rate a job's multiplier is of; balanced where nobody said."""
    if job.labels.preset_id is not None:
        return job.labels.preset_id
    return job.preset_id if job.preset_id in PRESETS else Preset.BALANCED
