"""The learning rate of each step: a warm-up, then a fall. Pure."""

import math

from brightrun.training.configuration import Hyperparameters, Scheduler


def learning_rate(step: int, total_steps: int, hyperparameters: Hyperparameters) -> float:
    """Return the rate for `step` (from 0); the warm-up's last step has the full rate."""
    warmup = math.ceil(total_steps * hyperparameters.warmup_ratio)
    if step < warmup:
        return hyperparameters.learning_rate * (step + 1) / warmup
    passed = (step - warmup) / max(1, total_steps - warmup)
    return hyperparameters.learning_rate * _share_left(hyperparameters.scheduler, passed)


def _share_left(scheduler: Scheduler, passed: float) -> float:
    match scheduler:
        case Scheduler.COSINE:
            return 0.5 * (1.0 + math.cos(math.pi * passed))
        case Scheduler.LINEAR:
            return 1.0 - passed
        case Scheduler.CONSTANT:
            return 1.0
