"""Which of a machine's GPUs a job trains on: as many as were ordered, no more, no fewer. Pure."""

from collections.abc import Mapping

from brightrun.training.failure_codes import FailureCode
from trainer_image.ipc.failures import RunFailed
from trainer_image.machine.gpu import MOST_TAKEN_BYTES, Gpus

_VISIBLE = "CUDA_VISIBLE_DEVICES"


def assigned(asked: int | None, gpus: Gpus, *, gpu_needed: bool) -> int:
    """Return how many of `gpus` to train on; 0 is a CPU.

    Args:
        asked: as many as were ordered; None: all that there are.
        gpu_needed: the image is one that trains on GPUs; a CPU stands for any number otherwise.

    Raises:
        RunFailed: `GPUS_MISSING`: nobody pays for two GPUs to train on one.
    """
    if asked is None or (not gpus.count and not gpu_needed):
        return gpus.count
    if gpus.count < asked:
        raise RunFailed(
            FailureCode.GPUS_MISSING,
            f"{asked} GPUs were ordered and this worker has {gpus.count}:"
            f" the endpoint must give its workers {asked}",
        )
    return asked


def visible(environment: Mapping[str, str], count: int, gpus: Gpus) -> dict[str, str]:
    """Return `environment` with the first `count` GPUs visible, where there are more."""
    if not count or count == gpus.count:
        return dict(environment)
    known = environment.get(_VISIBLE) or ",".join(map(str, range(gpus.count)))
    return {**environment, _VISIBLE: ",".join(known.split(",")[:count])}


def held_by_others(gpus: Gpus, count: int) -> str | None:
    """Return which of the first `count` GPUs has memory in use before we start; None: none has."""
    for place, taken in enumerate(gpus.taken_bytes[:count]):
        if taken > MOST_TAKEN_BYTES:
            return f"{taken / 1e9:.1f} GB of GPU {place} are in use by something else"
    return None
