"""TRL's SFTTrainer in several layouts, one line of JSON per answer as soon as it is known.

    python -m trainer_image.bench_gpu.trl_runs --config llama-8b --answers FILE

A process of its own: TRL is measured last, and may hang or fail without harm to the rest.
"""

import argparse
import dataclasses
import json
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, models
from torch import Tensor
from transformers import PreTrainedTokenizerFast, TrainerCallback

from brightrun.training.configuration import DECODER_PROJECTIONS
from trainer_image.bench_gpu.clock import GIB, Stopwatch, forget_peak, peak_bytes
from trainer_image.bench_gpu.ours import MIXED_STEPS_PER_EPOCH, training_rows
from trainer_image.bench_gpu.report import Figures
from trainer_image.bench_gpu.scenes import SCENES, Scene, one_batch, scene_named
from trainer_image.bench_gpu.workbench import RATE, TUNE, Workbench
from trainer_image.data.batches import TokenRow

COMPARED_LOSSES = 3
LOSSES = "first_losses"
PADDED_BATCH = 8
PACKED_MICRO_STEPS = 2
"""Packs of a micro-step's size per optimizer step: about as many tokens as ours has."""


@dataclass(frozen=True, slots=True)
class TrlBatching:
    """How TRL lays its batches out."""

    packed: bool
    fused_layers: bool = False
    recomputed: bool = False


LAYOUTS = {
    "packed": TrlBatching(packed=True),
    "packed_fused_layers": TrlBatching(packed=True, fused_layers=True),
    "padded": TrlBatching(packed=False),
    "padded_recomputed": TrlBatching(packed=False, recomputed=True),
}


def main() -> None:
    """Append each answer to the file; a layout that fails says why and the next one runs."""
    arguments = _arguments()
    bench = Workbench(scene_named(arguments.config))
    bench.unusable = dict.fromkeys(arguments.without, "found by the parent")
    _write(arguments.answers, LOSSES, _guarded(lambda: first_losses(bench)))
    waiting = list(LAYOUTS.items())
    while waiting:
        name, layout = waiting.pop(0)
        answer = _guarded(partial(speed, bench, layout))
        _write(arguments.answers, name, answer)
        again = f"{name}_recomputed"
        if answer.get("out_of_memory") and not layout.recomputed and again not in LAYOUTS:
            waiting.insert(0, (again, replace(layout, recomputed=True)))


def first_losses(bench: Workbench) -> Figures:
    """Return the losses of the first steps, each on the same one packed batch."""
    rows = one_batch(bench.scene)
    run = _Run(bench, rows, TrlBatching(packed=True), accumulated=1, steps=COMPARED_LOSSES)
    run.train()
    return {"losses": [log["loss"] for log in run.trainer.state.log_history if "loss" in log]}


def speed(bench: Workbench, layout: TrlBatching) -> Figures:
    """Return useful tokens per second over the timed optimizer steps."""
    scene, rows = bench.scene, training_rows(bench.scene)
    padded = max(1, len(rows) // (MIXED_STEPS_PER_EPOCH * PADDED_BATCH))
    accumulated = PACKED_MICRO_STEPS if layout.packed else padded
    run = _Run(bench, rows, layout, accumulated=accumulated, steps=scene.steps)
    forget_peak(scene.where.device)
    run.train()
    seconds = run.seconds()[scene.warm_up :]
    tokens = run.tokens()[scene.warm_up :]
    peak = peak_bytes(scene.where.device)
    return {
        "tokens_per_second": round(sum(tokens) / sum(seconds), 1),
        "step_seconds": [round(each, 4) for each in seconds],
        "timed_tokens": sum(tokens),
        "peak_gib": None if peak is None else round(peak / GIB, 2),
        "micro_steps": accumulated,
        "every_layer_recomputed": layout.recomputed,
    }


class _Run(TrainerCallback):  # type: ignore[misc]  # transformers is untyped here
    """One trainer, with the real tokens of each optimizer step counted as they are trained."""

    def __init__(
        self,
        bench: Workbench,
        rows: tuple[TokenRow, ...],
        layout: TrlBatching,
        *,
        accumulated: int,
        steps: int,
    ) -> None:
        self.watch = Stopwatch(bench.scene.where.device)
        self.counts: list[Tensor] = []
        self.ends: list[int] = [0]
        self.folder = tempfile.TemporaryDirectory()
        options = _options(bench.scene, layout, accumulated, steps)
        import datasets  # noqa: PLC0415 - as trl: in the comparison's own environment
        import trl  # noqa: PLC0415

        plain = [{"input_ids": row.ids.tolist(), "labels": row.labels.tolist()} for row in rows]
        self.trainer = trl.SFTTrainer(
            model=_adapted(bench, layout),
            args=trl.SFTConfig(output_dir=self.folder.name, **options),
            train_dataset=datasets.Dataset.from_list(plain),
            processing_class=_tokenizer(bench.scene.config["vocab_size"]),
            callbacks=[self],
        )
        self.inner: Callable[..., Any] = self.trainer.training_step
        self.trainer.training_step = self.counted

    def train(self) -> None:
        with self.folder:
            self.trainer.train()

    def on_train_begin(self, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401
        self.watch.mark()

    def on_step_end(self, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401
        self.watch.mark()
        self.ends.append(len(self.counts))

    def counted(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        mask = inputs.get("attention_mask")
        # stays on the device: reading it here would make TRL wait
        self.counts.append(
            torch.tensor(inputs["input_ids"].numel()) if mask is None else mask.sum()
        )
        return self.inner(model, inputs, *args, **kwargs)

    def tokens(self) -> list[int]:
        """Return the tokens of each optimizer step, padding not counted."""
        counts = [int(count) for count in self.counts]
        return [sum(counts[start:end]) for start, end in pairwise(self.ends)]

    def seconds(self) -> list[float]:
        """Return the time of each optimizer step."""
        return self.watch.seconds()


def _adapted(bench: Workbench, layout: TrlBatching) -> Any:  # noqa: ANN401 - PEFT's class
    """Return the base that ours trains, with the same adapter, in PEFT's own arithmetic."""
    bench.forget()  # TRL changes a model's types and hooks: never the same one twice
    model: Any = bench.base(bench.usual(fused_layers=layout.fused_layers))
    model.set_attn_implementation("sdpa")
    torch.manual_seed(TUNE.seed)
    options = LoraConfig(
        task_type="CAUSAL_LM",
        r=TUNE.rank,
        lora_alpha=TUNE.alpha,
        lora_dropout=TUNE.dropout,
        target_modules=sorted(DECODER_PROJECTIONS),
        bias="none",
    )
    return get_peft_model(model, options)


def _options(scene: Scene, layout: TrlBatching, accumulated: int, steps: int) -> dict[str, Any]:
    from trl import SFTConfig as config  # noqa: N813, PLC0415 - in an environment of its own

    known = {field.name for field in dataclasses.fields(config)}
    # renamed in transformers 5.18 or later; TRL switches it on unless told otherwise
    recompute = next(
        name for name in ("activation_checkpointing", "gradient_checkpointing") if name in known
    )
    packing = {"packing": True, "packing_strategy": "bfd"} if layout.packed else {}
    return {
        "per_device_train_batch_size": 1 if layout.packed else PADDED_BATCH,
        "gradient_accumulation_steps": accumulated,
        "max_length": scene.micro_step_tokens if layout.packed else None,
        "max_steps": steps,
        "learning_rate": RATE,
        "lr_scheduler_type": "constant",
        "warmup_steps": 0,
        "logging_steps": 1 if steps == COMPARED_LOSSES else steps,
        "bf16": scene.on_gpu,
        "use_cpu": not scene.on_gpu,
        "report_to": "none",
        "save_strategy": "no",
        "disable_tqdm": True,
        "seed": TUNE.seed,
        recompute: layout.recomputed,
        **packing,
    }


def _tokenizer(vocabulary: int) -> Any:  # noqa: ANN401 - transformers' class
    words = {f"t{number}": number for number in range(vocabulary)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="t1"))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="t0", eos_token="t2", unk_token="t1"
    )


def _guarded(run: Callable[[], Figures]) -> Figures:
    try:
        return run()
    except torch.OutOfMemoryError as error:
        return {"failed": str(error)[:300], "out_of_memory": True}
    except Exception as error:  # noqa: BLE001 - the other layouts are still of interest
        traceback.print_exc()
        return {"failed": f"{type(error).__name__}: {error}"[:300]}


def _write(path: Path, name: str, answer: Figures) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps([name, answer]) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", choices=SCENES, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--without", action="append", default=[], help="a part that fails here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
