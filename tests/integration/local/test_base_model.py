"""The demo's base model is built once, loads offline, and is what its revision says."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from local.base_model import Recipe, ensure_base_model
from local.built_model import BuiltModel

TINY = Recipe(
    vocabulary=400,
    hidden=32,
    layers=1,
    heads=2,
    key_value_heads=1,
    intermediate=64,
    context_tokens=128,
    steps=2,
    rows_per_step=2,
    row_tokens=64,
    warmup_steps=1,
)
CHAT = [
    {"role": "system", "content": "Be short."},
    {"role": "user", "content": "Bread?"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Cake?"},
    {"role": "assistant", "content": "No."},
]


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def built(models_dir: Path) -> BuiltModel:
    return ensure_base_model(models_dir, TINY)


@pytest.fixture(scope="module")
def tokenizer(built: BuiltModel) -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(built.path, local_files_only=True)


def test_it_stands_where_a_worker_looks_for_it(built: BuiltModel, models_dir: Path) -> None:
    assert built.entry.id == "brightrun/demo-base"
    assert re.fullmatch(r"[0-9a-f]{40}", built.entry.revision)
    assert built.path == models_dir / "brightrun--demo-base" / built.entry.revision


def test_it_loads_offline_and_is_as_large_as_its_entry_says(built: BuiltModel) -> None:
    model = AutoModelForCausalLM.from_pretrained(built.path, local_files_only=True)

    # embedding 400*32, attention 32*32 + 2*32*16 + 32*32, two head norms of 16, MLP 3*32*64,
    # two layer norms and the last one of 32; the head is tied to the embedding.
    assert model.num_parameters() == 12_800 + 3_072 + 32 + 6_144 + 96
    assert built.entry.parameters == 22_144
    assert built.entry.context_tokens == 128


def test_the_template_marks_what_the_assistant_says_with_its_end(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    encoded = tokenizer.apply_chat_template(
        CHAT, return_dict=True, return_assistant_tokens_mask=True
    )
    said = [
        token
        for token, trained in zip(encoded["input_ids"], encoded["assistant_masks"], strict=True)
        if trained
    ]

    assert tokenizer.decode(said) == "Yes.<|im_end|>No.<|im_end|>"
    assert tokenizer.decode(encoded["input_ids"]) == (
        "<|im_start|>system\nBe short.<|im_end|>\n"
        "<|im_start|>user\nBread?<|im_end|>\n<|im_start|>assistant\nYes.<|im_end|>\n"
        "<|im_start|>user\nCake?<|im_end|>\n<|im_start|>assistant\nNo.<|im_end|>\n"
    )


def test_a_prompt_ends_where_the_assistant_begins(tokenizer: PreTrainedTokenizerFast) -> None:
    prompt = tokenizer.apply_chat_template(CHAT[:2], tokenize=False, add_generation_prompt=True)

    assert prompt.endswith("Bread?<|im_end|>\n<|im_start|>assistant\n")


def test_generation_stops_at_the_end_of_a_turn(
    built: BuiltModel, tokenizer: PreTrainedTokenizerFast
) -> None:
    model = AutoModelForCausalLM.from_pretrained(built.path, local_files_only=True)

    assert tokenizer.decode([model.generation_config.eos_token_id]) == "<|im_end|>"
    assert tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.pad_token == "<|endoftext|>"


@pytest.mark.parametrize("text", ["café 12 €", "naïve\n\n  two", "面包"])
def test_any_text_survives_the_tokenizer(text: str, tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


def test_asking_again_builds_nothing(built: BuiltModel, models_dir: Path) -> None:
    weights = built.path / "model.safetensors"
    before = weights.stat().st_mtime_ns

    assert ensure_base_model(models_dir, TINY) == built
    assert weights.stat().st_mtime_ns == before


def test_another_recipe_is_another_revision(built: BuiltModel, models_dir: Path) -> None:
    other = ensure_base_model(models_dir, replace(TINY, seed=8))

    assert other.entry.revision != built.entry.revision
    assert built.path.is_dir()


def test_the_same_recipe_gives_the_same_bytes(built: BuiltModel, tmp_path: Path) -> None:
    assert ensure_base_model(tmp_path, TINY).entry == built.entry


def test_a_damaged_model_is_built_again(tmp_path: Path) -> None:
    built = ensure_base_model(tmp_path, TINY)
    weights = built.path / "model.safetensors"
    intact = hashlib.sha256(weights.read_bytes()).hexdigest()
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")

    assert ensure_base_model(tmp_path, TINY) == built
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == intact


def test_a_half_built_model_is_never_taken(tmp_path: Path) -> None:
    """A build that was killed leaves its scratch folder and perhaps an empty revision."""
    shelf = tmp_path / "brightrun--demo-base"
    (shelf / ".building-killed" / "model").mkdir(parents=True)
    (shelf / ("0" * 40)).mkdir()

    built = ensure_base_model(tmp_path, TINY)

    assert (built.path / "model.safetensors").is_file()


def test_reading_the_handbook_teaches_it_something(tmp_path: Path) -> None:
    text = "The rye bread is baked for thirty minutes at two hundred degrees."
    losses = []
    for steps in (1, 100):
        built = ensure_base_model(tmp_path, replace(TINY, steps=steps, learning_rate=0.01))
        model = AutoModelForCausalLM.from_pretrained(built.path, local_files_only=True)
        tokens = AutoTokenizer.from_pretrained(built.path, local_files_only=True)
        ids = torch.tensor([tokens(text, add_special_tokens=False)["input_ids"]])
        with torch.no_grad():
            losses.append(model(input_ids=ids, labels=ids).loss.item())

    assert losses[1] < losses[0] - 1.0


def test_building_leaves_the_callers_random_numbers_alone(tmp_path: Path) -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    ensure_base_model(tmp_path, TINY)

    assert torch.equal(torch.rand(3), expected)
