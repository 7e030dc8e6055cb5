"""What the trainer will do with a dataset, before it does it: rows, held out, steps. Pure.

The documented price formula counts pairs (`cost_estimate`); the trainer counts rows, and takes the
held-out ones off. Both stand side by side.
"""

from brightrun.records import Record
from brightrun.training.configuration import Hyperparameters
from brightrun.training.holdout import FEWEST_FOR_A_VERDICT, held_out_count


class PlannedRun(Record):
    """The steps a run will take.

    Attributes:
        held_out_rows: as many as their conversations have on average; which they are is known
            when the file is read.
        verdict_possible: whether as many conversations are held out as a verdict needs.
    """

    trained_rows: int
    held_out_rows: int
    held_out_conversations: int
    steps_per_epoch: int
    total_steps: int
    row_tokens: float
    verdict_possible: bool


def planned_run(
    rows: int, conversations: int, tokens: int, hyperparameters: Hyperparameters
) -> PlannedRun | None:
    """Return what a run over that many rows that train will do; None where there are none."""
    if rows <= 0 or conversations <= 0:
        return None
    held_out = held_out_count(conversations, fraction=hyperparameters.validation_fraction)
    held_out_rows = round(rows * held_out / conversations)
    per_step = hyperparameters.batch_size * hyperparameters.gradient_accumulation_steps
    steps = max(1, -(-(rows - held_out_rows) // per_step))
    return PlannedRun(
        trained_rows=rows - held_out_rows,
        held_out_rows=held_out_rows,
        held_out_conversations=held_out,
        steps_per_epoch=steps,
        total_steps=steps * hyperparameters.epochs,
        row_tokens=tokens / rows,
        verdict_possible=held_out >= FEWEST_FOR_A_VERDICT,
    )
