"""Held-out prompts answered as one batch: each as it would be alone, in as few passes as one."""

from pathlib import Path

import pytest
from torch import nn

from tests.support.trainer.evaluated import CPU, TINY, learner_on
from trainer_image.evaluation.generation import greedy
from trainer_image.model import weights
from trainer_image.model.base_model import decoder

PROMPTS = ([10, 21, 11], [10, 22, 23, 24, 25, 26, 11], [10, 27, 11, 28, 29])


@pytest.fixture
def model(models_dir: Path) -> nn.Module:
    return learner_on(weights.local_folder(models_dir, TINY), CPU, effect=0.3).model


def test_an_answer_ends_before_its_end_token(model: nn.Module) -> None:
    (whole,) = greedy(model, [PROMPTS[0]], ends=frozenset(), adapted=True, device=CPU.device)
    end = whole[7]
    ends = frozenset({end, 383})

    (answer,) = greedy(model, [PROMPTS[0]], ends=ends, adapted=True, device=CPU.device)

    assert len(whole) == 96
    assert answer == whole[: whole.index(end)]


@pytest.mark.parametrize("adapted", [False, True])
def test_prompts_of_any_length_are_answered_together_as_they_are_alone(
    model: nn.Module, *, adapted: bool
) -> None:
    """Some end long before the others."""
    alone = [
        greedy(model, [prompt], ends=frozenset(), adapted=adapted, device=CPU.device)[0]
        for prompt in PROMPTS
    ]
    ends = frozenset({alone[0][5], alone[1][40]})

    together = greedy(model, PROMPTS, ends=ends, adapted=adapted, device=CPU.device)

    cut = [answer[: min([*map(answer.index, ends & set(answer)), 96])] for answer in alone]
    assert together == cut
    assert len({len(answer) for answer in together}) > 1


def test_answers_take_as_many_passes_as_the_longest_has_tokens(model: nn.Module) -> None:
    passes: list[int] = []
    decoder(model).register_forward_pre_hook(lambda *_: passes.append(1))

    greedy(model, PROMPTS, ends=frozenset(), adapted=True, device=CPU.device)

    assert len(passes) == 96


def test_no_prompts_have_no_answers(model: nn.Module) -> None:
    assert greedy(model, [], ends=frozenset(), adapted=True, device=CPU.device) == []
