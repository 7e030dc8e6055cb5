"""A few held-out prompts answered greedily by base and adapter, side by side."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from brightrun.training.protocol import Sample
from trainer_image.data.batches import TokenRow
from trainer_image.evaluation.comparison import answer_start

SAMPLES = 4
LONGEST_ANSWER_TOKENS = 96
LONGEST_TEXT = 2000
"""Characters of a prompt or an answer that a report keeps; the end of a prompt matters most."""


def answer_samples(
    model: Any,  # noqa: ANN401 - PEFT's model
    rows: Sequence[TokenRow],
    tokenizer: Tokenizer,
    *,
    ends: frozenset[int],
    device: torch.device,
) -> tuple[Sample, ...]:
    """Return both answers to the first held-out prompts, one of each conversation."""
    model.eval()
    first_of: dict[str, TokenRow] = {}
    for row in rows:
        first_of.setdefault(row.conversation, row)
    samples = []
    for row in list(first_of.values())[:SAMPLES]:
        start = answer_start(row)
        prompt = torch.tensor(row.ids[:start].tolist(), device=device)[None]
        answers = [
            tokenizer.decode(greedy(model, prompt, ends=ends, adapted=adapted))
            for adapted in (False, True)
        ]
        samples.append(
            Sample(
                prompt=tokenizer.decode(row.ids[:start].tolist())[-LONGEST_TEXT:],
                reference=tokenizer.decode(row.ids[start:].tolist())[:LONGEST_TEXT],
                base_answer=answers[0][:LONGEST_TEXT],
                adapter_answer=answers[1][:LONGEST_TEXT],
            )
        )
    return tuple(samples)


@torch.no_grad()
def greedy(model: Any, prompt: Tensor, *, ends: frozenset[int], adapted: bool) -> list[int]:  # noqa: ANN401
    """Return the likeliest continuation of `prompt` `(1, tokens)`, without its end token."""
    answer: list[int] = []
    cache = None
    tokens = prompt
    with nullcontext() if adapted else model.disable_adapter():
        while len(answer) < LONGEST_ANSWER_TOKENS:
            output = model(
                input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1
            )
            chosen = int(output.logits[0, -1].argmax())
            if chosen in ends:
                break
            answer.append(chosen)
            cache = output.past_key_values
            tokens = prompt.new_tensor([[chosen]])
    return answer
