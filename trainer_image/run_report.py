"""What a finished run says of itself: the summary, and every file beside the adapter."""

import torch

from brightrun.training.protocol import RunSummary
from trainer_image.evaluation import evaluate
from trainer_image.export import adapter_folder
from trainer_image.export.manifest import describe, write_json, write_manifest
from trainer_image.export.model_card import HeldBase, model_card
from trainer_image.ipc.run_spec import ARTIFACTS, DATASET
from trainer_image.machine.versions import installed_versions
from trainer_image.model.base_model import Placement
from trainer_image.training.progress import Progress, delivered_adapter
from trainer_image.training.setup import Run


def summarise(
    run: Run, progress: Progress, scores: evaluate.Scores, difference: float
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
        delivered_step=_delivered_step(run, progress),
        comparison=scores.comparison,
        samples=scores.samples,
        ledger=run.rows.ledger,
    )


def write_files(run: Run, progress: Progress, summary: RunSummary, scores: evaluate.Scores) -> None:
    """Write everything beside the adapter into the delivered folder, the manifest last."""
    folder = run.folder / ARTIFACTS
    adapter_folder.copy_tokenizer(run.weights, folder)
    adapter_folder.write_metrics(progress.points, folder / "metrics.csv")
    write_json(folder / "probes.json", scores.probes.model_dump(mode="json"))
    write_json(folder / "training_args.json", _arguments(run, progress))
    held = HeldBase(quantised=run.where.quantised, compute_type=_type_name(run.where))
    card = model_card(run.order.spec, summary, held)
    (folder / "README.md").write_text(card, encoding="utf-8")
    write_manifest(folder)


def _arguments(run: Run, progress: Progress) -> dict[str, object]:
    spec = run.order.spec
    return {
        "base_model": spec.base_model.model_dump(),
        "hyperparameters": spec.hyperparameters.model_dump(mode="json"),
        "over_length": spec.over_length,
        "dataset_sha256": describe(run.folder / DATASET).sha256,
        "rows": {
            "trained": len(run.rows.train),
            "held_out": len(run.rows.held_out),
            "left_out": run.rows.left_out,
            "truncated": run.rows.truncated,
            "ledger": run.rows.ledger.model_dump(),
        },
        "total_steps": run.plan.total_steps,
        "steps_taken": progress.step,
        "delivered_step": _delivered_step(run, progress),
        "resumed_from_step": progress.resumed_from,
        "micro_step_tokens": run.layout.setting.micro_step_tokens,
        "layouts": [layout.model_dump() for layout in progress.layouts],
        "options": list(run.order.options),
        "dropout_masks": run.layout.masks,
        "device": _device_name(run.where),
        "processes": run.ranks.count,
        "compute_type": _type_name(run.where),
        "quantisation": "nf4, double" if run.where.quantised else None,
        "image_version": run.order.image_version,
        "versions": installed_versions(),
    }


def _delivered_step(run: Run, progress: Progress) -> int | None:
    best = delivered_adapter(progress, run.order.spec.hyperparameters) is not None
    return progress.best_step if best else progress.step


def _type_name(where: Placement) -> str:
    return str(where.compute).removeprefix("torch.")


def _device_name(where: Placement) -> str:
    if where.device.type == "cuda":
        return torch.cuda.get_device_name(where.device)
    return where.device.type
