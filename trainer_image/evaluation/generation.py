"""A few held-out prompts answered greedily by base and adapter, side by side.

All prompts are answered as one batch, in as many forward passes as the longest answer has tokens;
where there are several GPUs, one answers as the base and another with the adapter.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from brightrun.training.protocol import Sample
from trainer_image.data.batches import TokenRow
from trainer_image.evaluation.comparison import answer_start
from trainer_image.evaluation.stock import by_stock_peft
from trainer_image.training.distributed import Ranks, deal_tasks

SAMPLES = 4
LONGEST_ANSWER_TOKENS = 96
LONGEST_TEXT = 2000
"""Characters of a prompt or an answer that a report keeps; the end of a prompt matters most."""
SIDES = (False, True)
"""Without the adapter, and with it."""


def answer_samples(
    model: Any,  # noqa: ANN401 - PEFT's model
    rows: Sequence[TokenRow],
    tokenizer: Tokenizer,
    *,
    ends: frozenset[int],
    device: torch.device,
    ranks: Ranks = Ranks(),  # noqa: B008 - frozen
) -> tuple[Sample, ...]:
    """Return both answers to the first held-out prompts, one of each conversation.

    The ranks share the work and all get the answers.
    """
    first_of: dict[str, TokenRow] = {}
    for row in rows:
        first_of.setdefault(row.conversation, row)
    chosen = list(first_of.values())[:SAMPLES]
    starts = [answer_start(row) for row in chosen]
    prompts = [row.ids[:start].tolist() for row, start in zip(chosen, starts, strict=True)]
    mine = {
        place: greedy(model, prompts, ends=ends, adapted=SIDES[place], device=device)
        for place in deal_tasks(len(SIDES), ranks)
    }
    answers = ranks.gather(mine)
    return tuple(
        Sample(
            prompt=tokenizer.decode(prompts[place])[-LONGEST_TEXT:],
            reference=tokenizer.decode(row.ids[len(prompts[place]) :].tolist())[:LONGEST_TEXT],
            base_answer=tokenizer.decode(answers[0][place])[:LONGEST_TEXT],
            adapter_answer=tokenizer.decode(answers[1][place])[:LONGEST_TEXT],
        )
        for place, row in enumerate(chosen)
    )


@torch.no_grad()
def greedy(
    model: Any,  # noqa: ANN401 - PEFT's model
    prompts: Sequence[Sequence[int]],
    *,
    ends: frozenset[int],
    adapted: bool,
    device: torch.device,
) -> list[list[int]]:
    """Return the likeliest continuation of each prompt, without its end token."""
    answers: list[list[int]] = [[] for _ in prompts]
    if not prompts:
        return answers
    model.eval()
    tokens, mask = _left_padded(prompts, device)
    positions = (mask.cumsum(dim=-1) - 1).clamp(min=0)
    unfinished = set(range(len(prompts)))
    cache = None
    with by_stock_peft(model), nullcontext() if adapted else model.disable_adapter():
        for _ in range(LONGEST_ANSWER_TOKENS):
            output = model(
                input_ids=tokens,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            chosen = output.logits[:, -1].argmax(dim=-1)
            cache = output.past_key_values
            for place, token in enumerate(chosen.tolist()):
                if token in ends:
                    unfinished.discard(place)
                elif place in unfinished:
                    answers[place].append(token)
            if not unfinished:
                break
            tokens, positions = chosen[:, None], positions[:, -1:] + 1
            mask = torch.cat([mask, torch.ones_like(mask[:, :1])], dim=1)
    return answers


def _left_padded(prompts: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Return prompts that end in the same column, `(prompts, longest)`, and where they are."""
    longest = max(map(len, prompts))
    tokens = [[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
    mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return torch.tensor(tokens, device=device), torch.tensor(mask, device=device)
