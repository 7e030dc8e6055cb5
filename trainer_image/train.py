"""One training run: read the order, load, train, score, write, verify. Knows nothing of jobs.

Started as `python -m trainer_image.train FOLDER`, or by torchrun once per GPU. Events go to
standard output, one JSON object per line; everything else goes to standard error.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist
from peft import PeftModel
from torch import nn

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import RunFailure, Stage
from trainer_image.evaluation import evaluate
from trainer_image.export import adapter_folder
from trainer_image.export.manifest import write_json
from trainer_image.ipc.events import (
    Event,
    LineWritten,
    RunBroken,
    RunFinished,
    RunHalted,
    StageReached,
)
from trainer_image.ipc.failures import RunFailed, RunStopped, blamed, means_out_of_memory
from trainer_image.ipc.heartbeat import Heartbeat
from trainer_image.ipc.run_spec import ARTIFACTS, CHECKPOINTS, RESUME, Option
from trainer_image.machine.host_memory import resident_bytes
from trainer_image.model import adapter, base_model
from trainer_image.run_report import summarise, write_files
from trainer_image.training.distributed import Ranks, join, leave
from trainer_image.training.loop import Loop, LoopSettings
from trainer_image.training.memory_plan import use_fused_kernels
from trainer_image.training.progress import Progress, delivered_adapter
from trainer_image.training.setup import Emit, Run, identity, prepare
from trainer_image.training.step import TrainStep

StopWanted = Callable[[], bool]
CUDAS_OWN_BYTES = 10**9
"""A context, cuBLAS' workspaces, NCCL's buffers: in use, and no tensor's."""


def run(folder: Path, ranks: Ranks, emit: Emit, stop_wanted: StopWanted) -> None:
    """Do the whole run in `folder`.

    Raises:
        RunFailed: it cannot succeed.
        RunStopped: asked to stop; the last checkpoint is written.
    """
    prepared = prepare(folder, ranks, emit)
    model, progress, scores = train_and_score(prepared, stop_wanted)
    if scores is None:
        return  # another rank than the first: its work is done, and nobody waits for it
    emit(StageReached(stage=Stage.SAVING))
    proof = evaluate.verify(scores, model, folder / ARTIFACTS, prepared.where)
    if proof.warning:
        emit(LineWritten(level="warning", message=proof.warning))
    summary = summarise(prepared, progress, scores, proof.difference)
    write_files(prepared, progress, summary, scores)
    emit(RunFinished(directory=str(folder / ARTIFACTS), summary=summary))


def train_and_score(
    run: Run, stop_wanted: StopWanted
) -> tuple[PeftModel, Progress, evaluate.Scores | None]:
    """Train to the end and score base and adapter; optimizer and gradients are freed on return."""
    spec = run.order.spec
    with run.beat.while_changing(memory_in_use):
        model = base_model.load(run.weights, run.where)
    beat_at_each_pass(model, run.beat)
    use_fused_kernels(model, run.where)
    adapted = adapter.attach(model, spec.hyperparameters, spec.base_model)
    learner = TrainStep(
        adapted,
        run.rows.train,
        run.plan,
        spec.hyperparameters,
        budget_tokens=run.layout.setting.micro_step_tokens,
        ranks=run.ranks,
        warn=lambda message: run.emit(LineWritten(level="warning", message=message)),
    )
    learner.lay_out(
        run.layout.setting,
        masks=run.layout.masks is not None,
        fp8=Option.FP8 in run.order.options,
    )
    settings = LoopSettings(
        folder=run.folder / CHECKPOINTS,
        identity=identity(run),
        checkpoint_seconds=run.order.checkpoint_seconds,
        layout=run.layout,
        emit=run.emit,
        stop_wanted=stop_wanted,
    )
    held_out = evaluate.drawn(run.rows.held_out, spec.hyperparameters.seed)
    loop = Loop(learner, held_out, settings)
    if (run.folder / RESUME).is_dir():
        loop.resume(run.folder / RESUME)
    if run.ranks.leads:
        run.emit(StageReached(stage=Stage.TRAINING, total_steps=run.plan.total_steps))
    progress = loop.run()
    best = delivered_adapter(progress, spec.hyperparameters)
    if best is not None:
        learner.adapter.load(best)
    # what is scored from here on is, bit for bit, what is delivered
    learner.adapter.round_to(run.where.compute)
    if run.ranks.leads:
        run.emit(StageReached(stage=Stage.EVALUATING))
    scores = evaluate.score(learner, run.rows, run.where, run.weights)
    if scores is not None:
        (run.folder / ARTIFACTS).mkdir(exist_ok=True)
        adapter_folder.save_adapter(adapted, run.folder / ARTIFACTS, run.where.compute)
    checkpoints = evaluate.score_checkpoints(learner, settings.folder, run.rows.held_out)
    if scores is not None:
        write_json(run.folder / ARTIFACTS / "evaluation.json", scores.as_json(checkpoints))
    return adapted, progress, scores


def memory_in_use() -> int:
    """Return what grows while weights are loaded: the GPU's memory, or this process's."""
    if torch.cuda.is_available():
        return torch.cuda.memory_allocated()
    return resident_bytes()


def memory_of_others() -> int:
    """Return the bytes of this rank's GPU that are in use and neither torch's nor CUDA's own."""
    if not torch.cuda.is_initialized():
        return 0
    try:
        free, total = torch.cuda.mem_get_info()
    except RuntimeError:  # a GPU that has failed answers nothing
        return 0
    return total - free - torch.cuda.memory_reserved() - CUDAS_OWN_BYTES


def beat_at_each_pass(model: nn.Module, beat: Heartbeat) -> None:
    """Beat at each forward pass: a micro-step, a scored batch, a token of an answer."""
    base_model.decoder(model).register_forward_pre_hook(lambda _module, _given: beat())


def main(folder: Path, work: Callable[[Path, Ranks, Emit, StopWanted], None] = run) -> int:
    """Do `work` in this process; the last event says how it ended, the exit status repeats it."""
    emit = _open_channel()
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stop.append(number))
    try:
        work(folder, join(), emit, lambda: bool(stop))
    except RunStopped as stopped:
        if int(os.environ.get("RANK", "0")) == 0:
            emit(RunHalted(step=stopped.step))
    except RunFailed as error:
        emit(RunBroken(failure=blamed(error.failure, memory_of_others())))
        return _end_alone()
    except Exception as error:  # noqa: BLE001 - the process ends here: the parent gets the cause
        no_memory = means_out_of_memory(error)
        code = FailureCode.OUT_OF_MEMORY if no_memory else FailureCode.TRAINER_CRASHED
        emit(RunBroken(failure=blamed(_crash(code, error), memory_of_others())))
        return _end_alone()
    leave()
    return 0


def _end_alone() -> int:
    """Return the status of a failed run; of several ranks one ends without the others.

    Leaving the group is collective, and so is what NCCL does at a normal exit: the others, who
    wait for this rank's gradients, would have it wait for ten minutes.
    """
    if dist.is_initialized():
        sys.stderr.flush()
        os._exit(1)
    return 1


def _crash(code: FailureCode, error: BaseException) -> RunFailure:
    where = traceback.format_exception(error)
    traceback.print_exception(error)
    message = f"{type(error).__name__}: {error}\n{''.join(where)[-1200:]}"
    return RunFailure(code=code, message=message[:2000])


def _open_channel() -> Emit:
    """Keep standard output for events; whatever a library prints goes to standard error."""
    channel = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    whole = threading.Lock()  # a beat comes from any thread, and a long line in several writes

    def emit(event: Event) -> None:
        with whole:
            write_all(channel, event.model_dump_json().encode() + b"\n")

    return emit


def write_all(channel: int, line: bytes) -> None:
    """Write the whole line: one call takes what the pipe has room for when a signal comes."""
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(channel, rest) :]


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
