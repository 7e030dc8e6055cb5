"""Projections that read one tensor, computed as one: against PEFT's own layers."""

from collections.abc import Sequence

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn

from tests.support.trainer.rows import a_learner, relative_error, some_rows, tuned
from trainer_image.model.flat_adapter import FlatAdapter, Slot
from trainer_image.model.kernels.lora import groups_of

WIDTHS = {"q_proj": 40, "k_proj": 24, "v_proj": 24}
ALL = tuple(WIDTHS)


class Attention(nn.Module):
    """Three projections of one tensor, or of one each."""

    def __init__(self, *, bias: bool, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        for name, width in WIDTHS.items():
            setattr(self, name, nn.Linear(32, width, bias=bias, dtype=dtype))

    def forward(self, *read: Tensor) -> Tensor:
        given = read * 3 if len(read) == 1 else read
        pairs = zip(WIDTHS, given, strict=True)
        return torch.cat([getattr(self, name)(x) for name, x in pairs], dim=-1)


def adapted(
    targets: Sequence[str] = ALL, *, bias: bool = False, dtype: torch.dtype = torch.float32
) -> nn.Module:
    torch.manual_seed(0)
    model = Attention(bias=bias, dtype=dtype).requires_grad_(requires_grad=False)
    config = LoraConfig(r=4, lora_alpha=12, target_modules=list(targets))
    found: nn.Module = get_peft_model(model, config)
    torch.manual_seed(1)
    for parameter in found.parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter)
    return found


def gradients_of(model: nn.Module, *read: Tensor) -> dict[str, Tensor]:
    """Return output and gradients, of the inputs too, by name."""
    given = [x.clone().requires_grad_() for x in read]
    output = model(*given)
    slope = torch.linspace(-1, 1, output.numel(), dtype=output.dtype)
    (output * slope.view_as(output)).sum().backward()
    trained = {name: p.grad for name, p in model.named_parameters() if p.requires_grad}
    inputs = {f"input {place}": x.grad for place, x in enumerate(given)}
    every = {"output": output.detach(), **inputs, **trained}
    return {name: each.clone() for name, each in every.items() if each is not None}


def worst(found: dict[str, Tensor], wanted: dict[str, Tensor]) -> float:
    assert found.keys() == wanted.keys()
    return max(relative_error(found[name], wanted[name]) for name in wanted)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("targets", [ALL, ("q_proj", "v_proj"), ("k_proj",)])
def test_a_group_equals_pefts_own_layers(targets: tuple[str, ...], bias: bool) -> None:  # noqa: FBT001 - a case
    """Also where only some of those that read the tensor are adapted."""
    grouped, plain = (adapted(targets, bias=bias) for _ in range(2))
    assert [len(group.layers) for group in FlatAdapter(grouped).groups] == [len(targets)]
    x = torch.randn(2, 7, 32)

    found, wanted = gradients_of(grouped, x), gradients_of(plain, x)

    assert len(wanted) == 2 + 2 * len(targets)
    assert worst(found, wanted) < 1e-6


def test_layers_of_a_group_that_read_other_tensors_answer_for_those() -> None:
    grouped, plain = adapted(), adapted()
    FlatAdapter(grouped)
    read = [torch.randn(5, 32) for _ in WIDTHS]

    found, wanted = gradients_of(grouped, *read), gradients_of(plain, *read)

    assert len(wanted) == 1 + 3 + 6
    assert worst(found, wanted) < 1e-6


def test_gradients_are_summed_in_the_flat_buffer_and_nowhere_else() -> None:
    model = adapted()
    flat = FlatAdapter(model)
    x = torch.randn(5, 32)

    once = {name: each for name, each in gradients_of(model, x).items() if "lora" in name}
    twice = gradients_of(model, x)

    assert flat.gradients.count_nonzero() == flat.gradients.numel()
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None
            storage = parameter.grad.untyped_storage().data_ptr()
            assert storage == flat.reduced.untyped_storage().data_ptr()
            torch.testing.assert_close(twice[name], 2 * once[name])
    assert len(once) == 6


def test_matrices_that_read_one_tensor_lie_side_by_side() -> None:
    model = adapted()
    flat = FlatAdapter(model)
    (group,) = groups_of(model)
    weights = dict(model.named_parameters())

    names = [name.split(".")[-4:-2] for name, _ in flat.layout]
    down = torch.cat([parameter for name, parameter in weights.items() if "lora_A" in name])

    assert names == [[name, side] for side in ("lora_A", "lora_B") for name in ALL]
    assert len(group.downs) == 3
    assert torch.equal(flat.values.data[: down.numel()].view(down.shape), down)


def test_what_is_computed_with_in_16_bits_follows_every_change_of_the_weights() -> None:
    model = adapted(dtype=torch.bfloat16)
    flat = FlatAdapter(model)
    x = torch.randn(5, 32, dtype=torch.bfloat16)
    before = model(x)

    flat.load(torch.zeros_like(flat.values.data))
    silent = model(x)
    flat.load(torch.ones_like(flat.values.data))
    flat.round_to(torch.bfloat16)

    assert not torch.equal(before, silent)
    assert torch.equal(silent, base_of(model, x))
    assert not torch.equal(model(x), silent)


def base_of(model: nn.Module, x: Tensor) -> Tensor:
    with model.disable_adapter():  # type: ignore[operator]
        output: Tensor = model(x)
    return output


def test_an_update_reaches_the_next_step_in_16_bits() -> None:
    learner = a_learner(some_rows((20, 31)), tuned())
    learner.model.to(torch.bfloat16)
    narrow = FlatAdapter(learner.model, torch.bfloat16)
    learner.adapter = narrow
    learner.optimizer = torch.optim.AdamW([narrow.values], lr=0.1)
    first = learner.gradients(learner.plan.step(0)).loss
    learner.apply(0.1)

    assert learner.gradients(learner.plan.step(0)).loss < first


def test_a_pass_that_broke_off_leaves_no_outputs_behind() -> None:
    model = adapted()
    flat = FlatAdapter(model)
    (group,) = flat.groups
    attention = model.get_submodule("base_model.model")
    x = torch.randn(5, 32)
    attention.get_submodule("q_proj")(x)
    assert len(group._waiting) == 2

    flat.forget_outputs()

    assert group._waiting == {}


def test_the_slots_lie_behind_the_gradients() -> None:
    flat = FlatAdapter(adapted())

    flat.reduced[Slot.LOSS] = 1.0
    flat.reduced[Slot.PADDING_TOKENS] = 2.0
    flat.reduced[Slot.STOP_WISHES] = 3.0

    assert flat.reduced[flat.gradients.numel() :].tolist() == [2.0, 1.0, 3.0]
    assert not flat.gradients.any()
