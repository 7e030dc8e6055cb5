"""The CUDA path at the real widths of real models, without a GPU: see `fake_gpu`.

What this shows is that types, shapes and devices fit, and how many bytes are held. It does not
show that a kernel computes the right numbers, or how fast; and that queries on CUDA are given to
the flash kernel is a branch that runs on a GPU alone.
"""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from brightrun.training.memory_model import memory
from tests.support.trainer.counted_step import Scene, a_fake_learner, peak_bytes, take_gradients
from tests.support.trainer.fake_gpu import DEVICE, KernelRefusedError, LiveBytes
from trainer_image.data.batches import Documents
from trainer_image.model.kernels import attention

SHORT = tuple(np.random.default_rng(4).integers(20, 700, 12).tolist())
"""Chats of mixed length."""


def test_a_whole_step_of_llama_8b_fits_together_on_cuda() -> None:
    """Four of its layers, the first two recomputed, in NF4 with dropout."""
    with a_fake_learner(Scene(documents=SHORT, dropout=0.1, layers=4, recomputed=2)) as made:
        learner, count = made
        take_gradients(learner)
        learner.apply(0.0001)

        assert count.calls["torch_attn::_varlen_attn"] == 4 + 2
        assert count.calls["torch_attn::_varlen_attn_backward"] == 4
        # seven matrices in each pass; nothing before the first layer wants a gradient
        assert count.calls["bitsandbytes::dequantize_4bit"] == 7 * (4 + 2 + 4) - 3
        # one mask each for attention's input, its output, the MLP's input and its product
        assert count.calls["aten::bernoulli_"] == 4 * (4 + 2)
        moments = learner.optimizer.state[learner.adapter.values]
        assert {learner.adapter.values.dtype, moments["exp_avg"].dtype} == {torch.float32}
        assert learner.adapter.gradients.device == DEVICE


def test_weights_that_are_kept_unpacked_are_unpacked_once() -> None:
    scene = Scene(documents=SHORT, dropout=0.1, layers=4, recomputed=2, unpacked=True)
    with a_fake_learner(scene) as (learner, count):
        assert count.calls["bitsandbytes::dequantize_4bit"] == 7 * 4
        take_gradients(learner)

    assert count.calls["bitsandbytes::dequantize_4bit"] == 7 * 4


def some_heads(count: int) -> Tensor:
    projected = torch.empty(1, 8, count, 128, dtype=torch.bfloat16, device=DEVICE)
    return projected.transpose(1, 2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"boundaries": torch.int64}, "boundaries are int32"),
        ({"query": torch.float32}, "queries are bf16 or fp16"),
        ({"value": torch.float16}, "keys and values have the queries' type"),
    ],
)
def test_what_the_flash_kernel_would_refuse_is_refused_here(
    changes: dict[str, torch.dtype], words: str
) -> None:
    with FakeTensorMode(), LiveBytes():
        query, key, value = (
            some_heads(heads).to(changes.get(name, torch.bfloat16))
            for name, heads in (("query", 32), ("key", 8), ("value", 8))
        )
        boundaries = torch.zeros(3, dtype=changes.get("boundaries", torch.int32), device=DEVICE)

        with pytest.raises(KernelRefusedError, match=words):
            attention._flash(
                query, key, value, Documents((5, 3), boundaries), scale=0.1, window=None
            )


def test_heads_in_the_wrong_place_are_refused() -> None:
    with FakeTensorMode(), LiveBytes():
        query, key = some_heads(32), some_heads(8)
        boundaries = torch.zeros(3, dtype=torch.int32, device=DEVICE)
        documents = Documents((5, 3), boundaries)

        with pytest.raises(KernelRefusedError, match="last dimension is contiguous"):
            attention._flash(query.mT, key.mT, key.mT, documents, scale=0.1, window=None)
        with pytest.raises(KernelRefusedError, match="as many keys as queries"):
            attention._flash(query[:, :, :4], key, key, documents, scale=0.1, window=None)


def test_boundaries_left_on_the_cpu_are_refused() -> None:
    with FakeTensorMode(), LiveBytes():
        documents = Documents((5, 3), torch.zeros(3, dtype=torch.int32))
        query, key = some_heads(32), some_heads(8)

        with pytest.raises(KernelRefusedError, match="boundaries are on the queries' device"):
            attention._flash(query, key, key, documents, scale=0.1, window=None)


def test_a_product_of_two_types_is_refused() -> None:
    with FakeTensorMode(), LiveBytes():
        narrow = torch.empty(4, 4, dtype=torch.bfloat16, device=DEVICE)

        with pytest.raises(KernelRefusedError, match="matrices have one type"):
            narrow @ narrow.float()


def test_tensors_of_two_devices_do_not_mix() -> None:
    with FakeTensorMode(), pytest.raises(RuntimeError, match="same device"):
        torch.empty(3, device=DEVICE) + torch.empty(3)


def test_the_count_is_of_storages_alive() -> None:
    with FakeTensorMode(), LiveBytes() as count:
        first = torch.empty(1000, device=DEVICE)
        second = first * 2
        view = second[:10]
        del second
        torch.empty(999_999)  # on the CPU
        assert (count.live, count.peak) == (8000, 8000)

        del view
        third = torch.empty(100, dtype=torch.bfloat16, device=DEVICE)
        assert (count.live, count.peak) == (4200, 8000)
        del first, third

    assert count.live == 0


@pytest.mark.parametrize(
    "scene",
    [
        Scene(layers=3, dropout=0.1),
        Scene(layers=3, dropout=0.1, recomputed=3),
        Scene(layers=3, documents=SHORT, supervised_share=0.5, dropout=0.1, recomputed=1),
        Scene(layers=3, documents=SHORT, supervised_share=0.25, dropout=0.1, unpacked=True),
        Scene(layers=3, rank=128, quantised=False, recomputed=2),
        Scene(layers=3, dropout=0.1, unpacked=True),
        Scene(layers=3, documents=SHORT, unpacked=True, recomputed=3),
        Scene("qwen2.5-7b", layers=3, dropout=0.1),
        Scene("qwen3-32b", layers=3),
        Scene("qwen3-32b", layers=3, documents=(8192,), dropout=0.1, recomputed=3),
        Scene("llama-1b", layers=4, documents=(4096,) * 4, dropout=0.1, recomputed=4),
    ],
    ids=lambda scene: f"{scene.shape}-{scene.recomputed}-of-{scene.layers}-{scene.dropout}",
)
def test_the_estimator_says_what_a_step_holds(scene: Scene) -> None:
    """12 % are promised of a GPU; of a count 2 % are asked, so that a tensor more is noticed."""
    predicted = memory(scene.estimator_shape, scene.workload, scene.setting).peak

    assert predicted == pytest.approx(peak_bytes(scene), rel=0.02)
