"""Whether a job's checkpoint is still in staging, which forgets after a week."""

from brightrun.jobs.record import Job
from brightrun.ports.s3.objects import Store, find_object
from brightrun.s3_keys import staged


def is_kept(store: Store, job: Job) -> bool:
    """Tell whether the job has a checkpoint and every file of it is still there."""
    kept = job.checkpoint
    if kept is None:
        return False
    prefix = staged(kept.job_id, kept.attempt, checkpoint_step=kept.step)
    return all(find_object(store, prefix + file.name) for file in kept.files)
