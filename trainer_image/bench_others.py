"""TRL on the same random weights and rows, where it is installed; it is no part of the image."""

import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from peft import LoraConfig
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast, TrainerCallback

from brightrun.training.configuration import DECODER_PROJECTIONS
from trainer_image.bench_scenes import Scene, mixed_rows, random_model

LAYOUTS: dict[str, dict[str, Any]] = {
    "padded": {},
    "packed": {"packing": True, "packing_strategy": "bfd"},
}


class _Clock(TrainerCallback):  # type: ignore[misc]  # transformers is untyped here
    """Notes the time at the end of every optimizer step."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401
        self.ends.append(time.perf_counter())


def trl_baseline(scene: Scene) -> dict[str, Any]:
    """Return TRL's useful tokens per second in each layout; a layout that fails says why."""
    if not (find_spec("trl") and find_spec("datasets")):
        return {"skipped": "trl and datasets are not installed"}
    found: dict[str, Any] = {}
    for name, layout in LAYOUTS.items():
        try:
            found[name] = {"tokens_per_second": round(_speed(scene, layout), 1)}
        except Exception as error:  # noqa: BLE001 - the other layouts are still of interest
            found[name] = {"failed": f"{type(error).__name__}: {error}"[:300]}
    return found


def _speed(scene: Scene, layout: dict[str, Any]) -> float:
    trl, datasets = import_module("trl"), import_module("datasets")
    rows = mixed_rows(scene, tokens=scene.micro_step_tokens * 8)
    plain = [{"input_ids": row.ids.tolist(), "labels": row.labels.tolist()} for row in rows]
    model: Any = random_model(scene)
    model.set_attn_implementation("sdpa")
    packed = "packing" in layout
    batch, accumulated = (1, 2) if packed else (8, max(1, len(rows) // 32))
    clock = _Clock()
    with tempfile.TemporaryDirectory() as folder:
        arguments = trl.SFTConfig(
            output_dir=folder,
            per_device_train_batch_size=batch,
            gradient_accumulation_steps=accumulated,
            max_length=scene.micro_step_tokens if packed else None,
            max_steps=scene.warm_up + scene.steps,
            bf16=scene.where.device.type == "cuda",
            use_cpu=scene.where.device.type == "cpu",
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            **layout,
        )
        trainer = trl.SFTTrainer(
            model=model,
            args=arguments,
            train_dataset=datasets.Dataset.from_list(plain),
            processing_class=_tokenizer(scene.config["vocab_size"]),
            peft_config=LoraConfig(
                r=16,
                lora_alpha=32,
                target_modules=list(DECODER_PROJECTIONS),
                task_type="CAUSAL_LM",
            ),
            callbacks=[clock],
        )
        trainer.train()
    seconds = clock.ends[-1] - clock.ends[scene.warm_up - 1]
    per_row = sum(len(row.ids) for row in rows) / len(rows)
    per_step = scene.micro_step_tokens * batch if packed else per_row * batch
    return scene.steps * per_step * accumulated / seconds


def _tokenizer(vocabulary: int) -> Any:  # noqa: ANN401 - transformers' class
    words = {f"t{number}": number for number in range(vocabulary)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="t1"))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="t0", eos_token="t2", unk_token="t1"
    )
