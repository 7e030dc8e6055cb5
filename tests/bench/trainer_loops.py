"""One fine-tuning, run by our loop and by others: same model, rows, tokens and adapter.

Each loop returns the CPU seconds of its training alone, and the losses it reported.
`trl` and `datasets` are not dependencies of this project; see `bench_trainer`.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
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

PACKED_TOKENS = 1024
VOCABULARY = 2048
RATE = 1e-3


@dataclass(frozen=True, slots=True)
class Task:
    """What is trained on, and how an optimizer step is asked for.

    Attributes:
        log_tokens, spread: of the rows' log-normal lengths, cut to `shortest` and `longest`.
        padded_batch: rows of one forward pass of the others; theirs and ours add up to the same
            optimizer step.
        deep: 36 layers, as an 8B has, of toy width; else six that are 192 wide.
    """

    rows: int
    log_tokens: float
    spread: float
    shortest: int
    longest: int
    rows_per_step: int
    padded_batch: int
    dropout: float
    deep: bool = False


FULL_PASSES = Task(600, 3.85, 0.7, 8, 280, rows_per_step=32, padded_batch=16, dropout=0.0)
"""Rows of 60 tokens on average, 1,024 to a pass."""
DEFAULT_STEP = Task(40, 5.2, 0.45, 40, 700, rows_per_step=4, padded_batch=4, dropout=0.1)
"""What the form asks for when nobody changes it: four rows of about 200 tokens, with dropout."""
HOST_BOUND_STEP = replace(DEFAULT_STEP, rows=12, deep=True)
"""The same step where Python and the calls of kernels take the time, as an 8B's on a GPU."""
TASKS = {
    "full_passes": FULL_PASSES,
    "default_step": DEFAULT_STEP,
    "host_bound_step": HOST_BOUND_STEP,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one loop took for one epoch over all rows."""

    cpu_seconds: float
    peak_megabytes: float
    losses: tuple[float, ...]


_WIDE = {
    "hidden_size": 192,
    "intermediate_size": 512,
    "num_hidden_layers": 6,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "head_dim": 32,
}
_DEEP = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 36,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
}


def token_rows(task: Task = FULL_PASSES) -> list[TokenRow]:
    """Return rows of chats' lengths; the second half of each is the answer."""
    generator = np.random.default_rng(5)
    rows = []
    for _ in range(task.rows):
        drawn = generator.lognormal(task.log_tokens, task.spread)
        length = int(np.clip(drawn, task.shortest, task.longest))
        # a Zipf-like vocabulary, so that there is something to learn
        ids = (generator.zipf(1.3, length) % (VOCABULARY - 3) + 3).astype(np.int32)
        labels = ids.copy()
        labels[: length // 2] = NO_LOSS
        rows.append(TokenRow(ids, labels))
    return rows


def base_model(implementation: str, *, deep: bool = False) -> Qwen3ForCausalLM:
    """Return random weights, the same each time: 2.8 M, or 0.5 M in 36 layers."""
    attention.register()
    torch.manual_seed(3)
    shape = _DEEP if deep else _WIDE
    config = Qwen3Config(
        **shape,
        vocab_size=VOCABULARY,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        pad_token_id=0,
        eos_token_id=2,
        bos_token_id=None,
        attn_implementation=implementation,
    )
    return Qwen3ForCausalLM(config)


def ours(task: Task, rows: list[TokenRow]) -> Measured:
    learner = ours_learner(task, rows)
    plan, tune = learner.plan, learner.hyperparameters
    losses = []
    began = time.process_time()
    for number in range(plan.total_steps):
        losses.append(learner.gradients(plan.step(number)).loss)
        learner.apply(learning_rate(number, plan.total_steps, tune))
    return _measured(began, losses)


def ours_learner(task: Task, rows: list[TokenRow]) -> TrainStep:
    """Return our side of the task, ready to take its steps."""
    tune = Hyperparameters(
        learning_rate=RATE,
        batch_size=task.rows_per_step,
        epochs=1,
        rank=16,
        alpha=32,
        dropout=task.dropout,
    )
    model = base_model(attention.NAME, deep=task.deep)
    model.requires_grad_(requires_grad=False)
    norm_and_swiglu.fuse(model)
    adapted = adapter.attach(model, tune, BaseModelRef(id="bench/tiny", revision="r1"))
    plan = Plan(tuple(row.size for row in rows), task.rows_per_step, 1, seed=42)
    return TrainStep(adapted, rows, plan, tune, budget_tokens=PACKED_TOKENS)


def transformers_trainer(task: Task, rows: list[TokenRow]) -> Measured:
    """`transformers.Trainer`, padded, with the collator its documentation uses for labels."""
    from transformers import (  # noqa: PLC0415 - the others alone use them
        DataCollatorForSeq2Seq,
        PreTrainedTokenizerFast,
        Trainer,
        TrainingArguments,
    )

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(**_common(task, folder, task.padded_batch))
        tokenizer = _tokenizer(PreTrainedTokenizerFast)
        trainer = Trainer(
            model=get_peft_model(base_model("sdpa", deep=task.deep), _lora(task)),
            args=arguments,
            train_dataset=_dataset(rows),
            data_collator=DataCollatorForSeq2Seq(tokenizer, padding="longest"),
        )
        return _timed(trainer)


def trl_trainer(task: Task, rows: list[TokenRow], **layout: object) -> Measured:
    """TRL's SFTTrainer; `layout` chooses padded, padding-free or packed."""
    batch = 1 if layout.get("packing") else task.padded_batch
    with tempfile.TemporaryDirectory() as folder:
        return _timed(trl_trainer_on(task, rows, folder, batch=batch, **layout))


def trl_trainer_on(
    task: Task, rows: list[TokenRow], folder: str, *, batch: int, **layout: object
) -> Any:
    """Return an SFTTrainer over `rows`, ready to train."""
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - as above

    trl = import_module("trl")
    arguments = trl.SFTConfig(
        **_common(task, folder, batch),
        max_length=PACKED_TOKENS if layout.get("packing") else None,
        bf16=False,
        **layout,
    )
    return trl.SFTTrainer(
        model=base_model("sdpa", deep=task.deep),
        args=arguments,
        train_dataset=_dataset(rows),
        processing_class=_tokenizer(PreTrainedTokenizerFast),
        peft_config=_lora(task),
    )


LOOPS: dict[str, Callable[[Task, list[TokenRow]], Measured]] = {
    "ours": ours,
    "trl_padded": trl_trainer,
    "trl_padding_free": partial(trl_trainer, padding_free=True),
    "trl_packed": partial(trl_trainer, packing=True, packing_strategy="bfd"),
    "transformers_trainer": transformers_trainer,
}


def _common(task: Task, folder: str, batch: int) -> dict[str, Any]:
    return {
        "output_dir": folder,
        "per_device_train_batch_size": batch,
        "gradient_accumulation_steps": task.rows_per_step // task.padded_batch,
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


def _lora(task: Task) -> LoraConfig:
    return LoraConfig(
        r=16,
        lora_alpha=32,
        lora_dropout=task.dropout,
        target_modules=list(DECODER_PROJECTIONS),
        task_type="CAUSAL_LM",
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
