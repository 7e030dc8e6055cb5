"""One fine-tuning, run by our loop and by others: same model, rows, tokens and adapter.

Each loop returns the CPU seconds of its training alone, and the losses it reported.
`trl` and `datasets` are not dependencies of this project; see `bench_trainer`.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen3Config, Qwen3ForCausalLM

from brightrun.training.configuration import DECODER_PROJECTIONS, Hyperparameters
from brightrun.training.protocol import BaseModelRef
from trainer_image.data.batches import NO_LOSS, TokenRow
from trainer_image.data.sampling import Plan
from trainer_image.model import adapter
from trainer_image.model.kernels import attention, norm_and_swiglu
from trainer_image.training.lr_schedule import learning_rate
from trainer_image.training.step import TrainStep

ROWS = 600
ROWS_PER_STEP = 32
PADDED_BATCH = 16
PACKED_TOKENS = 1024
VOCABULARY = 2048
RATE = 1e-3


@dataclass(frozen=True, slots=True)
class Measured:
    """What one loop took for one epoch over all rows."""

    cpu_seconds: float
    peak_megabytes: float
    losses: tuple[float, ...]


def token_rows(count: int = ROWS) -> list[TokenRow]:
    """Return rows of short chats' lengths (mean 60, at most 280); the second half is the answer."""
    generator = np.random.default_rng(5)
    rows = []
    for _ in range(count):
        length = int(np.clip(generator.lognormal(3.85, 0.7), 8, 280))
        # a Zipf-like vocabulary, so that there is something to learn
        ids = (generator.zipf(1.3, length) % (VOCABULARY - 3) + 3).astype(np.int32)
        labels = ids.copy()
        labels[: length // 2] = NO_LOSS
        rows.append(TokenRow(ids, labels))
    return rows


def base_model(implementation: str) -> Qwen3ForCausalLM:
    """Return 2.8 M random weights, the same each time."""
    attention.register()
    torch.manual_seed(3)
    config = Qwen3Config(
        vocab_size=VOCABULARY,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=6,
        num_attention_heads=6,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        pad_token_id=0,
        eos_token_id=2,
        bos_token_id=None,
        attn_implementation=implementation,
    )
    return Qwen3ForCausalLM(config)


def ours(rows: list[TokenRow], implementation: str = attention.NAME) -> Measured:
    tune = Hyperparameters(
        learning_rate=RATE, batch_size=ROWS_PER_STEP, epochs=1, rank=16, alpha=32, dropout=0.0
    )
    model = base_model(implementation)
    model.requires_grad_(requires_grad=False)
    norm_and_swiglu.fuse(model)
    adapted = adapter.attach(model, tune, BaseModelRef(id="bench/tiny", revision="r1"))
    plan = Plan(tuple(row.size for row in rows), ROWS_PER_STEP, 1, seed=42)
    learner = TrainStep(adapted, rows, plan, tune, budget_tokens=PACKED_TOKENS)
    losses = []
    began = time.process_time()
    for number in range(plan.total_steps):
        losses.append(learner.gradients(plan.step(number)).loss)
        learner.apply(learning_rate(number, plan.total_steps, tune))
    return _measured(began, losses)


def transformers_trainer(rows: list[TokenRow]) -> Measured:
    """`transformers.Trainer`, padded, with the collator its documentation uses for labels."""
    from transformers import (  # noqa: PLC0415 - the others alone use them
        DataCollatorForSeq2Seq,
        PreTrainedTokenizerFast,
        Trainer,
        TrainingArguments,
    )

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(**_common(folder, PADDED_BATCH))
        tokenizer = _tokenizer(PreTrainedTokenizerFast)
        trainer = Trainer(
            model=get_peft_model(base_model("sdpa"), _lora()),
            args=arguments,
            train_dataset=_dataset(rows),
            data_collator=DataCollatorForSeq2Seq(tokenizer, padding="longest"),
        )
        return _timed(trainer)


def trl_trainer(rows: list[TokenRow], **layout: object) -> Measured:
    """TRL's SFTTrainer; `layout` chooses padded, padding-free or packed."""
    batch = 1 if layout.get("packing") else PADDED_BATCH
    with tempfile.TemporaryDirectory() as folder:
        return _timed(trl_trainer_on(rows, folder, batch=batch, **layout))


def trl_trainer_on(rows: list[TokenRow], folder: str, *, batch: int, **layout: object) -> Any:
    """Return an SFTTrainer over `rows`, ready to train."""
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - as above

    trl = import_module("trl")
    arguments = trl.SFTConfig(
        **_common(folder, batch),
        max_length=PACKED_TOKENS if layout.get("packing") else None,
        bf16=False,
        **layout,
    )
    return trl.SFTTrainer(
        model=base_model("sdpa"),
        args=arguments,
        train_dataset=_dataset(rows),
        processing_class=_tokenizer(PreTrainedTokenizerFast),
        peft_config=_lora(),
    )


LOOPS: dict[str, Callable[[list[TokenRow]], Measured]] = {
    "ours": ours,
    "trl_padded": trl_trainer,
    "trl_padding_free": lambda rows: trl_trainer(rows, padding_free=True),
    "trl_packed": lambda rows: trl_trainer(rows, packing=True, packing_strategy="bfd"),
    "transformers_trainer": transformers_trainer,
}


def _common(folder: str, batch: int) -> dict[str, Any]:
    return {
        "output_dir": folder,
        "per_device_train_batch_size": batch,
        "gradient_accumulation_steps": 2,
        "num_train_epochs": 1,
        "learning_rate": RATE,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 1,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "use_cpu": True,
        "disable_tqdm": True,
        "dataloader_num_workers": 0,
        "activation_checkpointing": False,
        "seed": 42,
    }


def _lora() -> LoraConfig:
    return LoraConfig(
        r=16, lora_alpha=32, target_modules=list(DECODER_PROJECTIONS), task_type="CAUSAL_LM"
    )


def _dataset(rows: list[TokenRow]) -> Any:
    plain = [{"input_ids": row.ids.tolist(), "labels": row.labels.tolist()} for row in rows]
    return import_module("datasets").Dataset.from_list(plain)


def _tokenizer(kind: Any) -> Any:
    from tokenizers import Tokenizer, models  # noqa: PLC0415

    words = {f"t{number}": number for number in range(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="t1"))
    return kind(tokenizer_object=tokenizer, pad_token="t0", eos_token="t2", unk_token="t1")


def _timed(trainer: Any) -> Measured:
    began = time.process_time()
    trainer.train()
    return _measured(began, [log["loss"] for log in trainer.state.log_history if "loss" in log])


def _measured(began: float, losses: list[float]) -> Measured:
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(seconds, peak, tuple(losses))
