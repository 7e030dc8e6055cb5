"""How a run fails: a code to branch on and a sentence a user can act on. Pure."""

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import RunFailure
from trainer_image.machine.gpu import MOST_TAKEN_BYTES

LONGEST_MESSAGE = 2000
_NO_MEMORY = ("out of memory", "status_alloc_failed", "can't allocate memory")


class RunFailed(Exception):
    """The run cannot succeed; `failure` says why, in the words the owner will read."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.failure = RunFailure(code=code, message=message[:LONGEST_MESSAGE])


def means_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory, a GPU's or the machine's, does not suffice.

    torch has a class for its own allocator alone; cuBLAS, kernel launches, Triton and the CPU's
    allocator say it in words.
    """
    said = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and any(words in said for words in _NO_MEMORY))
    )


def blamed(failure: RunFailure, others_bytes: int) -> RunFailure:
    """Return `failure`, or what is to blame when others hold the memory that did not suffice.

    Args:
        others_bytes: of the GPU's memory, what neither this process nor CUDA's own parts hold.
    """
    if failure.code is not FailureCode.OUT_OF_MEMORY or others_bytes <= MOST_TAKEN_BYTES:
        return failure
    message = f"{others_bytes / 1e9:.1f} GB are in use by something else: {failure.message}"
    return RunFailure(code=FailureCode.GPU_MEMORY_TAKEN, message=message[:LONGEST_MESSAGE])


class RunStopped(Exception):
    """The run was asked to stop and has; the checkpoint of `step` is on disk."""

    def __init__(self, step: int) -> None:
        super().__init__(f"stopped after step {step}")
        self.step = step
