"""What is fixed before the first step: weights, rows, plan, layout. Cheap refusals come first."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brightrun.training.configuration import Hyperparameters
from brightrun.training.memory_model import adapter_weights
from brightrun.training.model_dimensions import Shape
from brightrun.training.protocol import Stage
from trainer_image.data import dataset
from trainer_image.data.dataset import Rows
from trainer_image.data.sampling import Plan
from trainer_image.ipc.events import Event, LineWritten, StageReached
from trainer_image.ipc.heartbeat import Heartbeat
from trainer_image.ipc.run_spec import DATASET, RunOrder, read_order
from trainer_image.machine.gpu import find_gpus
from trainer_image.model import base_model, weights
from trainer_image.model.architectures import require_projections
from trainer_image.model.base_model import Placement
from trainer_image.model.disk import FreeBytes, Need, free_bytes, require_disk
from trainer_image.model.flat_adapter import ORDER
from trainer_image.model.weights import Located, Sources
from trainer_image.training import checkpoint, options
from trainer_image.training.distributed import Ranks
from trainer_image.training.memory_plan import MemoryPlan, choose_layout

SPARE_DISK_BYTES = 10**9
"""For the delivered files and logs, beside checkpoints."""
_DEALING = b"the rows of an epoch dealt evenly over its steps"
"""An earlier trainer left the last step the rest: its steps held other rows."""
FEW_TOKENS = 1000
"""A GPU's share of a step below which it waits for Python (reckoned for an 8B)."""
_NEVER_EARLY = (
    "early_stopping_patience changes nothing in this run: it watches held-out rows, and there are"
    " none; raise validation_fraction or upload more conversations"
)

Emit = Callable[[Event], None]


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
    layout: MemoryPlan
    emit: Emit
    beat: Heartbeat


def prepare(folder: Path, ranks: Ranks, emit: Emit) -> Run:
    """Find the weights and read the data; everything cheap that can refuse comes first."""
    order = read_order(folder)
    beat = Heartbeat(emit)
    hyperparameters = order.spec.hyperparameters
    if ranks.leads:
        emit(StageReached(stage=Stage.LOADING_MODEL))
    sources = Sources.of(order)
    located = weights.locate(order.spec.base_model, sources)
    config = base_model.read_config(located.folder, frozenset(order.gated_model_types))
    require_projections(config["model_type"], hyperparameters.target_modules)
    require_room(folder, order, located, disk_bytes(config, hyperparameters))
    where = base_model.placement(ranks.local_rank, find_gpus())
    base_model.require_memory(located.stored_bytes, where)
    arriving = weights.bring(order.spec.base_model, located, sources, beat)
    if arriving.done():
        weights.read_ahead(located.folder, beat, rank=ranks.local_rank, ranks=ranks.count)
    rows = dataset.load_rows(
        folder / DATASET,
        dataset.open_encoder(located.folder),
        hyperparameters,
        dataset.context_tokens(config),
        order.spec.over_length,
        beat,
    )
    plan = Plan(
        sizes=tuple(row.size for row in rows.train),
        rows_per_step=hyperparameters.batch_size * hyperparameters.gradient_accumulation_steps,
        epochs=hyperparameters.epochs,
        seed=hyperparameters.seed,
    )
    if ranks.leads:
        _tell(rows, plan, hyperparameters, emit)
        if (words := idle_gpu_words(plan, ranks.count)) is not None:
            emit(LineWritten(level="warning", message=words))
    layout = choose_layout(
        config, plan, hyperparameters, where, order.micro_step_tokens, ranks=ranks.count
    )
    options.require(
        order.options,
        options.capability_of(where.device),
        len(rows.held_out),
        unpacked=layout.setting.unpacked,
    )
    options.activate(order.options)
    found = arriving.result()
    return Run(order, folder, found, rows, where, ranks, plan, layout, emit, beat)


def require_room(
    folder: Path,
    order: RunOrder,
    located: Located,
    run_bytes: int,
    *,
    free: FreeBytes = free_bytes,
) -> None:
    """Refuse, before a byte of the weights is fetched, what would fill the disk later.

    Raises:
        RunFailed: `DISK_TOO_SMALL`.
    """
    model, hub = order.spec.base_model, Sources.of(order).hub

    def evict() -> bool:
        return order.may_evict and hub.evict_oldest(model)

    require_disk(
        (
            Need(hub.cache, located.missing_bytes, f"the weights of {model.id}"),
            Need(folder, run_bytes, "checkpoints and the adapter"),
        ),
        evict=evict,
        free=free,
    )


def disk_bytes(config: Mapping[str, Any], hyperparameters: Hyperparameters) -> int:
    """Return the disk that a run of this adapter needs, besides the base model's weights."""
    count = adapter_weights(
        Shape.from_config(config), hyperparameters.rank, hyperparameters.target_modules
    )
    return checkpoint.disk_bytes(count) + SPARE_DISK_BYTES


def identity(run: Run) -> str:
    """Return a digest of everything that decides what a step computes.

    Defaults are left out: a hyperparameter that a later version adds changes no earlier run.
    """
    digest = hashlib.sha256(_DEALING + ORDER.encode())
    spec = run.order.spec
    digest.update(spec.base_model.model_dump_json().encode())
    digest.update(spec.hyperparameters.model_dump_json(exclude_defaults=True).encode())
    for rows in (run.rows.train, run.rows.held_out):
        digest.update(f"{len(rows)} rows".encode())
        for row in rows:
            digest.update(f"{len(row.ids)} tokens".encode())
            digest.update(row.ids.tobytes())
            digest.update(row.labels.tobytes())
    return digest.hexdigest()


def _tell(rows: Rows, plan: Plan, hyperparameters: Hyperparameters, emit: Emit) -> None:
    emit(LineWritten(message=_data_words(rows, plan)))
    if hyperparameters.early_stopping_patience and not rows.held_out:
        emit(LineWritten(level="warning", message=_NEVER_EARLY))


def idle_gpu_words(plan: Plan, gpus: int) -> str | None:
    """Return what to say when steps are too small for so many GPUs; None: they are not."""
    share = plan.total_tokens / plan.total_steps / gpus
    if gpus == 1 or share >= FEW_TOKENS:
        return None
    return (
        f"each of {gpus} GPUs gets about {share:,.0f} tokens of a step, too few to keep it busy:"
        " one GPU would take about as long and cost less; or raise batch_size"
    )


def _data_words(rows: Rows, plan: Plan) -> str:
    left_out = sum(rows.left_out.values())
    return (
        f"{len(rows.train)} rows train, {len(rows.held_out)} are held out, {left_out} left out,"
        f" {rows.truncated} truncated; {plan.total_steps} steps, {plan.total_tokens:,} tokens"
    )
