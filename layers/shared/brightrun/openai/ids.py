"""OpenAI's ids, made of ours and turned back without looking anything up. Pure.

Our ids are UUIDs; behind OpenAI's prefix stand their 32 digits. A model's id says what it was made
of, and its last digits alone find it.
"""

import re
from uuid import UUID

from brightrun.jobs.record import Job
from brightrun.models.record import ModelArtifact

FILE = "file-"
RESULTS = "file-results-"
"""Of the file a job's curve makes; behind it stand the digits of the job."""
JOB = "ftjob-"
EVENT = "ftevent-"
CHECKPOINT = "ftckpt_"
UPLOAD = "upload_"
PART = "part_"
WEBHOOK_ENDPOINT = "whe_"
WEBHOOK_EVENT = "evt_"
ORGANIZATION = "personal"
"""What stands in a model's id where OpenAI writes the organization: a user is one here."""

_DIGITS = re.compile(r"[0-9a-f]{32}")
_NO_SLUG = re.compile(r"[^a-z0-9.]+")
_NAMED = re.compile(r"\b(dataset|job|model) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
_LONGEST_SUFFIX = 40


def digits(our_id: str) -> str:
    """Return an id without its dashes; one that is no UUID stays as it is."""
    plain = our_id.replace("-", "")
    return plain if _DIGITS.fullmatch(plain) else our_id


def our_id(digits_of_it: str) -> str:
    """Return the id that has these digits; the inverse of `digits`."""
    if not _DIGITS.fullmatch(digits_of_it):
        return digits_of_it
    return str(UUID(digits_of_it))


def behind(prefix: str, theirs: str) -> str | None:
    """Return our id of one of OpenAI's; None when it has another prefix."""
    if not theirs.startswith(prefix) or theirs == prefix:
        return None
    return our_id(theirs.removeprefix(prefix))


def alias_of(base_model: str) -> str:
    """Return a base model's name without a slash: `llama-3.1-8b-instruct`."""
    return base_model.rsplit("/", 1)[-1].lower()


def model_id(model: ModelArtifact) -> str:
    """Return a model's id: `ft:base:personal:suffix:digits`, always the same."""
    return _tuned(model.base_model, model.suffix, model.id)


def tuned_by(job: Job) -> str | None:
    """Return the id of the model a job has made; None while there is none."""
    if job.artifact_id is None:
        return None
    return _tuned(job.base_model, job.labels.suffix, job.artifact_id)


def checkpoint_model(job: Job, step: int) -> str:
    """Return the name a checkpoint has among models."""
    made = job.artifact_id or job.reserved_artifact_id or job.id
    return f"{_tuned(job.base_model, job.labels.suffix, made)}:ckpt-step-{step}"


def artifact_of(theirs: str) -> str | None:
    """Return our id of a tuned model; None for what is no tuned model's id."""
    parts = theirs.split(":")
    if len(parts) < 5 or parts[0] != "ft":  # noqa: PLR2004 - ft, base, organization, suffix, digits
        return None
    return our_id(parts[4])


def _tuned(base_model: str, suffix: str | None, artifact_id: str) -> str:
    slug = _NO_SLUG.sub("-", (suffix or "").lower()).strip("-")[:_LONGEST_SUFFIX]
    return f"ft:{alias_of(base_model)}:{ORGANIZATION}:{slug}:{digits(artifact_id)}"


def in_their_ids(message: str) -> str:
    """Return a sentence of ours in which things are called by the ids their caller knows."""

    def renamed(found: re.Match[str]) -> str:
        kind, named = found[1], digits(found[2])
        return {"dataset": f"file {FILE}{named}", "job": f"job {JOB}{named}"}.get(kind, found[0])

    return _NAMED.sub(renamed, message)
