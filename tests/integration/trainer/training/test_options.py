"""FP8 and newer attention kernels: refused with a reason, and what FP8 changes."""

import pytest
import torch

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.rows import a_learner, relative_error, some_rows, tuned
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import Option
from trainer_image.model.kernels.frozen import FrozenLinear
from trainer_image.model.kernels.frozen_fp8 import Fp8Linear, rounder
from trainer_image.training import options
from trainer_image.training.losses import row_losses

HOPPER, ADA, AMPERE, BLACKWELL = (9, 0), (8, 9), (8, 0), (10, 0)
ROWS = some_rows((30, 52, 18))


@pytest.mark.parametrize(
    ("option", "capability", "held_out", "unpacked", "reason"),
    [
        (Option.FP8, None, 9, True, "there is no GPU"),
        (Option.FP8, AMPERE, 9, True, "older than Ada and Hopper"),
        (Option.FP8, HOPPER, 0, True, "nothing is held out"),
        (Option.FP8, HOPPER, 9, False, "memory has no room"),
        (Option.FA3, None, 9, True, "there is no GPU"),
        (Option.FA3, BLACKWELL, 9, True, "compute capability 10.0"),
        (Option.FA3, HOPPER, 9, True, "flash_attn_interface is not installed"),
        (Option.FA4, ADA, 9, True, "compute capability 8.9"),
        (Option.FA4, BLACKWELL, 9, True, "flash_attn.cute is not installed"),
    ],
)
def test_an_option_is_refused_with_its_reason(
    option: Option,
    capability: tuple[int, int] | None,
    held_out: int,
    unpacked: bool,  # noqa: FBT001 - a case
    reason: str,
) -> None:
    with pytest.raises(RunFailed, match=reason) as refusal:
        options.require([option], capability, held_out, unpacked=unpacked)

    assert refusal.value.failure.code is FailureCode.BAD_CONFIGURATION
    assert f"option {option} " in refusal.value.failure.message


@pytest.mark.parametrize(
    ("option", "capability"),
    [
        (Option.FP8, ADA),
        (Option.FP8, HOPPER),
        (Option.FA3, HOPPER),
        (Option.FA4, HOPPER),
        (Option.FA4, BLACKWELL),
    ],
)
def test_an_option_is_taken_where_it_is_there(option: Option, capability: tuple[int, int]) -> None:
    options.require([option], capability, 5, unpacked=True, found=lambda _module: True)


def test_without_options_nothing_is_asked_of_the_machine() -> None:
    options.require([], None, 0, unpacked=False)
    options.activate([])


@pytest.mark.parametrize("bias", [False, True])
def test_products_in_fp8_are_near_the_exact_ones_both_ways(bias: bool) -> None:  # noqa: FBT001 - a case
    torch.manual_seed(0)
    exact = FrozenLinear(torch.nn.Linear(64, 96, bias=bias).requires_grad_(requires_grad=False))
    rounded = rounder(torch.float32)(exact)
    x, gradient = torch.randn(40, 64), torch.randn(40, 96)
    sums = [torch.ones(40, 64), torch.ones(40, 64)]

    for one, into in zip((exact, rounded), sums, strict=True):
        one.add_input_gradient(into, gradient)
    errors = [
        relative_error(rounded.output(x), exact.output(x)),
        relative_error(sums[1], sums[0]),
    ]

    # e4m3 has 3 bits of fraction: about 3 % off per operand
    assert all(0.005 < error < 0.06 for error in errors)
    assert torch.equal(rounded.answer(x), exact.answer(x))


def test_widths_that_the_product_refuses_stay_exact() -> None:
    narrow = FrozenLinear(torch.nn.Linear(24, 96))

    assert rounder(torch.float32)(narrow) is narrow


def test_a_step_in_fp8_learns_nearly_the_same_and_scores_exactly() -> None:
    exact, rounded = (a_learner(ROWS, tuned(batch_size=3)) for _ in range(2))
    rounded.adapter.round_products()
    kinds = {type(one) for group in rounded.adapter.groups for one in group.frozen}

    losses = [each.gradients(each.plan.step(0)).loss for each in (exact, rounded)]
    scores = [
        row_losses(each.model, ROWS, device=each.device, budget_tokens=512).mean
        for each in (exact, rounded)
    ]

    assert Fp8Linear in kinds
    assert losses[1] != losses[0]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert relative_error(rounded.adapter.gradients, exact.adapter.gradients) < 0.2
    assert scores[0] == scores[1]
