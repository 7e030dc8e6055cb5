"""The demo's base model, built on the spot: a Qwen3 of a few million parameters.

It reads the bakery handbook for a minute, so it answers in the trade's words and not in the voice
of the conversations: fine-tuning has something to move. The model is kept in
`MODELS_DIR/brightrun--demo-base/REVISION/`, where a worker looks for base models, and built once.

    python -m local.base_model MODELS_DIR
"""

import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from brightrun.training.catalog import BaseModel
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GenerationConfig,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from local.demo_data import handbook as trade

MODEL_ID = "brightrun/demo-base"
END_OF_TEXT, TURN_BEGINS, TURN_ENDS = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
# ChatML. The generation block is what an assistant says, its end-of-turn mark included.
CHAT_TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message['role'] + '\\n' }}
{%- if message['role'] == 'assistant' %}
{%- generation %}{{- message['content'] + '<|im_end|>' }}{% endgeneration %}
{{- '\\n' }}
{%- else %}
{{- message['content'] + '<|im_end|>\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
_RECIPE_FILE = "recipe.json"
_REVISION_LENGTH = 40


@dataclass(frozen=True)
class Recipe:
    """Everything but the text that decides what is built.

    Attributes:
        row_tokens: as long as a long conversation, so that late positions are known.
        format: raised when the code builds another model from the same numbers.
    """

    vocabulary: int = 3072
    hidden: int = 256
    layers: int = 4
    heads: int = 8
    key_value_heads: int = 2
    intermediate: int = 704
    context_tokens: int = 4096
    steps: int = 120
    rows_per_step: int = 8
    row_tokens: int = 512
    learning_rate: float = 0.003
    warmup_steps: int = 10
    seed: int = 7
    format: int = 1


@dataclass(frozen=True)
class BuiltModel:
    """A base model on disk and its catalogue entry; `path` is its revision's folder."""

    entry: BaseModel
    path: Path


def ensure_base_model(models_dir: Path, recipe: Recipe | None = None) -> BuiltModel:
    """Return the demo's base model, building it if this recipe has not been built here.

    Safe to repeat and to run twice at once: a model appears by one rename, under the digest of
    its own files, and one whose files no longer match that digest is built again.
    """
    recipe = recipe or Recipe()
    shelf = models_dir / MODEL_ID.replace("/", "--")
    shelf.mkdir(parents=True, exist_ok=True)
    text = trade.read_handbook()
    digest = _recipe_digest(recipe, text)
    found = next((path for path in sorted(shelf.iterdir()) if _is_intact(path, digest)), None)
    return _describe(found or _build(shelf, recipe, text, digest))


def _build(shelf: Path, recipe: Recipe, text: trade.Handbook, digest: str) -> Path:
    with tempfile.TemporaryDirectory(prefix=".building-", dir=shelf) as scratch:
        folder = Path(scratch) / "model"
        tokenizer = _new_tokenizer(recipe, text)
        with torch.random.fork_rng():
            torch.manual_seed(recipe.seed)
            model = _new_model(recipe, tokenizer)
            _pretrain(model, _rows(recipe, text, tokenizer), recipe)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        (folder / _RECIPE_FILE).write_text(json.dumps({"recipe": digest}))
        home = shelf / _content_digest(folder)
        if home.exists():
            shutil.rmtree(home)
        folder.rename(home)
    return home


def _describe(path: Path) -> BuiltModel:
    config = json.loads((path / "config.json").read_bytes())
    return BuiltModel(
        entry=BaseModel(
            id=MODEL_ID,
            revision=path.name,
            name="BrightRun demo base",
            parameters=_parameters(path),
            context_tokens=config["max_position_embeddings"],
            needs_gpu_memory_gb=1,
            license="apache-2.0",
        ),
        path=path,
    )
