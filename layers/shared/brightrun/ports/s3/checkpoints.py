"""Whether a job's checkpoint is still in staging, which forgets after a week."""

from brightrun.jobs.record import Attempt, Job, StoredCheckpoint
from brightrun.ports.s3 import staging
from brightrun.ports.s3.objects import Store, find_object, is_as_declared
from brightrun.s3_keys import staged

_TENSORS, _STATE = ".safetensors", ".json.gz"


def is_kept(store: Store, job: Job) -> bool:
    """Tell whether the job has a checkpoint and every file of it is still there."""
    kept = job.checkpoint
    if kept is None:
        return False
    prefix = staged(kept.job_id, kept.attempt, checkpoint_step=kept.step)
    return all(find_object(store, prefix + file.name) for file in kept.files)


def join_left(store: Store, attempt: Attempt, *, after_step: int) -> None:
    """Join what a worker had sent all parts of when it was cut off, of its later checkpoints."""
    for offer in attempt.offered:
        if offer.step > after_step:
            prefix = staged(offer.job_id, offer.attempt, checkpoint_step=offer.step)
            for file in offer.files:
                staging.join_left(store, prefix + file.name, file)


def newest_kept(store: Store, attempt: Attempt) -> StoredCheckpoint | None:
    """Return the newest checkpoint that the attempt's worker began to store and that lies whole."""
    for offer in reversed(attempt.offered):
        prefix = staged(offer.job_id, offer.attempt, checkpoint_step=offer.step)
        found = ((file, find_object(store, prefix + file.name)) for file in offer.files)
        stored = all(there is not None and is_as_declared(there, file) for file, there in found)
        if stored and _is_whole({file.name for file in offer.files}):
            return offer
    return None


def _is_whole(names: set[str]) -> bool:
    """Large files are offered one by one, after the small ones: each state needs its tensors."""
    tensors = {name.removesuffix(_TENSORS) for name in names if name.endswith(_TENSORS)}
    states = {name.removesuffix(_STATE) for name in names if name.endswith(_STATE)}
    return bool(tensors) and states <= tensors
