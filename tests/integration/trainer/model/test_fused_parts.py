"""Which kernels a model gets on which device, and that transformers' own parts come back."""

from collections.abc import Iterator
from types import MethodType, SimpleNamespace
from typing import Any

import pytest
import torch
from transformers.models.llama import modeling_llama

from tests.support.trainer.families import a_family, saved_family
from trainer_image.model import base_model
from trainer_image.model.base_model import Placement
from trainer_image.model.kernels import liger, norm_and_swiglu
from trainer_image.training.memory_plan import chip_named, use_fused_kernels

CPU = Placement(torch.device("cpu"), torch.float32, quantised=False)
CUDA = Placement(torch.device("cuda", 0), torch.bfloat16, quantised=True)
OWN = {
    name: getattr(modeling_llama, name)
    for name in ("LlamaRMSNorm", "LlamaMLP", "apply_rotary_pos_emb")
}


def rotate(*_args: Any, **_named: Any) -> None:
    """Stand in for Liger's rotation."""


def norm(_self: Any, hidden: torch.Tensor) -> torch.Tensor:
    return hidden


class LigerLike:
    """Patches as Liger 0.8 does: the instance, and the module its class is written in."""

    MODEL_TYPE_TO_APPLY_LIGER_FN = ("llama", "mixtral", "gemma")

    def __init__(self) -> None:
        self.asked: dict[str, bool] = {}

    def _apply_liger_kernel_to_instance(self, model: Any, **asked: bool) -> None:
        self.asked = asked
        for name in OWN:
            setattr(modeling_llama, name, rotate)
        model.model.norm.forward = MethodType(norm, model.model.norm)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    for name, part in OWN.items():
        setattr(modeling_llama, name, part)


def forward_of(module: Any) -> object:
    return getattr(module.forward, "__func__", None)


def test_a_model_is_proved_with_transformers_own_parts(tmp_path: Any) -> None:
    """Liger leaves its parts in the module; the proof of the saved files would be made of them."""
    folder = saved_family("llama", tmp_path)
    trained = base_model.load(folder, CPU)
    assert liger.use(trained, LigerLike())
    assert modeling_llama.apply_rotary_pos_emb is rotate

    stock = base_model.load(folder, CPU, implementation="sdpa")

    assert {name: getattr(modeling_llama, name) for name in OWN} == OWN
    assert isinstance(stock.model.norm, OWN["LlamaRMSNorm"])
    assert forward_of(stock.model.norm) is OWN["LlamaRMSNorm"].forward


def test_parts_replaced_twice_come_back_as_they_were_at_first() -> None:
    first, second = a_family("llama"), a_family("llama")
    liger.use(first, LigerLike())
    liger.use(second, LigerLike())

    liger.give_back()
    liger.give_back()

    assert modeling_llama.apply_rotary_pos_emb is OWN["apply_rotary_pos_emb"]


def test_on_cuda_a_type_that_liger_knows_gets_its_kernels() -> None:
    model = a_family("llama")

    use_fused_kernels(model, CUDA, LigerLike())

    assert forward_of(model.model.norm) is norm
    assert forward_of(model.model.layers[0].mlp) is type(model.model.layers[0].mlp).forward


@pytest.mark.parametrize(("kind", "where"), [("seed_oss", CUDA), ("mixtral", CUDA), ("llama", CPU)])
def test_everything_else_gets_ours(kind: str, where: Placement) -> None:
    """Unknown to Liger; a mixture, whose 4-bit experts Liger does not know; or on a CPU."""
    model = a_family(kind)

    use_fused_kernels(model, where, LigerLike())

    assert forward_of(model.model.norm) is norm_and_swiglu._norm


@pytest.mark.parametrize(
    ("config", "swiglu", "geglu"),
    [
        ({"hidden_act": "silu"}, True, False),
        ({"hidden_act": "swish"}, True, False),
        ({"hidden_act": "gelu"}, False, False),
        ({"hidden_act": "gelu_pytorch_tanh"}, False, True),
        ({"hidden_act": "gelu", "hidden_activation": "gelu_pytorch_tanh"}, False, True),
        ({"hidden_act": "silu", "hidden_activation": None}, True, False),
    ],
)
def test_a_gate_is_replaced_only_by_one_of_the_same_activation(
    config: dict[str, Any], *, swiglu: bool, geglu: bool
) -> None:
    patches = LigerLike()
    model = a_family("llama")
    model.config = SimpleNamespace(model_type="llama", **config)

    liger.use(model, patches)

    assert patches.asked == {
        "swiglu": swiglu,
        "geglu": geglu,
        "cross_entropy": False,
        "fused_linear_cross_entropy": False,
    }


@pytest.mark.parametrize(
    ("name", "teraflops"),
    [
        ("NVIDIA H100 80GB HBM3", 989),
        ("NVIDIA H100 PCIe", 756),
        ("NVIDIA H100 NVL", 835),
        ("NVIDIA H200", 989),
        ("NVIDIA H200 NVL", 836),
        ("NVIDIA A100-SXM4-80GB", 312),
        ("NVIDIA A100 80GB PCIe", 312),
        ("NVIDIA GeForce RTX 4090", 165),
    ],
)
def test_a_card_is_measured_against_its_own_peak(name: str, teraflops: int) -> None:
    chip = chip_named(name)

    assert chip is not None
    assert chip.peak_flops == teraflops * 1e12


def test_an_unknown_card_has_no_peak() -> None:
    assert chip_named("NVIDIA T4") is None
