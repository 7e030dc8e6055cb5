"""Dropout drawn inside the products, in Triton's interpreter: against the mask that was drawn.

pip install triton==3.7.1, then with TRITON_INTERPRET=1 in the environment; else they are skipped.
"""

import os
from importlib.util import find_spec

import pytest
import torch

from brightrun.training.configuration import Hyperparameters
from tests.support.trainer.rows import a_learner, relative_error, some_rows, tuned
from trainer_image.model.base_model import Placement
from trainer_image.model.kernels import drawn_dropout
from trainer_image.model.kernels.drawn_dropout import Drawn
from trainer_image.training.memory_plan import why_masks

# Philox multiplies beyond 32 bits, and the interpreter does it in numpy
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
CPU = torch.device("cpu")
ROWS = some_rows((30, 12))
TRITON = find_spec("triton") is not None


interpreted = pytest.mark.skipif(
    not (TRITON and os.environ.get("TRITON_INTERPRET") == "1"),
    reason="needs Triton, and TRITON_INTERPRET=1 before it is imported: it runs on a CPU then",
)


def mask_of(shape: tuple[int, int], seed: int, rate: float) -> torch.Tensor:
    """Return what the kernel reads of a tensor of ones."""
    return Drawn(torch.ones(shape), seed, rate).product(torch.eye(shape[1]))


@interpreted
def test_the_trial_accepts_right_kernels() -> None:
    assert drawn_dropout.find(CPU, torch.float32) is None


@interpreted
@pytest.mark.parametrize("shape", [(5, 24), (70, 100), (33, 64)])
def test_products_and_gradients_are_those_of_the_mask(shape: tuple[int, int]) -> None:
    """None of these fills the kernels' blocks; what lies beyond must not be written."""
    torch.manual_seed(0)
    x, down = torch.randn(shape), torch.randn(12, shape[1])
    mask = mask_of(shape, 9, 0.3)
    passed, sums = torch.randn(shape[0], 12), torch.full((12, shape[1]), 2.0)
    drawn = Drawn(x, 9, 0.3)

    product = drawn.product(down)
    x_gradient = drawn.add_gradients(passed, down, sums, wanted=True)
    assert drawn.add_gradients(passed, down, torch.zeros(12, shape[1]), wanted=False) is None

    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert relative_error(product, (x * mask) @ down.T) < 1e-6
    assert x_gradient is not None
    assert relative_error(x_gradient, (passed @ down) * mask) < 1e-6
    assert relative_error(sums, 2.0 + passed.T @ (x * mask)) < 1e-6


@interpreted
def test_a_place_is_dropped_at_the_asked_rate_and_each_seed_drops_others() -> None:
    one, other = (mask_of((400, 96), seed, 0.1) for seed in (1, 2))

    assert float(one.mean()) == pytest.approx(0.9, abs=0.008)
    assert float((one * other).mean()) == pytest.approx(0.81, abs=0.01)
    # rows and columns alike: no stripe is dropped more often
    assert float(one.mean(dim=0).min()) > 0.8
    assert float(one[:, ::2].mean()) == pytest.approx(0.9, abs=0.012)


@interpreted
def test_recomputed_layers_drop_what_was_dropped() -> None:
    found = []
    for layers in (0, 2):
        learner = a_learner(ROWS, tuned(dropout=0.2))
        learner.adapter.draw_in_products()
        learner.checkpoint_layers(layers)
        learner.gradients(learner.plan.step(0))
        found.append(learner.adapter.gradients.clone())

    assert torch.equal(found[0], found[1])


@interpreted
def test_a_step_drops_and_the_same_step_drops_the_same() -> None:
    losses = []
    for drawn, rate in ((True, 0.3), (True, 0.3), (False, 0.0)):
        learner = a_learner(ROWS, tuned(dropout=rate))
        if drawn:
            learner.adapter.draw_in_products()
        losses.append(learner.gradients(learner.plan.step(0)).loss)

    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


@pytest.mark.skipif(TRITON, reason="Triton is here")
def test_without_triton_masks_are_drawn_and_the_run_says_why() -> None:
    where = Placement(torch.device("cuda", 0), torch.bfloat16, quantised=True)

    assert why_masks(Hyperparameters(), where) == "Triton is not installed"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dropout": 0.0}, None),
        ({}, "there is no GPU"),
    ],
)
def test_masks_need_a_reason(changes: dict[str, float], reason: str | None) -> None:
    where = Placement(CPU, torch.float32, quantised=False)

    assert why_masks(tuned(**{"dropout": 0.1, **changes}), where) == reason


def test_ranks_that_fill_the_registers_are_left_to_masks() -> None:
    where = Placement(torch.device("cuda", 0), torch.bfloat16, quantised=True)

    assert "ranks" in str(why_masks(Hyperparameters(rank=64), where))
