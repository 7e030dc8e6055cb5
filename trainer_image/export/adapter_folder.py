"""The folder a run delivers: adapter, tokenizer, what was done, what came out, and a manifest."""

import csv
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from brightrun.training.protocol import Point
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
_ALWAYS_WRITTEN = frozenset(
    {
        "bias",
        "fan_in_fan_out",
        "inference_mode",
        "init_lora_weights",
        "lora_alpha",
        "lora_dropout",
        "peft_type",
        "r",
        "task_type",
        "use_rslora",
    }
)
"""Keys that every PEFT since 0.8 knows, and that other programs look for."""
METRIC_COLUMNS = tuple(Point.model_fields)


def save_adapter(model: PeftModel, folder: Path, compute: torch.dtype) -> None:
    """Write the adapter as stock PEFT does, readable by others, the same bytes for equal runs."""
    model.save_pretrained(folder, save_embedding_layers=False)
    tensors = load_file(folder / ADAPTER)
    delivered = {name: tensor.to(compute).contiguous() for name, tensor in tensors.items()}
    save_file(delivered, folder / ADAPTER, metadata={"format": "pt"})
    path = folder / "adapter_config.json"
    write_json(path, _readable_by_all(json.loads(path.read_bytes())))
    for file in folder.iterdir():
        file.chmod(0o644)  # safetensors writes 0600


def _readable_by_all(config: dict[str, Any]) -> dict[str, Any]:
    """Return what says something: an older PEFT refuses keys it does not know, null or not."""
    plain = LoraConfig().to_dict()
    said = {
        name: value
        for name, value in config.items()
        if name in _ALWAYS_WRITTEN or (name != "peft_version" and value != plain.get(name))
    }
    return said | {"target_modules": sorted(config["target_modules"])}  # PEFT writes a set's order


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
