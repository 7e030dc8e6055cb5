"""The fused arithmetic against the plain one, values and gradients."""

import itertools

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch.nn import functional

from tests.support.trainer.rows import a_base, relative_error
from trainer_image.data.batches import Documents
from trainer_image.model.base_model import keep_cpu_gradients
from trainer_image.model.flat_adapter import FlatAdapter
from trainer_image.model.kernels import attention, norm_and_swiglu
from trainer_image.model.kernels.cross_entropy import summed_loss, token_losses

LENGTHS = (5, 1, 17, 9)


def some_documents() -> Documents:
    ends = [0, *itertools.accumulate(LENGTHS)]
    return Documents(LENGTHS, torch.tensor(ends, dtype=torch.int32))


def reference_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, window: int | None
) -> torch.Tensor:
    """One dense mask: same document, not the future, not beyond the window."""
    owner = torch.repeat_interleave(torch.arange(len(LENGTHS)), torch.tensor(LENGTHS))
    behind = torch.arange(sum(LENGTHS))[:, None] - torch.arange(sum(LENGTHS))[None, :]
    mask = (owner[:, None] == owner[None, :]) & (behind >= 0)
    if window is not None:
        mask &= behind < window
    return functional.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, scale=0.25, enable_gqa=True
    ).transpose(1, 2)


@pytest.mark.parametrize("window", [None, 4])
def test_attention_stays_inside_each_document(window: int | None) -> None:
    torch.manual_seed(0)
    shapes = ((1, 4, 32, 16), (1, 2, 32, 16), (1, 2, 32, 16))
    ours = [torch.randn(shape, requires_grad=True) for shape in shapes]
    plain = [tensor.detach().clone().requires_grad_() for tensor in ours]

    output, _ = attention.document_attention(
        torch.nn.Module(),
        ours[0],
        ours[1],
        ours[2],
        None,
        scaling=0.25,
        sliding_window=window,
        documents=some_documents(),
    )
    wanted = reference_attention(plain[0], plain[1], plain[2], window)
    weights = torch.randn_like(wanted)
    (output * weights).sum().backward()
    (wanted * weights).sum().backward()

    assert relative_error(output, wanted) < 1e-6
    for mine, other in zip(ours, plain, strict=True):
        assert mine.grad is not None
        assert other.grad is not None
        assert relative_error(mine.grad, other.grad) < 1e-6


def test_head_and_loss_equal_cross_entropy_with_its_gradient() -> None:
    torch.manual_seed(0)
    weight = torch.randn(300, 24)
    targets = torch.randint(0, 300, (1100,))  # more than two chunks
    hidden = torch.randn(1100, 24, requires_grad=True)
    plain = hidden.detach().clone().requires_grad_()

    loss = summed_loss(hidden, weight, targets) / 7
    loss.backward()
    wanted = functional.cross_entropy(plain @ weight.T, targets, reduction="sum") / 7
    wanted.backward()

    assert loss.item() == pytest.approx(wanted.item(), rel=1e-6)
    assert hidden.grad is not None
    assert plain.grad is not None
    assert relative_error(hidden.grad, plain.grad) < 1e-5
    each = functional.cross_entropy(plain @ weight.T, targets, reduction="none")
    assert relative_error(token_losses(hidden, weight, targets), each) < 1e-6


class OneLayer(torch.nn.Module):
    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.q_proj = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.q_proj(x)
        return output


def two_adapted(layer: torch.nn.Module, dropout: float = 0.0) -> tuple[OneLayer, OneLayer]:
    """Return the same layer with the same adapter twice: fused, and as PEFT computes it."""
    made = []
    for _ in range(2):
        torch.manual_seed(1)
        config = LoraConfig(r=4, lora_alpha=8, lora_dropout=dropout, target_modules=["q_proj"])
        model = get_peft_model(OneLayer(layer), config)
        torch.nn.init.normal_(model.base_model.model.q_proj.lora_B["default"].weight)
        made.append(model)
    assert len(FlatAdapter(made[0]).groups) == 1
    return made[0], made[1]


def gradients_of(model: torch.nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    given = x.clone().requires_grad_()
    output = model(given)
    (output * torch.linspace(-1, 1, output.numel()).view_as(output)).sum().backward()
    found = [given.grad, *(p.grad for _, p in sorted(model.named_parameters()) if p.requires_grad)]
    return [output.detach(), *(tensor for tensor in found if tensor is not None)]


@pytest.mark.parametrize("bias", [False, True])
def test_the_fused_layer_equals_pefts(bias: bool) -> None:  # noqa: FBT001 - a parametrized case
    torch.manual_seed(0)
    layer = torch.nn.Linear(24, 40, bias=bias).requires_grad_(requires_grad=False)
    fused, plain = two_adapted(layer)
    x = torch.randn(2, 7, 24)

    pairs = zip(gradients_of(fused, x), gradients_of(plain, x), strict=True)

    assert [relative_error(mine, other) < 1e-6 for mine, other in pairs] == [True] * 4


def test_dropout_of_the_fused_layer_is_that_of_its_mask() -> None:
    """With the mask drawn again from the same seed, plain autograd gives the same gradients."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(24, 40).requires_grad_(requires_grad=False)
    fused, _ = two_adapted(layer, dropout=0.3)
    fused.train()
    x = torch.randn(50, 24)
    weights = {name: p for name, p in fused.named_parameters() if p.requires_grad}
    down = next(p for name, p in weights.items() if "lora_A" in name).detach().requires_grad_()
    up = next(p for name, p in weights.items() if "lora_B" in name).detach().requires_grad_()

    torch.manual_seed(5)
    found = gradients_of(fused, x)
    torch.manual_seed(5)
    drawn = np.random.SFC64(int(torch.randint(2**63 - 1, ()))).random_raw(50 * 24 // 4)
    share = drawn.view(np.int16).reshape(50, 24) / 2**16 + 0.5
    mask = torch.from_numpy(share >= 0.3)
    given = x.clone().requires_grad_()
    output = layer(given) + (given * mask / 0.7) @ down.T @ up.T * 2.0
    (output * torch.linspace(-1, 1, output.numel()).view_as(output)).sum().backward()

    wanted = [output.detach(), given.grad, down.grad, up.grad]
    assert 0.6 < float(mask.float().mean()) < 0.8
    for mine, other in zip(found, wanted, strict=True):
        assert other is not None
        assert relative_error(mine, other) < 1e-6


class TwoLayers(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q_proj, self.o_proj = torch.nn.Linear(24, 8), torch.nn.Linear(24, 8)

    def forward(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.q_proj(x), self.o_proj(other)])


def test_projections_that_read_one_tensor_share_its_mask_and_others_do_not() -> None:
    """Both layers are made alike, so that with one mask both halves of the output are equal."""
    config = LoraConfig(r=4, lora_dropout=0.5, target_modules=["q_proj", "o_proj"])
    model = get_peft_model(TwoLayers(), config)
    weights = dict(model.named_parameters())
    for name, weight in weights.items():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    for name, weight in weights.items():
        if "o_proj" in name:
            weight.data.copy_(weights[name.replace("o_proj", "q_proj")].data)
    assert len(FlatAdapter(model).groups) == 2
    model.train()
    x = torch.randn(30, 24)

    shared, apart = model(x, x), model(x, x.clone())

    assert torch.equal(shared[:30], shared[30:])
    assert not torch.equal(apart[:30], apart[30:])


def test_four_bit_layers_keep_their_gradients_on_this_cpu() -> None:
    """Bitsandbytes repacks a layer at its first `eval()` forward; training went on without it."""
    from bitsandbytes.nn import Linear4bit  # noqa: PLC0415 - prints on import

    torch.manual_seed(0)
    dense = torch.nn.Linear(64, 64, bias=False)
    layer = Linear4bit(64, 64, bias=False, quant_type="nf4", compute_dtype=torch.float32)
    layer.load_state_dict(dense.state_dict())
    layer.to("cpu")
    model = OneLayer(layer)
    keep_cpu_gradients(model)
    fused, plain = two_adapted(layer)
    x = torch.randn(8, 64)
    before = gradients_of(plain, x)
    for adapted in (fused, plain):
        adapted.eval()
        with torch.no_grad():
            adapted(x)
        adapted.train()
        adapted.zero_grad(set_to_none=False)

    for wanted, again, mine in zip(
        before, gradients_of(plain, x), gradients_of(fused, x), strict=True
    ):
        assert relative_error(again, wanted) == 0.0
        assert relative_error(mine, wanted) < 1e-5


def test_fused_norms_and_gates_equal_transformers() -> None:
    torch.manual_seed(0)
    ids = torch.randint(3, 300, (2, 9))
    pairs = []
    for fuse in (False, True):
        model = a_base("sdpa")
        torch.manual_seed(8)
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, mean=0.2, std=0.3)
        if fuse:
            assert (
                norm_and_swiglu.fuse(model) == 2 * 4 + 1 + 2
            )  # four norms and a gate per layer, one norm
        given = model.get_input_embeddings()(ids).detach().requires_grad_()
        output = model(inputs_embeds=given).logits
        (output * torch.linspace(-1, 1, output.numel()).view_as(output)).sum().backward()
        assert given.grad is not None
        pairs.append((output, given.grad))

    assert relative_error(pairs[1][0], pairs[0][0]) < 1e-5
    assert relative_error(pairs[1][1], pairs[0][1]) < 1e-5
