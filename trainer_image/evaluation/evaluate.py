"""Base and adapter on the same held-out rows, their answers, and the proof of the saved files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from peft import LoraConfig, PeftModel
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from brightrun.training.failure_codes import FailureCode
from brightrun.training.holdout import split_rank
from brightrun.training.protocol import Comparison, Sample
from trainer_image.data.batches import TokenRow
from trainer_image.data.dataset import Rows
from trainer_image.evaluation import logit_probes
from trainer_image.evaluation.comparison import compare, swap_prompts
from trainer_image.evaluation.generation import answer_samples
from trainer_image.evaluation.logit_probes import Probes
from trainer_image.evaluation.stock import by_stock_peft, reload
from trainer_image.export import adapter_folder
from trainer_image.ipc.failures import RunFailed
from trainer_image.model.base_model import Placement
from trainer_image.training import checkpoint
from trainer_image.training.losses import RowLosses, row_losses
from trainer_image.training.step import TrainStep

WORST_ROWS = 5
MOST_ROWS = 2000
"""Held-out rows scored at the end; more would not narrow the interval enough to pay for them."""


@dataclass(frozen=True, slots=True)
class Scores:
    """All that was measured, and what is needed to recognise the adapter later.

    Attributes:
        tensors: the adapter that was scored, fp32, by the names it is saved under.
        config: what PEFT is told of it.
        logits, base_logits: after each of `prompts`, with and without it, by stock PEFT.
        kernel_difference: of those with it from the ones that the training kernels give.
    """

    comparison: Comparison | None
    samples: tuple[Sample, ...]
    worst: tuple[dict[str, object], ...]
    probes: Probes
    prompts: list[list[int]]
    logits: Tensor
    base_logits: Tensor
    kernel_difference: float
    tensors: Mapping[str, Tensor]
    config: LoraConfig

    def as_json(self, checkpoints: tuple[dict[str, float], ...]) -> dict[str, Any]:
        """Return the content of `evaluation.json`."""
        compared = self.comparison
        return {
            "comparison": compared.model_dump(mode="json") if compared else None,
            "base_perplexity": _perplexity(compared.base_loss) if compared else None,
            "adapter_perplexity": _perplexity(compared.adapter_loss) if compared else None,
            "checkpoints": list(checkpoints),
            "worst_rows": list(self.worst),
            "samples": [sample.model_dump(mode="json") for sample in self.samples],
        }


def score(learner: TrainStep, rows: Rows, where: Placement, weights: Path) -> Scores | None:
    """Score both, let both answer, and record the probe logits.

    All ranks share the scoring and the answers, which are nearly all of the time; the first does
    the rest, a few forward passes, and is the only one to get a result.
    """
    model = cast("Any", learner.model)
    held_out = drawn(rows.held_out, learner.hyperparameters.seed)
    comparison, adapter = _compare(learner, held_out)
    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    samples = answer_samples(
        model,
        held_out,
        tokenizer,
        ends=end_tokens(weights),
        device=where.device,
        ranks=learner.ranks,
    )
    if not learner.ranks.leads:
        return None
    prompts = logit_probes.choose_prompts(held_out or rows.train)
    trained = logit_probes.last_logits(model, prompts, where.device)
    with by_stock_peft(model):
        logits = logit_probes.last_logits(model, prompts, where.device)
        with model.disable_adapter():
            base_logits = logit_probes.last_logits(model, prompts, where.device)
    return Scores(
        comparison=comparison,
        samples=samples,
        worst=_worst(held_out, adapter, tokenizer) if adapter else (),
        probes=logit_probes.describe(prompts, logits, base_logits, where.compute),
        prompts=prompts,
        logits=logits,
        base_logits=base_logits,
        kernel_difference=logit_probes.largest_difference(trained, logits),
        config=model.peft_config["default"],
        tensors=adapter_folder.adapter_tensors(model),
    )


def drawn(rows: Sequence[TokenRow], seed: int) -> tuple[TokenRow, ...]:
    """Return whole conversations in an order drawn by `seed`, `MOST_ROWS` rows at the most.

    The file's order plays no part: a sorted file is not judged by its head, and the prompts that
    are swapped are not those of neighbours, which are likely to be alike.
    """
    ranked = sorted(
        rows, key=lambda row: (split_rank(row.conversation, seed=seed), row.ids.tobytes())
    )
    taken: list[TokenRow] = []
    for _, conversation in groupby(ranked, key=lambda row: row.conversation):
        together = list(conversation)
        if taken and len(taken) + len(together) > MOST_ROWS:
            break
        taken += together
    return tuple(taken)


def score_checkpoints(
    learner: TrainStep, folder: Path, held_out: tuple[TokenRow, ...]
) -> tuple[dict[str, float], ...]:
    """Return the loss of each kept checkpoint on the held-out rows; overwrites the weights.

    All ranks share the work; the folder must be the same for all.
    """
    if not held_out:
        return ()
    rows = drawn(held_out, learner.hyperparameters.seed)
    scored = []
    for step, path in checkpoint.found(folder):
        learner.adapter.load(load_file(path / f"{path.name}.safetensors")["adapter"])
        losses = _losses(learner, rows)
        scored.append({"step": float(step), "loss": losses.mean})
    return tuple(scored)


@dataclass(frozen=True, slots=True)
class Proof:
    """How the saved files answered: the largest difference of a logit, and what to say of it."""

    difference: float
    warning: str | None = None


def verify(scores: Scores, model: PeftModel, adapter: Path, where: Placement) -> Proof:
    """Prove the saved files: what was scored, and PEFT, reading them, answers with it.

    `model` is of no more use afterwards. Its frozen weights are used again: they are not loaded a
    second time, and what is compared came from the same kernels.

    Raises:
        RunFailed: `VERIFICATION_FAILED`: the files are not the adapter that was scored.
    """
    damage = adapter_folder.damage(adapter, scores.tensors, where.compute, scores.config)
    if damage:
        raise RunFailed(FailureCode.VERIFICATION_FAILED, f"the saved adapter is damaged: {damage}")
    again = logit_probes.last_logits(reload(model, adapter), scores.prompts, where.device)
    difference = logit_probes.largest_difference(scores.logits, again)
    worst = max(difference, scores.kernel_difference)
    if not worst <= scores.probes.tolerance:
        raise RunFailed(
            FailureCode.VERIFICATION_FAILED,
            f"the saved adapter answers otherwise than the trained one: logits differ by"
            f" {worst:.4g}, allowed are {scores.probes.tolerance:.4g}",
        )
    expected = logit_probes.expected(scores.logits, scores.base_logits, where.compute)
    if difference <= expected:
        return Proof(difference)
    return Proof(
        difference,
        f"every saved tensor is the trained one, but loaded they answer a little otherwise: logits"
        f" differ by {difference:.4g}, up to {expected:.4g} was expected",
    )


def end_tokens(weights: Path) -> frozenset[int]:
    """Return the tokens that end an answer, as the base model declares them."""
    for name in ("generation_config.json", "config.json"):
        path = weights / name
        if path.is_file():
            ends = json.loads(path.read_bytes()).get("eos_token_id")
            if ends is not None:
                return frozenset([ends] if isinstance(ends, int) else ends)
    return frozenset()


def _losses(learner: TrainStep, rows: Sequence[TokenRow]) -> RowLosses:
    return row_losses(
        learner.model,
        rows,
        device=learner.device,
        budget_tokens=learner.scoring_tokens,
        ranks=learner.ranks,
    )


def _compare(
    learner: TrainStep, held_out: tuple[TokenRow, ...]
) -> tuple[Comparison | None, RowLosses | None]:
    if not held_out:
        return None, None
    swaps = swap_prompts(held_out)
    adapter = _losses(learner, held_out)
    with cast("Any", learner.model).disable_adapter():
        base = _losses(learner, held_out)
    compared = compare(
        base,
        adapter,
        _losses(learner, swaps.own),
        _losses(learner, swaps.swapped),
        [row.conversation for row in held_out],
        swaps,
        seed=learner.hyperparameters.seed,
    )
    return compared, adapter


def _worst(
    rows: tuple[TokenRow, ...], losses: RowLosses, tokenizer: Tokenizer
) -> tuple[dict[str, object], ...]:
    """Return the held-out rows the adapter finds least likely: often the data's own mistakes."""
    means = losses.sums / np.maximum(losses.tokens, 1.0)
    order = np.argsort(-means)[:WORST_ROWS]
    return tuple(
        {
            "conversation": rows[int(place)].conversation,
            "loss": float(means[place]),
            "text": tokenizer.decode(rows[int(place)].ids.tolist())[-1000:],
        }
        for place in order
    )


def _perplexity(loss: float) -> float | None:
    """None when it is too large to represent in JSON."""
    value = float(torch.exp(torch.tensor(loss, dtype=torch.float64)))
    return value if np.isfinite(value) else None
