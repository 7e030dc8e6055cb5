"""transformers makes no mask for our attention, and asks no tensor for its values to find out."""

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.support.trainer.families import a_family
from tests.support.trainer.rows import some_rows
from trainer_image.model.architectures import ARCHITECTURES, arrangement_of
from trainer_image.model.kernels import attention
from trainer_image.training.losses import supervised_states

ROWS = some_rows((60, 20, 40))
MIXTURES = frozenset(kind for kind, entry in ARCHITECTURES.items() if entry.experts)


class HostReads(TorchDispatchMode):
    """Counts how often Python asks a tensor for a value: on a GPU each is a wait for all of it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.count += func._schema.name == "aten::_local_scalar_dense"
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("kind", sorted(set(ARCHITECTURES) - MIXTURES))
def test_a_forward_pass_never_waits_for_the_device(kind: str) -> None:
    model = a_family(kind)
    batch = arrangement_of(model.config).lay_out(ROWS, torch.device("cpu"))

    with torch.no_grad(), HostReads() as reads:
        supervised_states(model, batch)

    assert reads.count == 0


@pytest.mark.parametrize("kind", sorted(ARCHITECTURES))
def test_no_attention_is_given_a_mask(kind: str) -> None:
    """Sliding windows included: 60 tokens are more than a window of 24."""
    model = a_family(kind)
    batch = arrangement_of(model.config).lay_out(ROWS, torch.device("cpu"))
    masks = []
    for module in model.modules():
        if type(module).__name__.endswith("Attention"):
            module.register_forward_pre_hook(
                lambda _module, _args, named: masks.append(named.get("attention_mask")),
                with_kwargs=True,
            )

    with torch.no_grad():
        supervised_states(model, batch)

    assert len(masks) >= 1
    assert masks == [None] * len(masks)


@pytest.mark.parametrize("kind", sorted(ARCHITECTURES))
def test_answers_with_a_cache_are_those_of_transformers(kind: str) -> None:
    """60 tokens at once, then one by one: over the window too."""
    ids = torch.tensor(ROWS[0].ids.tolist())[None]
    found = []
    for implementation in (attention.NAME, "sdpa"):
        model = a_family(kind, implementation)
        with torch.no_grad():
            said = model(input_ids=ids[:, :50], use_cache=True)
            logits = [said.logits]
            for place in range(50, 60):
                said = model(
                    input_ids=ids[:, place : place + 1],
                    past_key_values=said.past_key_values,
                    use_cache=True,
                )
                logits.append(said.logits)
        found.append(torch.cat(logits, dim=1))

    assert float((found[0] - found[1]).abs().max()) < 1e-4


@pytest.mark.parametrize(
    ("width", "kind", "fits"),
    [
        (128, torch.bfloat16, True),
        (256, torch.float16, True),
        (264, torch.bfloat16, False),
        (100, torch.bfloat16, False),
        (128, torch.float32, False),
    ],
)
def test_heads_that_the_flash_kernels_refuse_are_not_given_to_them(
    width: int, kind: torch.dtype, *, fits: bool
) -> None:
    assert attention.fits_flash(torch.empty(1, 2, 3, width, dtype=kind)) is fits
