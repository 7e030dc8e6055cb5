"""The README of a delivered adapter: what it is, how good it is, and lines that use it."""

from dataclasses import dataclass

from brightrun.training.protocol import Comparison, RunSummary, TrainingSpec

LEAST_VERSIONS = "transformers 4.56, peft 0.13"
"""With these the lines below were run (2026-11-28); the base model itself may need newer ones."""
_VLLM_RANKS = (8, 16, 32, 64, 128, 256)
"""What `--max-lora-rank` takes. Source: `MaxLoRARanks` in vllm/config/lora.py."""

_CARD = """\
---
base_model: {base}
library_name: peft
pipeline_tag: text-generation
tags: [lora, brightrun]
---

# LoRA adapter for {base}

Made by BrightRun from {rows:,} rows in {steps:,} steps
({epochs:.2f} epochs, {tokens:,} tokens).

| | |
|---|---|
| Base model | `{base}` at revision `{revision}` |
| LoRA | rank {rank}, alpha {alpha}, dropout {dropout} |
| Learning rate | {learning_rate}, {scheduler}, warm-up {warmup:.0%} |
| Rows per step | {rows_per_step} |
| Seed | {seed} |
| Training loss | {training_loss} |
| Validation loss | {validation_loss} |

## Base against adapter

{comparison}

{held}

## Use

From this folder, with {versions} or newer:

```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base_model, adapter = "{base}", "."  # an id of the Hugging Face Hub, or a folder
tokenizer = AutoTokenizer.from_pretrained(adapter)
base = AutoModelForCausalLM.from_pretrained(base_model, revision="{revision}", dtype="auto")
model = PeftModel.from_pretrained(base, adapter)

messages = [{{"role": "user", "content": "Hello!"}}]
prompt = tokenizer.apply_chat_template(
    messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
)
answer = model.generate(**prompt, max_new_tokens=200, do_sample=False)
print(tokenizer.decode(answer[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True))
```

Served by vLLM, whose default takes ranks up to 16 (this one is {rank}):

```sh
vllm serve {base} --revision {revision} \\
    --enable-lora --max-lora-rank {vllm_rank} --lora-modules tuned=.
```

## One model of both

Merge into the base in 16 bits. **Merged into a base that is held in 4 bits, nearly all of the
effect is lost** (96 % of it where we measured): the sum is rounded to 4 bits again, and what the
adapter changes is smaller than a step.

```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base_model, adapter = "{base}", "."
base = AutoModelForCausalLM.from_pretrained(base_model, revision="{revision}", dtype="bfloat16")
PeftModel.from_pretrained(base, adapter).merge_and_unload().save_pretrained("merged")
AutoTokenizer.from_pretrained(adapter).save_pretrained("merged")
```

## Files

`probes.json` holds fixed prompts with the logits this adapter gives them (largest difference
after loading the saved files: {difference:.2g}). `training_args.json` repeats the run and names
every version it was made with; `manifest.json` has every file's SHA-256.
"""


@dataclass(frozen=True, slots=True)
class HeldBase:
    """How the base model was held while it was trained on: all figures were measured on that."""

    quantised: bool
    compute_type: str


def model_card(spec: TrainingSpec, summary: RunSummary, held: HeldBase) -> str:
    """Return the README of the adapter: what it is, how it was made, how good it is, how to use."""
    tuned = spec.hyperparameters
    return _CARD.format(
        base=spec.base_model.id,
        revision=spec.base_model.revision,
        rows=summary.trained_rows,
        steps=summary.total_steps,
        epochs=summary.epochs_completed,
        tokens=summary.trained_tokens,
        rank=tuned.rank,
        alpha=tuned.alpha,
        dropout=tuned.dropout,
        learning_rate=tuned.learning_rate,
        scheduler=tuned.scheduler,
        warmup=tuned.warmup_ratio,
        rows_per_step=tuned.batch_size * tuned.gradient_accumulation_steps,
        seed=tuned.seed,
        training_loss=_number(summary.final_training_loss),
        validation_loss=_number(summary.final_validation_loss),
        comparison=_comparison_words(summary.comparison),
        held=_held_words(held),
        versions=LEAST_VERSIONS,
        vllm_rank=next(rank for rank in _VLLM_RANKS if rank >= tuned.rank),
        difference=summary.probe_max_difference,
    )


def _held_words(held: HeldBase) -> str:
    """Return on what kind of base the figures hold."""
    if held.quantised:
        return (
            "While training and for every figure here the base model was held in NF4: 4 bits,"
            f" quantised twice (bitsandbytes), computed in {held.compute_type}. The lines below"
            " load it in 16 bits, as most people serve it; losses and answers differ a little."
        )
    return (
        "While training and for every figure here the base model was held whole, in"
        f" {held.compute_type}: nothing was quantised."
    )


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}"


def _comparison_words(comparison: Comparison | None) -> str:
    if comparison is None:
        return "No rows were held out, so nothing was compared."
    words = {
        "better": "The adapter is better than its base model.",
        "not_shown_better": "The adapter was not shown to be better than its base model.",
        "worse": "The adapter is worse than its base model.",
    }[comparison.verdict]
    return (
        f"{words} On {comparison.rows} held-out rows ({comparison.tokens:,} tokens) the loss per"
        f" token is {comparison.adapter_loss:.4f} against {comparison.base_loss:.4f}: a difference"
        f" of {comparison.difference:+.4f}"
        f" (95 % between {comparison.difference_low:+.4f} and {comparison.difference_high:+.4f})."
        f" {comparison.reason}"
    )
