"""Row 7: three and three steps against six, and the saved adapter against the one in memory."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from peft import PeftModel
from torch import Tensor

from trainer_image.bench_gpu.clock import release
from trainer_image.bench_gpu.ours import rows_per_step
from trainer_image.bench_gpu.report import Figures, Promise, no_more
from trainer_image.bench_gpu.scenes import mixed_rows
from trainer_image.bench_gpu.workbench import Trial, Workbench, train_step
from trainer_image.evaluation.logit_probes import choose_prompts, largest_difference, last_logits
from trainer_image.export.adapter_folder import save_adapter
from trainer_image.model.flat_adapter import FlatAdapter

SAME_LOSS = 1e-3
"""On CUDA flash attention's backward adds in any order."""


def resume(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield how far a resumed run and a reloaded adapter are from what they continue."""
    rows = mixed_rows(bench.scene, bench.scene.micro_step_tokens * 2)
    trial = Trial(rows_per_step(rows), bench.scene.micro_step_tokens)
    prompts = choose_prompts(rows)
    where = bench.scene.where
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with bench.learner(rows, trial) as learner:
            whole = [train_step(learner, number) for number in range(6)]
            learner.adapter.round_to(where.compute)
            save_adapter(learner.model, folder, where.compute)
            kept = last_logits(learner.model, prompts, where.device)
        with bench.learner(rows, trial) as learner:
            first = [train_step(learner, number) for number in range(3)]
            state = learner.state()
        with bench.learner(rows, trial) as learner:
            learner.restore(state, 3)
            parts = [*first, *(train_step(learner, number) for number in range(3, 6))]
        difference = max(abs(a - b) for a, b in zip(whole, parts, strict=True))
        yield "resume", {"whole": whole, "in_two_parts": parts, "difference": difference}
        says = "three and three steps give the losses of six within 0.001"
        yield no_more(says, difference, SAME_LOSS)
        ours, stock = _reloaded(bench, folder, prompts)
    same, other = largest_difference(ours, kept), largest_difference(stock, kept)
    yield (
        "reload",
        {
            "difference": same,
            "difference_with_pefts_kernels": other,
            "largest_logit": float(kept.abs().max()),
        },
    )
    yield no_more("the saved adapter gives the same logits with the same kernels", same, 0.0)


def _reloaded(bench: Workbench, folder: Path, prompts: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Return the logits of the saved files, loaded by PEFT: with our kernels, and with PEFT's."""
    device = bench.scene.where.device
    model = PeftModel.from_pretrained(bench.base(bench.usual()), folder)
    stock = last_logits(model, prompts, device)
    FlatAdapter(model)
    ours = last_logits(model, prompts, device)
    model.unload()
    release(device)
    return ours, stock
