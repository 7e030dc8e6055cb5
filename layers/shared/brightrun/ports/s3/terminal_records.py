"""The verdict a worker left in staging before it could tell us."""

import logging

from pydantic import ValidationError

from brightrun.jobs.record import Attempt
from brightrun.ports.s3.objects import Store, read_whole
from brightrun.s3_keys import TERMINAL, staged
from brightrun.training.protocol import FinishRequest

_LIMIT_BYTES = 1024**2
_log = logging.getLogger(__name__)


def read_terminal_record(store: Store, attempt: Attempt) -> FinishRequest | None:
    """Return what lies in the attempt's `terminal.json`, if it is a verdict."""
    key = staged(attempt.job_id, attempt.number) + TERMINAL
    left = read_whole(store, key, limit_bytes=_LIMIT_BYTES)
    if left is None:
        return None
    try:
        return FinishRequest.model_validate_json(left)
    except ValidationError:
        _log.warning("unreadable verdict of job %s, attempt %s", attempt.job_id, attempt.number)
        return None
