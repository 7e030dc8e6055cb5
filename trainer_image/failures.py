"""How a run fails: a code to branch on and a sentence a user can act on. Pure."""

from brightrun.training.protocol import Failure, FailureCode

LONGEST_MESSAGE = 2000


class RunFailed(Exception):
    """The run cannot succeed; `failure` says why, in the words the owner will read."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.failure = Failure(code=code, message=message[:LONGEST_MESSAGE])


class RunStopped(Exception):
    """The run was asked to stop and has; the checkpoint of `step` is on disk."""

    def __init__(self, step: int) -> None:
        super().__init__(f"stopped after step {step}")
        self.step = step
