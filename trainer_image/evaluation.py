"""Base and adapter on the same held-out rows, their answers, and the proof of the saved files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import PeftModel
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import Comparison, FailureCode, Sample
from trainer_image import checkpoint, probes
from trainer_image.base_model import Placement
from trainer_image.comparison import compare, swap_prompts
from trainer_image.data import Rows
from trainer_image.failures import RunFailed
from trainer_image.generation import answer_samples
from trainer_image.learner import Learner
from trainer_image.packed import TokenRow
from trainer_image.probes import Probes
from trainer_image.ranks import Ranks
from trainer_image.scoring import RowLosses, row_losses

BUDGET_TOKENS = {"cuda": 8192, "cpu": 1024}
WORST_ROWS = 5
MOST_ROWS = 2000
"""Held-out rows scored at the end; more would not narrow the interval enough to pay for them."""


@dataclass(frozen=True, slots=True)
class Scores:
    """All that was measured, and what is needed to recognise the adapter later."""

    comparison: Comparison | None
    samples: tuple[Sample, ...]
    worst: tuple[dict[str, object], ...]
    probes: Probes
    prompts: list[list[int]]
    logits: Tensor

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


def score(
    model: PeftModel,
    rows: Rows,
    hyperparameters: Hyperparameters,
    where: Placement,
    weights: Path,
    *,
    ranks: Ranks = Ranks(),  # noqa: B008 - frozen
) -> Scores | None:
    """Score both, let both answer, and record the probe logits.

    All ranks share the scoring, which is nearly all of the time; the first does the rest and is
    the only one to get an answer.
    """
    held_out = rows.held_out[:MOST_ROWS]
    comparison, adapter = _compare(model, held_out, hyperparameters.seed, where, ranks)
    if not ranks.leads:
        return None
    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    prompts = probes.choose_prompts(held_out or rows.train)
    logits = probes.last_logits(model, prompts, where.device)
    with model.disable_adapter():
        base_logits = probes.last_logits(model, prompts, where.device)
    return Scores(
        comparison=comparison,
        samples=answer_samples(
            model, held_out, tokenizer, ends=end_tokens(weights), device=where.device
        ),
        worst=_worst(held_out, adapter, tokenizer) if adapter else (),
        probes=probes.describe(prompts, logits, base_logits, where.compute),
        prompts=prompts,
        logits=logits,
    )


def score_checkpoints(
    learner: Learner, folder: Path, held_out: tuple[TokenRow, ...]
) -> tuple[dict[str, float], ...]:
    """Return the loss of each kept checkpoint on the held-out rows; overwrites the weights.

    All ranks share the work; the folder must be the same for all.
    """
    if not held_out:
        return ()
    scored = []
    for step, path in checkpoint.found(folder):
        learner.adapter.load(load_file(path / f"{path.name}.safetensors")["adapter"])
        losses = row_losses(
            learner.model,
            held_out[:MOST_ROWS],
            device=learner.device,
            budget_tokens=learner.budget_tokens,
            ranks=learner.ranks,
        )
        scored.append({"step": float(step), "loss": losses.mean})
    return tuple(scored)


def verify(scores: Scores, weights: Path, adapter: Path, where: Placement) -> float:
    """Load the saved files with stock PEFT on a fresh base and compare the probe logits.

    Raises:
        RunFailed: `VERIFICATION_FAILED`: the files are not the adapter that was scored.
    """
    again = probes.reloaded_logits(weights, adapter, scores.prompts, where)
    difference = probes.largest_difference(scores.logits, again)
    if not difference <= scores.probes.tolerance:
        raise RunFailed(
            FailureCode.VERIFICATION_FAILED,
            f"the saved adapter answers otherwise than the trained one: logits differ by"
            f" {difference:.4g}, allowed are {scores.probes.tolerance:.4g}",
        )
    return difference


def end_tokens(weights: Path) -> frozenset[int]:
    """Return the tokens that end an answer, as the base model declares them."""
    for name in ("generation_config.json", "config.json"):
        path = weights / name
        if path.is_file():
            ends = json.loads(path.read_bytes()).get("eos_token_id")
            if ends is not None:
                return frozenset([ends] if isinstance(ends, int) else ends)
    return frozenset()


def _compare(
    model: PeftModel, held_out: tuple[TokenRow, ...], seed: int, where: Placement, ranks: Ranks
) -> tuple[Comparison | None, RowLosses | None]:
    if not held_out:
        return None, None
    own, swapped = swap_prompts(held_out)

    def losses(rows: list[TokenRow] | tuple[TokenRow, ...]) -> RowLosses:
        budget = BUDGET_TOKENS[where.device.type]
        return row_losses(model, rows, device=where.device, budget_tokens=budget, ranks=ranks)

    adapter = losses(held_out)
    with model.disable_adapter():
        base = losses(held_out)
    compared = compare(
        base,
        adapter,
        losses(own),
        losses(swapped),
        [row.conversation for row in held_out],
        [row.conversation for row in own],
        seed=seed,
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
