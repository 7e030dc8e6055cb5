"""The GPU benchmark runs to its end on the toy shape: proof of the script, not of a speed."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from transformers.models.llama import modeling_llama

from trainer_image.bench_gpu.base import BaseKind, four_bit, random_base
from trainer_image.bench_gpu.report import Promise, Section, no_less, no_more, run_sections
from trainer_image.bench_gpu.scenes import one_batch, scene_named
from trainer_image.bench_gpu.workbench import Trial, Workbench, find_unusable, train_step
from trainer_image.model.base_model import Placement
from trainer_image.model.kernels import liger

CPU = torch.device("cpu")
TINY = scene_named("tiny")


@pytest.mark.slow
def test_the_gpu_benchmark_prints_a_row_for_every_section() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trainer_image.bench_gpu", "--tiny"],
        capture_output=True,
        check=True,
    )

    report = json.loads(done.stdout)
    sections = report["sections"]
    assert set(sections) == {
        "kernels",
        "packed_against_separate",
        "gemm_roof",
        "ours_default",
        "ours_mixed",
        "ours_long",
        "memory",
        "resume",
        "profile",
        "trl",
    }
    assert report["skipped"] == []
    assert not [name for name, row in sections.items() if "failed" in row]
    assert report["unusable"] == {}
    assert sections["kernels"]["kept"] is True
    assert sections["packed_against_separate"]["kept"] is True
    assert sections["packed_against_separate"]["figures"]["float32"]["if_leaked"] > 0.01
    assert sections["resume"]["kept"] is True
    assert sections["resume"]["figures"]["resume"]["difference"] == 0
    assert sections["ours_long"]["kept"] is None  # a CPU's speed says nothing of an H200's
    assert sections["memory"]["kept"] is None
    assert len(sections["memory"]["figures"]) == 7
    assert len(sections["profile"]["figures"]["kernels"]) == 12
    default = sections["ours_default"]["figures"]
    assert {"unpacked_at_each_use", "kept_unpacked", "without_dropout"} <= set(default)
    assert all(each["host_seconds_per_step"] > 0 for each in default.values())
    assert sections["ours_mixed"]["figures"]["all_recomputed"]["recomputed_layers"] == 2


def _broken(_bench: Workbench) -> Iterator[tuple[str, dict[str, Any]] | Promise]:
    yield "before", {"figure": 1}
    yield no_less("one is one", 1.0, 1.0)
    raise RuntimeError("the driver is gone")


def _sound(_bench: Workbench) -> Iterator[tuple[str, dict[str, Any]] | Promise]:
    yield "after", {"figure": 2}
    yield no_more("two is at most two", 2.0, 2.0)


def _endless(_bench: Workbench) -> Iterator[tuple[str, dict[str, Any]] | Promise]:
    yield "begun", {"figure": 3}
    end = time.monotonic() + 30
    while time.monotonic() < end:
        pass


def test_a_broken_section_keeps_what_it_measured_and_the_rest_runs() -> None:
    report = run_sections(
        {"broken": Section(_broken, 1), "sound": Section(_sound, 1)}, Workbench(TINY), 60
    )

    broken, sound = report["sections"]["broken"], report["sections"]["sound"]
    assert broken["failed"] == "RuntimeError: the driver is gone"
    assert broken["figures"] == {"before": {"figure": 1}}
    assert broken["kept"] is False
    assert sound["figures"] == {"after": {"figure": 2}}
    assert sound["kept"] is True
    assert report["kept"] is False


def test_a_section_without_time_is_skipped_and_one_that_takes_too_long_is_cut() -> None:
    sections = {"endless": Section(_endless, 0.1), "late": Section(_sound, 5)}

    report = run_sections(sections, Workbench(TINY), 0.5)

    assert report["skipped"] == ["late"]
    assert report["sections"]["endless"]["figures"] == {"begun": {"figure": 3}}
    assert report["sections"]["endless"]["failed"].startswith("OutOfTime")


@pytest.mark.parametrize(
    ("promise", "kept"),
    [
        (no_less("as fast", 1.0, 1.0), True),
        (no_less("as fast", 0.9, 1.0), False),
        (no_less("as fast", 0.9, 1.0, judged=False), None),
        (no_less("as fast", None, 1.0), None),
        (no_more("as small", 1.0, 1.0), True),
        (no_more("as small", float("nan"), 1.0), False),
        (no_more("as small", 1.1, 1.0), False),
        (no_more("as small", 1.1, 1.0, judged=False), None),
    ],
)
def test_a_promise_is_kept_broken_or_cannot_be_told(promise: Promise, kept: bool | None) -> None:  # noqa: FBT001 - a case
    assert promise.kept is kept


def test_four_bit_weights_are_made_from_the_layer_and_come_back_near_it() -> None:
    from bitsandbytes.functional import dequantize_4bit  # noqa: PLC0415 - heavy

    torch.manual_seed(0)
    linear = torch.nn.Linear(64, 128, bias=False)

    packed: Any = four_bit(linear, Placement(CPU, torch.float32, quantised=True))

    back = dequantize_4bit(packed.weight.data, packed.weight.quant_state)
    assert packed.weight.quant_state.nested
    assert packed.weight.numel() == 64 * 128 / 2
    assert back.shape == (128, 64)
    weight = linear.weight.detach()
    assert float((back - weight).norm() / weight.norm()) < 0.15


def test_the_base_is_the_same_each_time_and_has_no_sixteen_bit_projection() -> None:
    kind = BaseKind(layers=2, compute=torch.float32, quantised=True)

    first, second = (random_base(TINY.config, kind, CPU) for _ in range(2))

    pairs = list(zip(first.named_parameters(), second.named_parameters(), strict=True))
    assert len(pairs) == 2 * (7 + 2) + 3  # per layer 7 projections and 2 norms; 3 beside them
    for (name, one), (_, other) in pairs:
        assert torch.equal(one, other)
        assert (one.dtype == torch.uint8) == ("_proj" in name)


class LigerLike:
    """Puts its classes into transformers' module, where the next layer would be built."""

    MODEL_TYPE_TO_APPLY_LIGER_FN = ("llama",)

    def __init__(self, part: type) -> None:
        self.part = part

    def _apply_liger_kernel_to_instance(self, _model: nn.Module, **_asked: bool) -> None:
        modeling_llama.LlamaMLP = self.part


def test_a_base_without_fused_layers_has_none_after_one_that_replaced_them() -> None:
    own = modeling_llama.LlamaMLP
    kind = BaseKind(layers=1, compute=torch.float32, quantised=False, fused_layers=False)

    class Replaced(own):  # type: ignore[misc, valid-type]
        pass

    try:
        liger.use(random_base(TINY.config, kind, CPU), LigerLike(Replaced))
        model = random_base(TINY.config, kind, CPU)
    finally:
        modeling_llama.LlamaMLP = own

    assert not [part for part in model.modules() if isinstance(part, Replaced)]


def test_what_fails_on_this_machine_is_left_out_and_named() -> None:
    """A device that holds no numbers stands for a machine without compiler and libraries."""
    elsewhere = replace(TINY, where=Placement(torch.device("meta"), torch.float32, quantised=True))
    bench = Workbench(TINY)

    bench.unusable = find_unusable(elsewhere)

    assert set(bench.unusable) == {"quantised", "fused_layers"}
    assert bench.usual(quantised=True, layers=1) == BaseKind(
        1, torch.float32, quantised=False, fused_layers=False
    )
    assert find_unusable(TINY) == {}


def test_a_base_is_used_again_as_if_no_adapter_had_been_on_it() -> None:
    rows = one_batch(TINY)
    trial = Trial(len(rows), TINY.micro_step_tokens)
    bench, fresh = Workbench(TINY), Workbench(TINY)

    with bench.learner(rows, trial) as learner:
        first = [train_step(learner, number) for number in range(3)]
        base = bench.model
    with bench.learner(rows, trial) as learner:
        again = [train_step(learner, number) for number in range(3)]
        assert bench.model is base
    with fresh.learner(rows, trial) as learner:
        wanted = [train_step(learner, number) for number in range(3)]

    assert first == again == wanted
    assert first[0] != first[2]


def test_a_base_on_which_something_failed_is_not_used_again() -> None:
    bench = Workbench(TINY)
    rows = one_batch(TINY)

    with (
        pytest.raises(ZeroDivisionError),
        bench.learner(rows, Trial(len(rows), TINY.micro_step_tokens)),
    ):
        raise ZeroDivisionError

    assert bench.model is None
