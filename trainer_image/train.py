"""One training run: read the order, load, train, score, write, verify. Knows nothing of jobs.

Started as `python -m trainer_image.train FOLDER`, or by torchrun once per GPU. Events go to
standard output, one JSON object per line; everything else goes to standard error.
"""

import hashlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from brightrun.training.protocol import Failure, FailureCode, RunSummary, Stage
from trainer_image import adapter, base_model, data, delivery, evaluation, weights
from trainer_image.base_model import Placement
from trainer_image.data import Rows
from trainer_image.events import (
    Event,
    LineWritten,
    RunBroken,
    RunFinished,
    RunHalted,
    StageReached,
)
from trainer_image.failures import RunFailed, RunStopped
from trainer_image.layout import Layout, choose_layout, use_fused_kernels
from trainer_image.learner import Learner
from trainer_image.loop import Loop, LoopSettings, Progress, delivered_adapter
from trainer_image.manifest import describe, write_json, write_manifest
from trainer_image.order import ARTIFACTS, CHECKPOINTS, DATASET, RESUME, RunOrder, read_order
from trainer_image.plan import Plan
from trainer_image.ranks import Ranks, join, leave
from trainer_image.versions import installed_versions

FREE_DISK_BYTES = 10**9

Emit = Callable[[Event], None]
StopWanted = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Run:
    """What is fixed before the first step."""

    order: RunOrder
    folder: Path
    weights: Path
    rows: Rows
    where: Placement
    ranks: Ranks
    plan: Plan
    layout: Layout
    emit: Emit


def run(folder: Path, ranks: Ranks, emit: Emit, stop_wanted: StopWanted) -> None:
    """Do the whole run in `folder`.

    Raises:
        RunFailed: it cannot succeed.
        RunStopped: asked to stop; the last checkpoint is written.
    """
    prepared = prepare(folder, ranks, emit)
    progress, scores = train_and_score(prepared, stop_wanted)
    if scores is None:
        return  # another rank than the first: its work is done
    emit(StageReached(stage=Stage.SAVING))
    difference = evaluation.verify(scores, prepared.weights, folder / ARTIFACTS, prepared.where)
    summary = summarise(prepared, progress, scores, difference)
    write_files(prepared, progress, summary, scores)
    emit(RunFinished(directory=str(folder / ARTIFACTS), summary=summary))


def prepare(folder: Path, ranks: Ranks, emit: Emit) -> Run:
    """Find the weights and read the data; everything cheap that can refuse comes first."""
    order = read_order(folder)
    hyperparameters = order.spec.hyperparameters
    if ranks.leads:
        emit(StageReached(stage=Stage.LOADING_MODEL))
    weights.require_disk(folder, FREE_DISK_BYTES, "checkpoints and the adapter")
    models = Path(order.models_dir) if order.models_dir else None
    found = weights.find_weights(models, order.spec.base_model, Path(order.cache_dir))
    config = base_model.read_config(found)
    where = base_model.placement(ranks.local_rank)
    base_model.require_memory(found, where)
    rows = data.load_rows(
        folder / DATASET,
        data.open_encoder(found),
        hyperparameters,
        data.context_tokens(config),
        order.spec.over_length,
    )
    plan = Plan(
        sizes=tuple(row.size for row in rows.train),
        rows_per_step=hyperparameters.batch_size * hyperparameters.gradient_accumulation_steps,
        epochs=hyperparameters.epochs,
        seed=hyperparameters.seed,
    )
    if ranks.leads:
        emit(LineWritten(message=_data_words(rows, plan)))
    layout = choose_layout(config, plan, hyperparameters, where, order.micro_step_tokens)
    return Run(order, folder, found, rows, where, ranks, plan, layout, emit)


def train_and_score(run: Run, stop_wanted: StopWanted) -> tuple[Progress, evaluation.Scores | None]:
    """Train to the end and score base and adapter; the model is freed on return."""
    spec = run.order.spec
    model = base_model.load(run.weights, run.where)
    use_fused_kernels(model, run.where)
    adapted = adapter.attach(model, spec.hyperparameters, spec.base_model)
    learner = Learner(
        adapted,
        run.rows.train,
        run.plan,
        spec.hyperparameters,
        budget_tokens=run.layout.setting.micro_step_tokens,
        ranks=run.ranks,
        warn=lambda message: run.emit(LineWritten(level="warning", message=message)),
    )
    learner.checkpoint_layers(run.layout.setting.checkpointed_layers)
    settings = LoopSettings(
        folder=run.folder / CHECKPOINTS,
        identity=identity(run),
        checkpoint_seconds=run.order.checkpoint_seconds,
        layout=run.layout,
        emit=run.emit,
        stop_wanted=stop_wanted,
    )
    loop = Loop(learner, run.rows.held_out, settings)
    if (run.folder / RESUME).is_dir():
        loop.resume(run.folder / RESUME)
    if run.ranks.leads:
        run.emit(StageReached(stage=Stage.TRAINING, total_steps=run.plan.total_steps))
    progress = loop.run()
    if not run.ranks.leads:
        return progress, None
    best = delivered_adapter(progress, spec.hyperparameters)
    if best is not None:
        learner.adapter.load(best)
    # what is scored from here on is, bit for bit, what is delivered
    learner.adapter.round_to(run.where.compute)
    run.emit(StageReached(stage=Stage.EVALUATING))
    scores = evaluation.score(adapted, run.rows, spec.hyperparameters, run.where, run.weights)
    (run.folder / ARTIFACTS).mkdir(exist_ok=True)
    delivery.save_adapter(adapted, run.folder / ARTIFACTS, run.where.compute)
    checkpoints = evaluation.score_checkpoints(learner, settings.folder, run.rows.held_out)
    write_json(run.folder / ARTIFACTS / "evaluation.json", scores.as_json(checkpoints))
    return progress, scores


def summarise(
    run: Run, progress: Progress, scores: evaluation.Scores, difference: float
) -> RunSummary:
    """Return what the owner is told of the run."""
    last = progress.points[-1] if progress.points else None
    return RunSummary(
        epochs_completed=progress.step / run.plan.steps_per_epoch,
        total_steps=progress.step,
        trained_rows=len(run.rows.train),
        validation_rows=len(run.rows.held_out),
        trained_tokens=progress.trained_tokens,
        final_training_loss=last.training_loss if last else None,
        final_validation_loss=scores.comparison.adapter_loss if scores.comparison else None,
        training_seconds=progress.training_seconds,
        probe_max_difference=difference,
        resumed_from_step=progress.resumed_from,
        comparison=scores.comparison,
        samples=scores.samples,
    )


def write_files(
    run: Run, progress: Progress, summary: RunSummary, scores: evaluation.Scores
) -> None:
    """Write everything beside the adapter into the delivered folder, the manifest last."""
    folder = run.folder / ARTIFACTS
    delivery.copy_tokenizer(run.weights, folder)
    delivery.write_metrics(progress.points, folder / "metrics.csv")
    write_json(folder / "probes.json", scores.probes.model_dump(mode="json"))
    write_json(folder / "training_args.json", _arguments(run, progress))
    card = delivery.model_card(run.order.spec, summary)
    (folder / "README.md").write_text(card, encoding="utf-8")
    write_manifest(folder)


def identity(run: Run) -> str:
    """Return a digest of everything that decides what a step computes."""
    digest = hashlib.sha256()
    spec = run.order.spec
    digest.update(spec.base_model.model_dump_json().encode())
    digest.update(spec.hyperparameters.model_dump_json().encode())
    for row in (*run.rows.train, *run.rows.held_out):
        digest.update(row.ids.tobytes())
        digest.update(row.labels.tobytes())
    return digest.hexdigest()


def _arguments(run: Run, progress: Progress) -> dict[str, object]:
    spec = run.order.spec
    best = delivered_adapter(progress, spec.hyperparameters) is not None
    return {
        "base_model": spec.base_model.model_dump(),
        "hyperparameters": spec.hyperparameters.model_dump(mode="json"),
        "dataset_sha256": describe(run.folder / DATASET).sha256,
        "rows": {
            "trained": len(run.rows.train),
            "held_out": len(run.rows.held_out),
            "left_out": run.rows.left_out,
            "truncated": run.rows.truncated,
        },
        "total_steps": run.plan.total_steps,
        "steps_taken": progress.step,
        "delivered_step": progress.best_step if best else progress.step,
        "resumed_from_step": progress.resumed_from,
        "micro_step_tokens": run.layout.setting.micro_step_tokens,
        "checkpointed_layers": run.layout.setting.checkpointed_layers,
        "device": run.where.device.type,
        "processes": run.ranks.count,
        "compute_type": str(run.where.compute).removeprefix("torch."),
        "quantisation": "nf4, double" if run.where.quantised else None,
        "versions": installed_versions(),
    }


def _data_words(rows: Rows, plan: Plan) -> str:
    left_out = sum(rows.left_out.values())
    return (
        f"{len(rows.train)} rows train, {len(rows.held_out)} are held out, {left_out} left out,"
        f" {rows.truncated} truncated; {plan.total_steps} steps, {plan.total_tokens:,} tokens"
    )


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
        return 0
    except RunFailed as error:
        emit(RunBroken(failure=error.failure))
        return 1
    except (torch.OutOfMemoryError, MemoryError) as error:
        emit(_broken(FailureCode.OUT_OF_MEMORY, error))
        return 1
    except Exception as error:  # noqa: BLE001 - the process ends here: the parent gets the cause
        emit(_broken(FailureCode.TRAINER_CRASHED, error))
        return 1
    finally:
        leave()
    return 0


def _broken(code: FailureCode, error: BaseException) -> RunBroken:
    where = traceback.format_exception(error)
    traceback.print_exception(error)
    message = f"{type(error).__name__}: {error}\n{''.join(where)[-1200:]}"
    return RunBroken(failure=Failure(code=code, message=message[:2000]))


def _open_channel() -> Emit:
    """Keep standard output for events; whatever a library prints goes to standard error."""
    channel = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def emit(event: Event) -> None:
        os.write(channel, event.model_dump_json().encode() + b"\n")

    return emit


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
