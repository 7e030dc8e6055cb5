"""How far one worker's words reach: steps, times, pace, lines, bytes, names of files. Pure.

A worker is a stranger with a ticket. What it cannot know better than we do is held against what
we know: the plan, the clock, and what one attempt may cost everybody else.
"""

import re
from datetime import datetime, timedelta

from brightrun.clock import Clock
from brightrun.errors import InvalidRequest, RateLimited, TooLarge
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Attempt, Job
from brightrun.multipart import GIB
from brightrun.s3_keys import REQUIRED_FILES, TERMINAL
from brightrun.training.bounds import MAX_STEPS
from brightrun.training.protocol import ReportRequest
from brightrun.training.uploading import UploadFile

MAX_LINES = 20_000
MAX_POINTS = 50_000
"""Of one attempt; what is said beyond is not kept. A log and a curve show no more either."""
MAX_GRANTED_BYTES = 1024 * GIB
"""Of one attempt, its checkpoints among them: staging costs 0.8 USD a day for as much."""
REPORTS_AT_ONCE = 20
"""How many reports may come in a burst, before each has to keep the least distance."""
_CLOCK_DIFFERENCE = timedelta(days=1)
_LONGEST_ETA_SECONDS = 30 * 86_400

MODEL_FILES = frozenset(REQUIRED_FILES) | {
    TERMINAL,
    "added_tokens.json",
    "chat_template.jinja",
    "config.json",
    "evaluation.json",
    "generation_config.json",
    "merges.txt",
    "probes.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
}
"""What a model may hold. A pickle among them would be code for whoever loads it."""
_CHECKPOINT_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.(safetensors|json|json\.gz)")


def most_steps(job: Job) -> int:
    """Return how many steps the plan can have: each takes a row at least."""
    planned = job.dataset.total_training_pairs * max(1, job.hyperparameters.epochs)
    return min(planned or MAX_STEPS, MAX_STEPS)


def near(clock: Clock, time: datetime) -> datetime:
    """Return a worker's time; a clock that is a day wrong is replaced by ours."""
    return time if abs(time - clock.at) <= _CLOCK_DIFFERENCE else clock.at


def within_bounds(
    job: Job, attempt: Attempt, clock: Clock, message: ReportRequest
) -> ReportRequest:
    """Return a report as far as it can be true, and no more of it than an attempt may say.

    Of two points of one step the last counts.

    Raises:
        InvalidRequest: a step lies beyond the plan.
    """
    points = {point.step: point for point in message.points}
    most = most_steps(job)
    if max([message.step, message.total_steps, *points]) > most:
        raise InvalidRequest({"step": [f"this job has {most} steps at the most"]})
    kept = list(points.values())[: max(0, MAX_POINTS - attempt.points_reported)]
    lines = message.lines[: max(0, MAX_LINES - attempt.lines_reported)]
    return message.model_copy(
        update={
            "points": tuple(
                p.model_copy(update={"timestamp": near(clock, p.timestamp)}) for p in kept
            ),
            "lines": tuple(li.model_copy(update={"time": near(clock, li.time)}) for li in lines),
            "execution_seconds": at_work(attempt, clock, message.execution_seconds),
            "eta_seconds": _eta(message.eta_seconds),
        }
    )


def at_work(attempt: Attempt, clock: Clock, claimed_seconds: float) -> float:
    """Return a worker's own seconds, never more than have passed since it was let in."""
    began = attempt.started_at or attempt.seen_running_at or attempt.created_at
    return min(claimed_seconds, max(0.0, (clock.at - began).total_seconds()))


def _eta(seconds: float | None) -> float | None:
    return None if seconds is None else min(max(seconds, 0.0), _LONGEST_ETA_SECONDS)


def paced(attempt: Attempt, clock: Clock, limits: Limits) -> datetime:
    """Return until when an attempt's reports are used up, with one more of them.

    Each report takes a third of the interval; a burst may be ahead of that.

    Raises:
        RateLimited: too many came too soon; says when the next one may come.
    """
    distance = timedelta(seconds=limits.report_interval_seconds / 3)
    used_until = max(attempt.reports_used_until or clock.at, clock.at) + distance
    ahead = used_until - clock.at - REPORTS_AT_ONCE * distance
    if ahead > timedelta():
        raise RateLimited("reports come too fast", ahead.total_seconds())
    return used_until


def granted(attempt: Attempt, files: tuple[UploadFile, ...]) -> int:
    """Return how many bytes an attempt has been granted, these files among them.

    Raises:
        InvalidRequest: a file that is no part of a model or of a checkpoint.
        TooLarge: it is more than one attempt may store.
    """
    strange = [file.name for file in files if not _is_known(file)]
    if strange:
        raise InvalidRequest({"files": [f"{name} is no file of a model" for name in strange]})
    # an upload that was begun was counted when it was
    total = attempt.granted_bytes + sum(f.size_bytes for f in files if f.upload_id is None)
    if total > MAX_GRANTED_BYTES:
        raise TooLarge(
            f"an attempt may store {MAX_GRANTED_BYTES} bytes",
            {"file_size": total, "max_file_size": MAX_GRANTED_BYTES},
        )
    return total


def _is_known(file: UploadFile) -> bool:
    if file.kind == "checkpoint":
        return file.step is not None and _CHECKPOINT_FILE.fullmatch(file.name) is not None
    return file.name in MODEL_FILES
