"""Every model type of the table against transformers and PEFT, each document alone."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.families import (
    WITHOUT_FEED_FORWARD,
    a_family,
    asked_names,
    trained_names,
)
from tests.support.trainer.rows import BASE, relative_error, some_rows, tuned, wake
from trainer_image.data.batches import TokenRow
from trainer_image.data.sampling import Plan
from trainer_image.export import adapter_folder
from trainer_image.ipc.failures import RunFailed
from trainer_image.model import adapter, base_model
from trainer_image.model.architectures import ARCHITECTURES, require_projections
from trainer_image.model.kernels import norm_and_swiglu
from trainer_image.training.losses import row_losses
from trainer_image.training.step import TrainStep

KINDS = sorted(ARCHITECTURES)
ROWS = some_rows((5, 66, 136, 20, 33, 64, 90), seed=4)


def adapted_family(kind: str, **changes: object) -> PeftModel:
    base = a_family(kind)
    norm_and_swiglu.fuse(base)
    asked = tuned(batch_size=len(ROWS), target_modules=asked_names(kind), **changes)
    adapted = adapter.attach(base, asked, BASE)
    wake(adapted)
    return adapted


def a_learner(kind: str, *, budget_tokens: int) -> TrainStep:
    asked = tuned(batch_size=len(ROWS), max_gradient_norm=100, target_modules=asked_names(kind))
    plan = Plan(tuple(row.size for row in ROWS), len(ROWS), 1, seed=1)
    return TrainStep(adapted_family(kind), ROWS, plan, asked, budget_tokens=budget_tokens)


def stock(kind: str) -> Any:
    """Return the model as PEFT alone adapts it, with the modules typed out by hand."""
    config = LoraConfig(
        r=4, lora_alpha=8, target_modules=sorted(trained_names(kind)), task_type="CAUSAL_LM"
    )  # dense experts are no modules, so the plain names of a shared expert's will do
    base = a_family(kind, "sdpa")
    torch.manual_seed(42)
    model = get_peft_model(base, config)
    wake(model)
    return model


def alone(model: Any, row: TokenRow) -> torch.Tensor:
    """Return the summed loss of one document, by the model's own forward pass."""
    ids = torch.tensor(row.ids.tolist())[None]
    labels = torch.tensor(row.labels.tolist())[None]
    loss: torch.Tensor = model(input_ids=ids, labels=labels).loss
    return loss * row.size.supervised_tokens


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_that_of_each_document_alone(kind: str) -> None:
    """Loss and gradient of a step of several documents, in one micro-step and in many."""
    reference = stock(kind)
    losses = [alone(reference, row) for row in ROWS]
    count = sum(row.size.supervised_tokens for row in ROWS)
    wanted_loss = torch.stack(losses).sum() / count
    wanted_loss.backward()
    gradients = {name: p.grad for name, p in reference.named_parameters() if p.requires_grad}

    for budget_tokens in (4096, 200):
        learner = a_learner(kind, budget_tokens=budget_tokens)
        result = learner.gradients(learner.plan.step(0))
        wanted = torch.cat([gradients[name].flatten() for name, _ in learner.adapter.layout])

        assert result.loss == pytest.approx(wanted_loss.item(), rel=2e-6)
        assert relative_error(learner.adapter.gradients, wanted) < 3e-5
        each = row_losses(
            learner.model, ROWS, device=torch.device("cpu"), budget_tokens=budget_tokens
        )
        assert each.sums.tolist() == pytest.approx([loss.item() for loss in losses], rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_asked_projection_trains_in_every_layer(kind: str) -> None:
    adapted = adapted_family(kind)

    names = [name for name, p in adapted.named_parameters() if p.requires_grad]
    assert {name.split(".lora_")[0].rpartition(".")[2] for name in names} == trained_names(kind)
    for layer in range(4):
        of_layer = {n.split(".lora_")[0].rpartition(".")[2] for n in names if f".{layer}." in n}
        assert of_layer & {"q_proj", "qkv_proj", "in_proj_qkvz", "in_proj_qkv"}
        assert of_layer & {"o_proj", "out_proj"}
        if "down_proj" in trained_names(kind):
            assert {"down_proj"} <= of_layer
            assert of_layer & {"up_proj", "gate_up_proj"}
    assert not [name for name in names if ".experts." in name or "_gate." in name]


@pytest.mark.parametrize("kind", KINDS)
def test_the_saved_adapter_answers_alike_on_a_fresh_base(kind: str, tmp_path: Path) -> None:
    adapted = adapted_family(kind)
    ids = torch.tensor(ROWS[2].ids.tolist())[None]
    adapter_folder.save_adapter(adapted, tmp_path, torch.float32)

    fresh = PeftModel.from_pretrained(a_family(kind, "sdpa"), tmp_path)
    adapted.eval()
    with torch.no_grad():
        difference = adapted(input_ids=ids).logits - fresh(input_ids=ids).logits
        base = fresh.get_base_model()
        with fresh.disable_adapter():
            change = base(input_ids=ids).logits - adapted(input_ids=ids).logits
    assert float(difference.abs().max()) < 1e-4
    assert float(change.abs().max()) > 1e-2


def test_padding_is_counted_apart_and_packing_has_none() -> None:
    padded = a_learner("qwen3_next", budget_tokens=200)
    packed = a_learner("qwen3", budget_tokens=200)

    # no fewer than four passes of 200 tokens: 136; 90; 66 and 64; 33, 20 and 5
    wanted = (66 - 64) + (33 - 20) + (33 - 5)
    assert padded.gradients(padded.plan.step(0)).padding_tokens == wanted
    assert packed.gradients(packed.plan.step(0)).padding_tokens == 0
    assert padded.plan.step(0).tokens == sum(len(row.ids) for row in ROWS)


@pytest.mark.parametrize("kind", WITHOUT_FEED_FORWARD)
def test_lora_on_experts_is_refused_with_the_reason(kind: str) -> None:
    asked = tuned(target_modules=("q_proj", "up_proj", "down_proj"))
    with pytest.raises(RunFailed, match=r"down_proj, up_proj: .* experts, .* ask for") as failure:
        adapter.attach(a_family(kind), asked, BASE)

    assert failure.value.failure.code is FailureCode.BAD_CONFIGURATION
    require_projections(kind, ("q_proj", "o_proj"))


GATED = ("mixtral", "qwen3_5", "qwen3_5_moe", "qwen3_moe", "qwen3_next")


@pytest.mark.parametrize("kind", GATED)
def test_a_gated_type_needs_the_worker_to_open_it(kind: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))

    with pytest.raises(RunFailed, match=f"BRIGHTRUN_GATED_MODEL_TYPES={kind}") as failure:
        base_model.read_config(tmp_path)

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNSUPPORTED
    assert base_model.read_config(tmp_path, frozenset({kind}))["hidden_size"] > 0


@pytest.mark.parametrize(
    ("kind", "why"),
    [("gemma2", "caps"), ("gpt_oss", "sinks"), ("mamba", "not been checked")],
)
def test_a_type_that_would_train_wrongly_stays_refused(kind: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))

    with pytest.raises(RunFailed, match=why) as failure:
        base_model.read_config(tmp_path, frozenset({kind}))

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNSUPPORTED


def test_a_mixture_in_some_layers_alone_is_refused(tmp_path: Path) -> None:
    """Memory of the others could not be told, and a run would find out on the GPU."""
    odd = {"model_type": "qwen3_moe", "mlp_only_layers": [0]}
    (tmp_path / "config.json").write_text(json.dumps(odd))

    with pytest.raises(RunFailed, match="mlp_only_layers") as failure:
        base_model.read_config(tmp_path, frozenset({"qwen3_moe"}))

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNSUPPORTED


@pytest.mark.parametrize("content", ["", "[]", "{", '{"model_type": "llama", "hidden_size": "x"}'])
def test_a_configuration_that_is_no_use_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(content)

    with pytest.raises(RunFailed) as failure:
        base_model.read_config(tmp_path)

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNAVAILABLE
