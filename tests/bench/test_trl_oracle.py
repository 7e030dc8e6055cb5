"""Our loss and gradient against TRL's on the same batch; run it when a pinned version moves.

pip install trl==1.16.0 datasets==5.2.0 && pytest -m bench tests/bench/test_trl_oracle.py
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from brightrun.training.protocol import BaseModelRef
from tests.bench.trainer_loops import FULL_PASSES, base_model, token_rows, trl_trainer_on
from tests.support.trainer.rows import relative_error, tuned, wake
from trainer_image.data.sampling import Plan
from trainer_image.model import adapter
from trainer_image.model.kernels import attention, norm_and_swiglu
from trainer_image.training.step import TrainStep

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore"),  # TRL's and its dependencies' own
]
BASE = BaseModelRef(id="bench/tiny", revision="r1")


@pytest.mark.parametrize("padding_free", [False, True])
def test_loss_and_gradient_are_those_of_trl(padding_free: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    pytest.importorskip("trl")
    rows = token_rows(replace(FULL_PASSES, rows=16))
    hyperparameters = tuned(batch_size=16, rank=16, epochs=1, max_gradient_norm=100)
    model = base_model(attention.NAME)
    model.requires_grad_(requires_grad=False)
    norm_and_swiglu.fuse(model)
    adapted = adapter.attach(model, hyperparameters, BASE)
    wake(adapted)
    plan = Plan(tuple(row.size for row in rows), 16, 1, seed=1)
    learner = TrainStep(adapted, rows, plan, hyperparameters, budget_tokens=512)
    trainer: Any = trl_trainer_on(
        FULL_PASSES, rows, str(tmp_path), batch=16, padding_free=padding_free
    )
    theirs = dict(trainer.model.named_parameters())
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if parameter.requires_grad:
                theirs[name].copy_(parameter)

    result = learner.gradients(plan.step(0))
    inputs = trainer.data_collator([trainer.train_dataset[place] for place in range(16)])
    supervised = sum(row.size.supervised_tokens for row in rows)
    trainer.model.train()
    loss = trainer.compute_loss(trainer.model, inputs, num_items_in_batch=torch.tensor(supervised))
    loss.backward()

    assert result.loss == pytest.approx(float(loss.detach()), rel=1e-5)
    wanted = torch.cat([theirs[name].grad.flatten() for name, _ in learner.adapter.layout])
    assert relative_error(learner.adapter.gradients, wanted) < 1e-4
