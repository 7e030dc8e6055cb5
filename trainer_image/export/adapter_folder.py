"""The folder a run delivers: adapter, tokenizer, what was done, what came out, and a manifest."""

import csv
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from brightrun.training.protocol import Comparison, Point, RunSummary, TrainingSpec
from trainer_image.export.manifest import write_json

ADAPTER = "adapter_model.safetensors"
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
)
DECIDING = (
    "r",
    "lora_alpha",
    "target_modules",
    "rank_pattern",
    "alpha_pattern",
    "use_rslora",
    "use_dora",
    "fan_in_fan_out",
    "bias",
    "modules_to_save",
    "base_model_name_or_path",
    "revision",
)
"""Of the configuration, what decides how the tensors are applied, and to which model."""
METRIC_COLUMNS = tuple(Point.model_fields)


def save_adapter(model: PeftModel, folder: Path, compute: torch.dtype) -> None:
    """Write the adapter as stock PEFT does, readable by others, the same bytes for equal runs."""
    model.save_pretrained(folder, save_embedding_layers=False)
    tensors = load_file(folder / ADAPTER)
    delivered = {name: tensor.to(compute).contiguous() for name, tensor in tensors.items()}
    save_file(delivered, folder / ADAPTER, metadata={"format": "pt"})
    path = folder / "adapter_config.json"
    config = json.loads(path.read_bytes())
    config["target_modules"] = sorted(config["target_modules"])  # PEFT writes a set's order
    write_json(path, config)
    for file in folder.iterdir():
        file.chmod(0o644)  # safetensors writes 0600


def adapter_tensors(model: PeftModel) -> dict[str, Tensor]:
    """Return copies of the weights that train, on the CPU, by the names stock PEFT saves."""
    return {
        name.replace(".default.", "."): parameter.detach().to("cpu", copy=True)
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def damage(
    folder: Path, scored: Mapping[str, Tensor], compute: torch.dtype, config: LoraConfig
) -> str | None:
    """Return how the saved adapter is not, bit for bit, what was scored; None: it is.

    `config` is what PEFT was told while it trained: right tensors under another `lora_alpha` are
    another adapter.
    """
    try:
        saved = load_file(folder / ADAPTER)
    except (OSError, SafetensorError) as error:
        return f"it cannot be read ({error})"
    if saved.keys() != scored.keys():
        return f"it has other tensors ({', '.join(sorted(saved.keys() ^ scored.keys())[:3])})"
    for name, tensor in scored.items():
        if saved[name].dtype is not compute:
            return f"{name} is {saved[name].dtype} and not {compute}"
        if not torch.equal(saved[name].float(), tensor):
            return f"{name} has other values"
    return _other_configuration(folder, config)


def _other_configuration(folder: Path, wanted: LoraConfig) -> str | None:
    try:
        saved = LoraConfig.from_pretrained(folder)
    except (OSError, ValueError, TypeError, LookupError) as error:
        return f"its configuration cannot be read ({error})"
    for name in DECIDING:
        found, trained = getattr(saved, name), getattr(wanted, name)
        if isinstance(trained, set):
            found = set(found or ())
        if found != trained:
            return f"{name} is {found} and not {trained}"
    return None


def copy_tokenizer(weights: Path, folder: Path) -> None:
    """Copy the tokenizer byte for byte, with its chat template as a file of its own."""
    for name in TOKENIZER_FILES:
        if (weights / name).is_file():
            shutil.copyfile(weights / name, folder / name)
    template = weights / "chat_template.jinja"
    if template.is_file():
        shutil.copyfile(template, folder / template.name)
        return
    config = json.loads((weights / "tokenizer_config.json").read_bytes())
    if isinstance(config.get("chat_template"), str):
        (folder / template.name).write_text(config["chat_template"], encoding="utf-8")


def write_metrics(points: Iterable[Point], path: Path) -> None:
    """Write one line per optimizer step; an absent number is an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, METRIC_COLUMNS)
        writer.writeheader()
        writer.writerows(point.model_dump(mode="json") for point in points)


def model_card(spec: TrainingSpec, summary: RunSummary) -> str:
    """Return the README of the adapter: what it is, how it was made, how good it is, how to use."""
    base, tuned = spec.base_model, spec.hyperparameters
    return f"""---
base_model: {base.id}
library_name: peft
pipeline_tag: text-generation
tags: [lora, brightrun]
---

# LoRA adapter for {base.id}

Made by BrightRun from {summary.trained_rows:,} rows in {summary.total_steps:,} steps
({summary.epochs_completed:.2f} epochs, {summary.trained_tokens:,} tokens).

| | |
|---|---|
| Base model | `{base.id}` at revision `{base.revision}` |
| LoRA | rank {tuned.rank}, alpha {tuned.alpha}, dropout {tuned.dropout} |
| Learning rate | {tuned.learning_rate}, {tuned.scheduler}, warm-up {tuned.warmup_ratio:.0%} |
| Rows per step | {tuned.batch_size * tuned.gradient_accumulation_steps} |
| Seed | {tuned.seed} |
| Training loss | {_number(summary.final_training_loss)} |
| Validation loss | {_number(summary.final_validation_loss)} |

## Base against adapter

{_comparison_words(summary.comparison)}

## Use

```python
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("{base.id}", revision="{base.revision}")
model = PeftModel.from_pretrained(base, "path/to/this/folder")
tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")
```

`probes.json` holds fixed prompts with the logits this adapter gives them (largest difference
after loading the saved files: {summary.probe_max_difference:.2g}). `training_args.json` repeats
the run; `manifest.json` has every file's SHA-256.
"""


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
