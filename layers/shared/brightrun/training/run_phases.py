"""Where the GPU time of a run goes, reckoned phase by phase. Pure.

Beside the documented price formula, whose 10, 5 and 5 minutes are the same for every run: of a
small job most is spent before and after training, and here one can see on what.

Rates are from public figures and from arithmetic (2026-11-28); measured ones take their place as
soon as a GPU has told them.
"""

from brightrun.records import Record
from brightrun.training.catalog import Gpu, TrainableModel
from brightrun.training.configuration import Hyperparameters
from brightrun.training.gpu_fit import Reckoned, reckoned
from brightrun.training.memory_model import SIXTEEN_BIT_BYTES, adapter_weights
from brightrun.training.planned_run import PlannedRun
from brightrun.training.speed_model import step_seconds

BOOT_SECONDS = 50.0
"""Image there: imports and the check of the GPU. The image's own pull is not billed."""
DOWNLOAD_BYTES_PER_SECOND = 150e6
"""Between 100 and 270 MB/s were seen by others from the Hub; 0 s where the weights are cached."""
LOAD_BYTES_PER_SECOND = 1e9
PROVE_SECONDS = 5.0
UPLOAD_SECONDS = 5.0
UPLOAD_BYTES_PER_SECOND = 50e6
_SCORED_AT_THE_END = 3
"""Held-out rows once by the base, once by the adapter, and their last answers once more."""
_MOST_OTHER_PROMPTS, _MOST_SWAPPED_ROWS = 8, 2000
_MOST_SCORED_ROWS = 2000
_FORWARD_SHARE = 0.5
"""Of a step's time: frozen weights need one product forward and one backward."""
_SAMPLE_TOKENS = 96
_TOKEN_SECONDS_PER_LAYER = 0.07 / 36
"""Of an answer's token, by PEFT's own forwards: the host's time, 64 to 76 ms for a toy of 36 layers
on a CPU (2026-11-28)."""
_SIDES = 2


class RunPhases(Record):
    """GPU seconds of a run, by what they are spent on.

    Attributes:
        boot: from the worker's start to the first byte asked for.
        download: of the base model's weights, where the worker has not got them.
        evaluate: held-out rows after each epoch and at the end, and sample answers.
        prove: that the saved files are the adapter that was trained.
        longest: the phase that takes most.
    """

    boot: float
    download: float
    load: float
    train: float
    evaluate: float
    prove: float
    upload: float
    total: float
    longest: str


def run_phases(
    model: TrainableModel,
    gpu: Gpu,
    hyperparameters: Hyperparameters,
    count: int,
    run: PlannedRun,
    *,
    longest_row_tokens: int | None = None,
) -> RunPhases | None:
    """Return where the time of a run goes; None for a model or chip that cannot be reckoned."""
    known = reckoned(
        model, gpu, hyperparameters, run.row_tokens, longest_row_tokens=longest_row_tokens
    )
    if known is None:
        return None
    weights_bytes = SIXTEEN_BIT_BYTES * model.parameters
    adapter = adapter_weights(known.shape, hyperparameters.rank, hyperparameters.target_modules)
    step_tokens = run.trained_rows / run.steps_per_epoch * run.row_tokens
    seconds = {
        "boot": BOOT_SECONDS,
        "download": weights_bytes / DOWNLOAD_BYTES_PER_SECOND,
        "load": weights_bytes / LOAD_BYTES_PER_SECOND,
        "train": run.total_steps * _step_seconds(known, step_tokens, count, run),
        "evaluate": _evaluation_seconds(known, hyperparameters, count, run),
        "prove": PROVE_SECONDS,
        "upload": UPLOAD_SECONDS + SIXTEEN_BIT_BYTES * adapter / UPLOAD_BYTES_PER_SECOND,
    }
    longest = max(seconds, key=seconds.__getitem__)
    return RunPhases(
        **{name: round(value, 1) for name, value in seconds.items()},
        total=round(sum(seconds.values()), 1),
        longest=longest,
    )


def _step_seconds(known: Reckoned, tokens: float, count: int, run: PlannedRun) -> float:
    """A step of fewer rows than GPUs leaves some of them idle."""
    busy = max(1, min(count, round(tokens / run.row_tokens)))
    return step_seconds(
        known.shape, known.work, known.chip, known.setting, tokens=tokens, gpus=busy
    )


def _evaluation_seconds(
    known: Reckoned, hyperparameters: Hyperparameters, count: int, run: PlannedRun
) -> float:
    """Rows are scored in full micro-steps by all GPUs; samples are one batch on the first."""
    rows = min(run.held_out_rows, _MOST_SCORED_ROWS)
    if not rows:
        return 0.0
    others = max(1, min(_MOST_OTHER_PROMPTS, _MOST_SWAPPED_ROWS // rows))
    times = hyperparameters.epochs + _SCORED_AT_THE_END + others
    tokens = times * rows * run.row_tokens
    scoring = _FORWARD_SHARE * step_seconds(
        known.shape, known.work, known.chip, known.setting, tokens=tokens, gpus=count
    )
    token_seconds = known.shape.layers * _TOKEN_SECONDS_PER_LAYER
    return scoring + _SIDES * _SAMPLE_TOKENS * token_seconds
