"""What has happened in a run so far, as it is kept with each checkpoint and read back."""

from dataclasses import dataclass, field
from typing import Self

from torch import Tensor

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import Point
from trainer_image.training.checkpoint import LaidOut, RunState


@dataclass(slots=True)
class Progress:
    """What has happened so far; saved with every checkpoint."""

    step: int = 0
    training_seconds: float = 0.0
    trained_tokens: int = 0
    best_step: int | None = None
    best_loss: float | None = None
    without_gain: int = 0
    points: list[Point] = field(default_factory=list)
    best_adapter: Tensor | None = None
    resumed_from: int | None = None
    ended_early: bool = False
    layouts: list[LaidOut] = field(default_factory=list)

    def as_state(self, identity: str) -> RunState:
        """Return what a checkpoint of the run with this identity says of it."""
        return RunState(
            step=self.step,
            identity=identity,
            training_seconds=self.training_seconds,
            trained_tokens=self.trained_tokens,
            best_step=self.best_step,
            best_validation_loss=self.best_loss,
            evaluations_without_gain=self.without_gain,
            ended_early=self.ended_early,
            layouts=tuple(self.layouts),
            points=tuple(self.points),
        )

    @classmethod
    def of_state(
        cls, state: RunState, best_adapter: Tensor | None, resumed_from: int | None
    ) -> Self:
        """Return what a checkpoint says, with the best weights that lay beside it."""
        return cls(
            step=state.step,
            training_seconds=state.training_seconds,
            trained_tokens=state.trained_tokens,
            best_step=state.best_step,
            best_loss=state.best_validation_loss,
            without_gain=state.evaluations_without_gain,
            ended_early=state.ended_early,
            layouts=list(state.layouts),
            points=list(state.points),
            best_adapter=best_adapter,
            resumed_from=resumed_from,
        )


def delivered_adapter(progress: Progress, hyperparameters: Hyperparameters) -> Tensor | None:
    """Return the best weights when early stopping is on; None means: those of the last step."""
    return progress.best_adapter if hyperparameters.early_stopping_patience else None
