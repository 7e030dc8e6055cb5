"""Mixtures of experts in 4 bits, on the CPU: what is quantised, what trains, what comes back."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from peft.tuners.lora import Linear4bit as PeftLinear4bit
from peft.tuners.lora.layer import LoraLayer
from torch import nn
from torch.nn.utils import parametrize

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.families import a_family, asked_names, saved_family
from tests.support.trainer.rows import BASE, relative_error, some_rows, tuned, wake
from trainer_image.data.sampling import Plan
from trainer_image.evaluation import logit_probes
from trainer_image.export import adapter_folder
from trainer_image.ipc.failures import RunFailed
from trainer_image.model import adapter, base_model
from trainer_image.model.architectures import ARCHITECTURES
from trainer_image.model.base_model import Placement
from trainer_image.training.step import TrainStep

MIXTURES = ("mixtral", "qwen3_5_moe_text", "qwen3_moe", "qwen3_next")
FOUR_BIT = Placement(torch.device("cpu"), torch.float32, quantised=True)
ROWS = some_rows((40, 7, 90), seed=6)


def adapted(base: Any, kind: str) -> TrainStep:
    asked = tuned(batch_size=3, max_gradient_norm=100, target_modules=asked_names(kind))
    model = adapter.attach(base, asked, BASE)
    wake(model)
    return TrainStep(
        model, ROWS, Plan(tuple(r.size for r in ROWS), 3, 1, 1), asked, budget_tokens=99
    )


def step(learner: TrainStep) -> tuple[float, torch.Tensor]:
    result = learner.gradients(learner.plan.step(0))
    return result.loss, learner.adapter.gradients.clone()


def unpacked(model: Any, kind: str) -> Any:
    """Return the same model with every 4-bit weight written out in full, as transformers has it."""
    from bitsandbytes.functional import dequantize_4bit  # noqa: PLC0415 - prints on import

    dense = a_family(kind)
    for name, module in model.named_modules():
        if state := getattr(getattr(module, "weight", None), "quant_state", None):
            target = dense.get_submodule(name).weight
            target.copy_(dequantize_4bit(module.weight.data, state).view_as(target))
        elif name.endswith(".experts"):
            for weight in ("gate_up_proj", "down_proj"):
                getattr(dense.get_submodule(name), weight).copy_(getattr(module, weight))
    return dense


def test_the_table_has_these_mixtures() -> None:
    assert sorted(kind for kind, entry in ARCHITECTURES.items() if entry.experts) == list(MIXTURES)


@pytest.mark.parametrize("kind", MIXTURES)
def test_experts_and_projections_are_packed_and_routers_are_not(kind: str, tmp_path: Path) -> None:
    model = base_model.load(saved_family(kind, tmp_path), FOUR_BIT)

    dense = a_family(kind)
    experts = [module for name, module in model.named_modules() if name.endswith(".experts")]
    assert len(experts) == 4
    for module in experts:
        for name in ("gate_up_proj", "down_proj"):
            packed = module.parametrizations[name].original
            assert packed.dtype is torch.uint8
            assert packed.numel() * 2 == getattr(module, name).numel()
    kept = {name: tensor for name, tensor in model.named_parameters() if tensor.is_floating_point()}
    assert any(name.endswith("mlp.gate.weight") for name in kept)
    assert not [name for name in kept if "_proj.weight" in name]
    gates = {name for name, _ in dense.named_parameters() if "shared_expert_gate" in name}
    assert gates <= kept.keys()
    for name, tensor in kept.items():
        assert torch.equal(tensor, dense.get_parameter(name))


@pytest.mark.parametrize("kind", MIXTURES)
def test_a_step_on_4_bits_is_that_on_the_same_weights_written_out(
    kind: str, tmp_path: Path
) -> None:
    """Loss and gradient, before and after an evaluation: unpacking goes on behind autograd."""
    model = base_model.load(saved_family(kind, tmp_path), FOUR_BIT)
    wanted_loss, wanted = step(adapted(unpacked(model, kind), kind))
    learner = adapted(model, kind)

    loss, gradient = step(learner)
    learner.model.eval()
    logit_probes.last_logits(learner.model, [[5, 6, 7]], learner.device)
    learner.model.train()
    again_loss, again = step(learner)
    learner.checkpoint_layers(4)
    recomputed_loss, recomputed = step(learner)

    assert loss == pytest.approx(wanted_loss, rel=1e-5)
    assert relative_error(gradient, wanted) < 1e-4
    assert loss == again_loss == recomputed_loss
    assert torch.equal(gradient, again)
    assert relative_error(recomputed, gradient) < 1e-6
    assert not parametrize._cache_enabled
    assert not parametrize._cache


def test_unpacked_experts_are_not_kept_for_the_backward_pass(tmp_path: Path) -> None:
    """In 16 bits the experts of all layers together are what no GPU can hold."""
    learner = adapted(base_model.load(saved_family("qwen3_moe", tmp_path), FOUR_BIT), "qwen3_moe")
    saved: set[tuple[int, ...]] = set()

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        saved.add(tuple(sorted(tensor.shape)))
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        step(learner)

    assert len(saved) > 5
    assert not saved & {(6, 64, 96), (64, 96), (6, 48, 64), (48, 64)}


@pytest.mark.parametrize("kind", MIXTURES)
def test_a_saved_adapter_answers_alike_on_fresh_4_bit_weights(kind: str, tmp_path: Path) -> None:
    folder = saved_family(kind, tmp_path / "base")
    learner = adapted(base_model.load(folder, FOUR_BIT), kind)
    step(learner)
    learner.apply(0.01)
    prompts = [row.ids[:30].tolist() for row in ROWS]
    trained = logit_probes.last_logits(learner.model, prompts, learner.device)
    layers = {type(m) for m in learner.model.modules() if isinstance(m, LoraLayer)}
    assert layers == {PeftLinear4bit}  # the class that can also merge into 4 bits
    (tmp_path / "adapter").mkdir()
    adapter_folder.save_adapter(learner.model, tmp_path / "adapter", torch.float32)

    fresh = base_model.load(folder, FOUR_BIT, implementation="sdpa")
    model = PeftModel.from_pretrained(fresh, tmp_path / "adapter")
    again = logit_probes.last_logits(model, prompts, FOUR_BIT.device)

    assert logit_probes.largest_difference(trained, again) < 1e-4


def test_a_step_leaves_experts_and_router_as_they_are(tmp_path: Path) -> None:
    learner = adapted(base_model.load(saved_family("qwen3_next", tmp_path), FOUR_BIT), "qwen3_next")
    frozen = {n: p.clone() for n, p in learner.model.named_parameters() if ".lora_" not in n}

    step(learner)
    learner.apply(0.01)

    assert [n for n in frozen if "parametrizations.gate_up_proj" in n]
    assert all(
        torch.equal(p, frozen[n]) for n, p in learner.model.named_parameters() if n in frozen
    )


def test_experts_that_do_not_fit_the_host_are_refused_with_figures(tmp_path: Path) -> None:
    folder = saved_family("qwen3_moe", tmp_path)
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(4 * 10**12)  # sparse: takes no disk

    with pytest.raises(RunFailed, match=r"4200\.0 GB of host memory .* GB are free") as failure:
        base_model.load(folder, FOUR_BIT)

    assert failure.value.failure.code is FailureCode.OUT_OF_MEMORY


def test_dense_models_are_quantised_by_transformers_alone(tmp_path: Path) -> None:
    model = base_model.load(saved_family("qwen3", tmp_path), FOUR_BIT)

    packed = [m for m in model.modules() if hasattr(getattr(m, "weight", None), "quant_state")]
    assert len(packed) == 4 * 7
    assert isinstance(model.get_output_embeddings(), nn.Linear)
