"""How a training process ended, from its last word, its exit status and the kernel. Pure."""

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import RunFailure
from trainer_image.ipc.events import RunBroken, RunFinished, RunHalted

Ending = RunFinished | RunHalted | RunBroken


def meaning_of(
    said: Ending | None,
    *,
    status: int,
    out_of_memory_kills: int,
    stopped_at: int | None,
    words: str,
    stalled_seconds: float | None = None,
) -> Ending:
    """Return what `said` means, or its absence.

    The kernel ends one rank for want of memory without a word; what another then says of a broken
    connection is a consequence.

    Args:
        stopped_at: the step of a run that was asked to stop; None: it was not.
        words: the end of the error stream.
        stalled_seconds: how long it had made no progress when it was ended for it.
    """
    is_crash = isinstance(said, RunBroken) and said.failure.code is FailureCode.TRAINER_CRASHED
    if said is not None and not (is_crash and out_of_memory_kills > 0):
        return said
    if said is None and stalled_seconds is not None:
        message = (
            f"no sign of progress for {stalled_seconds / 60:.0f} minutes:"
            f" the training process hung and was ended\n{words}"
        )
        return RunBroken(
            failure=RunFailure(code=FailureCode.TRAINER_CRASHED, message=message[:2000])
        )
    if said is None and stopped_at is not None:
        return RunHalted(step=stopped_at)
    if out_of_memory_kills > 0:
        code = FailureCode.OUT_OF_MEMORY
        message = "the machine's memory did not suffice: the kernel ended the training process"
    else:
        code = FailureCode.TRAINER_CRASHED
        message = f"the training process ended with status {status}\n{words}"
    return RunBroken(failure=RunFailure(code=code, message=message[:2000]))
