"""What stands in a delivered folder's README runs when it is copied, and warns where it must."""

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from brightrun.training.protocol import RunSummary, TrainingSpec
from tests.support.factories import a_summary
from tests.support.trainer.evaluated import BF16, TINY, learner_on
from tests.support.trainer.rows import tuned
from trainer_image.export import adapter_folder
from trainer_image.export.model_card import HeldBase, model_card
from trainer_image.model import weights

HELD = HeldBase(quantised=True, compute_type="bfloat16")
# Typed out: the fields of PEFT 0.10's LoraConfig, which refuses any other by a TypeError.
KNOWN_TO_PEFT_0_10 = {
    "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "fan_in_fan_out",
    "inference_mode", "init_lora_weights", "layer_replication", "layers_pattern",
    "layers_to_transform", "loftq_config", "lora_alpha", "lora_dropout", "megatron_config",
    "megatron_core", "modules_to_save", "peft_type", "r", "rank_pattern", "revision",
    "target_modules", "task_type", "use_dora", "use_rslora",
}  # fmt: skip


def a_card(summary: RunSummary | None = None, held: HeldBase = HELD, **tuning: Any) -> str:
    spec = TrainingSpec(job_id="job-1", base_model=TINY, hyperparameters=tuned(**tuning))
    return model_card(spec, summary or a_summary(), held)


def blocks(card: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", card, re.DOTALL)


@pytest.fixture(scope="module")
def delivered(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a run leaves it: an adapter that changes something, tokenizer, README."""
    folder = tmp_path_factory.mktemp("delivered")
    base = weights.local_folder(models_dir, TINY)
    learner = learner_on(base, BF16, effect=0.2)
    adapter_folder.save_adapter(learner.model, folder, torch.bfloat16)
    adapter_folder.copy_tokenizer(base, folder)
    (folder / "README.md").write_text(a_card().replace(TINY.id, str(base)))
    return folder


def run(lines: str, folder: Path) -> tuple[dict[str, Any], str]:
    """Run lines of the card in its folder; return what they defined and printed."""
    defined: dict[str, Any] = {}
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(lines, defined)  # noqa: S102 - the lines are what is tested
    return defined, printed.getvalue()


def test_the_lines_that_use_it_run_as_they_stand(delivered: Path) -> None:
    use, _ = blocks((delivered / "README.md").read_text())
    defined, printed = run(use, delivered)

    assert isinstance(defined["model"], PeftModel)
    assert printed.strip()


def test_the_lines_that_merge_keep_what_the_adapter_does(
    delivered: Path, models_dir: Path, tmp_path: Path
) -> None:
    _, merge = blocks((delivered / "README.md").read_text())
    run(merge.replace('"merged"', f'"{tmp_path}"'), delivered)
    base = AutoModelForCausalLM.from_pretrained(
        weights.local_folder(models_dir, TINY), dtype=torch.bfloat16
    )
    ids = torch.arange(10, 30).unsqueeze(0)
    with torch.no_grad():
        plain = base(input_ids=ids).logits.float()
        adapted = PeftModel.from_pretrained(base, delivered)(input_ids=ids).logits.float()
        merged = AutoModelForCausalLM.from_pretrained(tmp_path)(input_ids=ids).logits.float()

    assert (adapted - plain).abs().max() > 0.5
    assert (merged - adapted).abs().mean() < 0.1 * (adapted - plain).abs().mean()
    assert (tmp_path / "tokenizer.json").is_file()


@pytest.mark.parametrize("place", [0, 1])
def test_the_lines_import_nothing_they_do_not_use(place: int) -> None:
    lines = blocks(a_card())[place]
    imported = re.findall(r"import ([\w, ]+)$", lines, re.MULTILINE)
    names = [name.strip() for line in imported for name in line.split(",")]

    assert names
    assert [name for name in names if len(re.findall(rf"\b{name}\b", lines)) == 1] == []


def test_the_card_says_how_the_base_was_held_when_it_was_measured() -> None:
    whole = a_card(held=HeldBase(quantised=False, compute_type="float32"))

    assert "the base model was held in NF4: 4 bits" in a_card()
    assert "held whole, in float32" in whole
    assert "NF4" not in whole


def test_the_card_warns_of_merging_into_four_bits_whatever_the_run_used() -> None:
    for quantised in (True, False):
        card = a_card(held=HeldBase(quantised=quantised, compute_type="bfloat16"))
        assert "held in 4 bits, nearly all of the\neffect is lost" in card


@pytest.mark.parametrize(
    ("rank", "asked"), [(4, 8), (8, 8), (16, 16), (32, 32), (48, 64), (128, 128)]
)
def test_the_line_for_vllm_asks_for_a_rank_that_it_takes(rank: int, asked: int) -> None:
    assert f"--enable-lora --max-lora-rank {asked} " in a_card(rank=rank)


def test_an_older_peft_finds_nothing_in_the_configuration_that_it_does_not_know(
    delivered: Path,
) -> None:
    config = json.loads((delivered / "adapter_config.json").read_bytes())

    assert config.keys() <= KNOWN_TO_PEFT_0_10
    assert None not in config.values()
    assert (config["r"], config["peft_type"]) == (tuned().rank, "LORA")
    assert config["target_modules"] == sorted(config["target_modules"])


def test_what_differs_from_a_plain_configuration_is_still_written(tmp_path: Path) -> None:
    base = torch.nn.Sequential(torch.nn.Linear(4, 4))
    adapted = get_peft_model(base, LoraConfig(r=2, target_modules=["0"], rank_pattern={"0": 3}))
    adapter_folder.save_adapter(adapted, tmp_path, torch.float32)

    assert json.loads((tmp_path / "adapter_config.json").read_bytes())["rank_pattern"] == {"0": 3}
