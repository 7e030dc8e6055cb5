"""The demo's base model, built on the spot: a Qwen3 of a few million parameters.

It reads the bakery handbook and the clients' own words for a minute, and not one of the adviser's
replies: it has the words of the trade and not the voice, so fine-tuning has something to move, and
held-out replies are new to it. The model is kept in
`MODELS_DIR/brightrun--demo-base/REVISION/`, where a worker looks for base models, and built once.

    python -m local.base_model MODELS_DIR
"""

import hashlib
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GenerationConfig,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from brightrun.training.catalog import TrainableModel
from local.built_model import BuiltModel, kept, note_of
from local.demo.data import handbook as trade
from local.demo.data.build import read_conversations

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


@dataclass(frozen=True)
class Recipe:
    """Everything but the text that decides what is built.

    Attributes:
        row_tokens: as long as a long conversation, so that late positions are known.
        edition: raised when the code builds another model from the same numbers.
    """

    vocabulary: int = 3072
    hidden: int = 256
    layers: int = 4
    heads: int = 8
    key_value_heads: int = 2
    intermediate: int = 704
    context_tokens: int = 4096
    steps: int = 400
    rows_per_step: int = 1
    row_tokens: int = 512
    learning_rate: float = 0.002
    warmup_steps: int = 10
    seed: int = 7
    edition: int = 1


def ensure_base_model(models_dir: Path, recipe: Recipe | None = None) -> BuiltModel:
    """Return the demo's base model, building it if this recipe has not been built here."""
    recipe = recipe or Recipe()
    text = trade.read_handbook()
    digest = _recipe_digest(recipe, text)
    return _describe(kept(models_dir, MODEL_ID, digest, lambda to: _build(to, recipe, text)))


def _build(folder: Path, recipe: Recipe, text: trade.Handbook) -> int:
    tokenizer = _new_tokenizer(recipe, text)
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        model = _new_model(recipe, tokenizer)
        _pretrain(model, _rows(recipe, text, tokenizer), recipe)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return int(model.num_parameters())


def _describe(path: Path) -> BuiltModel:
    config = json.loads((path / "config.json").read_bytes())
    return BuiltModel(
        entry=TrainableModel(
            id=MODEL_ID,
            revision=path.name,
            name="BrightRun demo base",
            parameters=note_of(path)["parameters"],
            context_tokens=config["max_position_embeddings"],
            needs_gpu_memory_gb=1,
            license="apache-2.0",
        ),
        path=path,
    )


def _new_tokenizer(recipe: Recipe, text: trade.Handbook) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer that has seen the handbook and the conversations."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=[END_OF_TEXT, TURN_BEGINS, TURN_ENDS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_vocabulary_text(text), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=TURN_ENDS,
        pad_token=END_OF_TEXT,
        chat_template=CHAT_TEMPLATE,
        model_max_length=recipe.context_tokens,
    )


def _vocabulary_text(text: trade.Handbook) -> Iterator[str]:
    yield from (*text.reports, *text.sentences, *text.spelled_out, *text.inputs)
    yield from (part for question in text.questions for part in question)
    for conversation in read_conversations():
        yield from (turn.reply or "" for turn in conversation.turns)


def _new_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    ends = tokenizer.convert_tokens_to_ids(TURN_ENDS)
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=recipe.hidden,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            num_key_value_heads=recipe.key_value_heads,
            head_dim=recipe.hidden // recipe.heads,
            intermediate_size=recipe.intermediate,
            max_position_embeddings=recipe.context_tokens,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=ends,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    model.generation_config = GenerationConfig(
        eos_token_id=ends, pad_token_id=tokenizer.pad_token_id, do_sample=False
    )
    return model


def _rows(
    recipe: Recipe, text: trade.Handbook, tokenizer: PreTrainedTokenizerFast
) -> Iterator[list[int]]:
    """Yield rows of `row_tokens` ids without end, in passes over the handbook."""
    rng = random.Random(recipe.seed)  # noqa: S311 - an order, not a secret
    stream: list[int] = []
    while True:
        documents = trade.prose(text, rng)
        for chat in trade.chats(text, rng):
            documents.append(tokenizer.apply_chat_template(chat, tokenize=False))
        rng.shuffle(documents)
        for document in documents:
            ids = tokenizer(document + END_OF_TEXT, add_special_tokens=False)["input_ids"]
            stream += ids
        while len(stream) >= recipe.row_tokens:
            yield stream[: recipe.row_tokens]
            del stream[: recipe.row_tokens]


def _pretrain(model: Qwen3ForCausalLM, rows: Iterator[list[int]], recipe: Recipe) -> None:
    """Train every weight on `rows`; AdamW with a warm-up and a linear decay to zero."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.95), weight_decay=0.1
    )
    model.train()
    for step in range(recipe.steps):
        rise = min(1.0, (step + 1) / recipe.warmup_steps)
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * rise * (1 - step / recipe.steps)
        batch = torch.tensor([next(rows) for _ in range(recipe.rows_per_step)])
        loss = model(input_ids=batch, labels=batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    model.eval()


def _recipe_digest(recipe: Recipe, text: trade.Handbook) -> str:
    parts = [asdict(recipe), CHAT_TEMPLATE, asdict(text), list(_vocabulary_text(text))]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def main(arguments: Sequence[str]) -> None:
    """Build the model if need be, and print its folder and its catalogue entry as JSON."""
    built = ensure_base_model(Path(arguments[0]))
    print(json.dumps({"path": str(built.path), **built.entry.model_dump(mode="json")}))


if __name__ == "__main__":
    main(sys.argv[1:])
