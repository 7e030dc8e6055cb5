"""The proof of the saved files: what was scored, bit for bit, and stock PEFT answers with it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import torch
from peft import PeftModel
from peft.tuners.lora.layer import LoraLayer
from safetensors.torch import load_file, save_file
from torch import Tensor

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import BaseModelRef
from tests.support.trainer.evaluated import BF16, CPU, TINY, learner_on, questions, zeroed
from tests.support.trainer.rows import a_base, tuned
from tests.support.trainer.tiny_model import MODEL_ID, REVISION
from trainer_image.data.dataset import Rows
from trainer_image.evaluation import evaluate, logit_probes
from trainer_image.evaluation.evaluate import Proof, Scores
from trainer_image.evaluation.stock import by_stock_peft
from trainer_image.export import adapter_folder
from trainer_image.export.adapter_folder import ADAPTER
from trainer_image.ipc.failures import RunFailed
from trainer_image.model import adapter, weights
from trainer_image.model.base_model import Placement
from trainer_image.model.kernels import attention

Tensors = dict[str, Tensor]
WHERE = pytest.mark.parametrize("where", [CPU, BF16], ids=["fp32", "bf16"])
EFFECT = 0.002
"""Of B's weights. Logits change by 3 % of the largest then, and 5 % are the tolerance in bf16."""


@pytest.fixture
def folder(models_dir: Path) -> Path:
    return weights.local_folder(models_dir, TINY)


def delivered(
    folder: Path, where: Placement, to: Path, *, rounded: bool = True
) -> tuple[Scores, PeftModel]:
    """Score a small adapter on the tiny model and save it."""
    learner = learner_on(folder, where, effect=EFFECT)
    if rounded:
        learner.adapter.round_to(where.compute)
    scores = evaluate.score(learner, Rows(questions(20), questions(1), {}), where, folder)
    assert scores is not None
    model = cast("PeftModel", learner.model)
    adapter_folder.save_adapter(model, to, where.compute)
    return scores, model


@WHERE
def test_the_saved_adapter_gives_its_logits_again(
    folder: Path, where: Placement, tmp_path: Path
) -> None:
    scores, model = delivered(folder, where, tmp_path)

    proof = evaluate.verify(scores, model, tmp_path, where)

    effect = logit_probes.largest_difference(scores.logits, scores.base_logits)
    # the same kernels on both sides: not a bit of difference, whatever the adapter's effect
    assert proof == Proof(0.0)
    assert scores.kernel_difference < (1e-5 if where is CPU else 0.01)
    # the published tolerance alone would let the base model pass for its adapter
    assert (effect < scores.probes.tolerance) is (where is BF16)


def one_zeroed(tensors: Tensors) -> Tensors:
    return tensors | {(name := min(tensors)): tensors[name] * 0}


def one_bit_off(tensors: Tensors) -> Tensors:
    name = max(tensors)
    changed = tensors[name].clone()
    changed[0, 0] *= 1.01
    return tensors | {name: changed}


def exchanged(tensors: Tensors) -> Tensors:
    first, second = (f"base_model.model.model.layers.{n}.mlp.up_proj.lora_B.weight" for n in (0, 1))
    return tensors | {first: tensors[second], second: tensors[first]}


def one_missing(tensors: Tensors) -> Tensors:
    return {name: tensors[name] for name in sorted(tensors)[1:]}


def one_too_many(tensors: Tensors) -> Tensors:
    return tensors | {"base_model.model.lm_head.weight": torch.zeros(2)}


def of_another_type(tensors: Tensors) -> Tensors:
    return {name: tensor.to(torch.float64) for name, tensor in tensors.items()}


def reshaped(tensors: Tensors) -> Tensors:
    return tensors | {(name := max(tensors)): tensors[name].T.contiguous()}


DAMAGES = (
    zeroed,
    one_zeroed,
    one_bit_off,
    exchanged,
    one_missing,
    one_too_many,
    of_another_type,
    reshaped,
)


@WHERE
def test_an_adapter_that_was_saved_wrongly_is_not_delivered(
    folder: Path, where: Placement, tmp_path: Path
) -> None:
    scores, model = delivered(folder, where, tmp_path)
    file = tmp_path / ADAPTER
    tensors, sound = load_file(file), file.read_bytes()

    def refused() -> bool:
        with pytest.raises(RunFailed) as failure:
            evaluate.verify(scores, model, tmp_path, where)
        return failure.value.failure.code is FailureCode.VERIFICATION_FAILED

    for damage in DAMAGES:
        save_file({name: each.clone() for name, each in damage(tensors).items()}, file)
        assert refused(), damage.__name__
    file.write_bytes(sound[: len(sound) // 2])
    assert refused()
    file.unlink()
    assert refused()
    file.write_bytes(sound)
    evaluate.verify(scores, model, tmp_path, where)


def test_what_is_saved_is_what_was_scored_and_not_what_it_is_rounded_to(
    folder: Path, tmp_path: Path
) -> None:
    scores, model = delivered(folder, BF16, tmp_path, rounded=False)

    with pytest.raises(RunFailed, match="other values"):
        evaluate.verify(scores, model, tmp_path, BF16)


@WHERE
def test_a_file_that_stock_peft_does_not_apply_is_not_delivered(
    folder: Path, where: Placement, tmp_path: Path
) -> None:
    """Every tensor is right, and the configuration beside it makes next to nothing of them."""
    scores, model = delivered(folder, where, tmp_path)
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"lora_alpha": 1e-4}))

    with pytest.raises(RunFailed, match=r"lora_alpha is 0\.0001 and not"):
        evaluate.verify(scores, model, tmp_path, where)


def test_logits_that_are_no_numbers_are_never_equal(folder: Path, tmp_path: Path) -> None:
    scores, model = delivered(folder, CPU, tmp_path)
    broken = replace(scores, logits=scores.logits * float("nan"))

    with pytest.raises(RunFailed, match="differ by inf"):
        evaluate.verify(broken, model, tmp_path, CPU)


def test_a_difference_within_the_tolerance_is_a_warning_and_the_run_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    """Every tensor is right: what differs is a kernel, and a paid run is not thrown away for it."""
    scores, model = delivered(folder, BF16, tmp_path)
    off = 0.9 * scores.probes.tolerance
    other = replace(scores, logits=scores.logits + off, base_logits=scores.base_logits + off)

    proof = evaluate.verify(other, model, tmp_path, BF16)

    assert proof.difference == pytest.approx(off, rel=0.05)
    assert proof.warning
    assert "every saved tensor is the trained one" in proof.warning


@pytest.mark.parametrize("changed", ["logits", "kernel_difference"])
def test_a_difference_beyond_the_tolerance_is_not_delivered(
    changed: str, folder: Path, tmp_path: Path
) -> None:
    """By the files, or by the kernels that trained: then what was scored is not what is sent."""
    scores, model = delivered(folder, CPU, tmp_path)
    off = {changed: getattr(scores, changed) + 2 * scores.probes.tolerance}
    other = replace(scores, **off)  # either field has its own type

    with pytest.raises(RunFailed, match="answers otherwise") as failure:
        evaluate.verify(other, model, tmp_path, CPU)

    assert failure.value.failure.code is FailureCode.VERIFICATION_FAILED


@pytest.mark.parametrize(
    ("effect", "compute", "most"),
    [
        (4.0, torch.float32, 2.0),
        (0.0, torch.float32, 1e-4),
        (0.0, torch.bfloat16, 0.078125),
    ],
)
def test_a_reloaded_adapter_is_expected_within_half_its_effect_or_a_rounding(
    effect: float, compute: torch.dtype, most: float
) -> None:
    logits = torch.tensor([[10.0, 5.0]])
    base = logits - torch.tensor([[0.0, effect]])

    assert logit_probes.expected(logits, base, compute) == pytest.approx(most)


def test_the_trained_model_is_as_before_once_stock_peft_has_answered(folder: Path) -> None:
    learner = learner_on(folder, CPU, effect=EFFECT)
    model = cast("PeftModel", learner.model)
    layers = [module for module in model.modules() if isinstance(module, LoraLayer)]
    ours = [vars(layer)["forward"] for layer in layers]

    with by_stock_peft(model):
        assert [layer for layer in layers if "forward" in vars(layer)] == []
        assert model.get_base_model().config._attn_implementation == "sdpa"

    assert len(layers) == 14
    assert [vars(layer)["forward"] for layer in layers] == ours
    assert model.get_base_model().config._attn_implementation == attention.NAME


def test_the_saved_configuration_names_base_and_targets(folder: Path, tmp_path: Path) -> None:
    """PEFT writes the targets as a set, in another order in each process."""
    delivered(folder, BF16, tmp_path)

    config = json.loads((tmp_path / "adapter_config.json").read_bytes())
    assert (config["base_model_name_or_path"], config["revision"]) == (MODEL_ID, REVISION)
    assert config["target_modules"] == [
        "down_proj",
        "gate_proj",
        "k_proj",
        "o_proj",
        "q_proj",
        "up_proj",
        "v_proj",
    ]
    saved = load_file(tmp_path / ADAPTER)
    assert {tensor.dtype for tensor in saved.values()} == {torch.bfloat16}
    assert len(saved) == 2 * 7 * 2  # layers, projections, A and B
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}


def test_the_embeddings_are_never_saved(tmp_path: Path) -> None:
    """PEFT would add them by itself when the base's configuration tells of another vocabulary."""
    other = tmp_path / "base"
    a_base(vocab_size=500).config.save_pretrained(other)
    model = adapter.attach(a_base(), tuned(), BaseModelRef(id=str(other), revision="r1"))

    adapter_folder.save_adapter(model, tmp_path / "adapter", torch.float32)

    names = load_file(tmp_path / "adapter" / ADAPTER)
    assert len(names) == 28
    assert all(".lora_" in name for name in names)
