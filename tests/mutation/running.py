"""Faults of the run: resume, several GPUs, bad numbers, what it says of itself."""

from tests.mutation.fault import a_fault

FAULTS = (
    # ---- resume
    a_fault(
        "second moments not restored",
        "training/step.py",
        'for name in ("first_moment", "second_moment")',
        'for name in ("first_moment", "first_moment")',
        "training/resuming",
    ),
    a_fault(
        "dropout not reseeded",
        "training/step.py",
        "            torch.manual_seed(seed)\n",
        "",
        "training/resuming",
    ),
    a_fault(
        "patience forgotten at a resume",
        "training/loop.py",
        "without_gain=state.evaluations_without_gain",
        "without_gain=0",
        "training/resuming",
    ),
    a_fault(
        "best weights forgotten at a resume",
        "training/loop.py",
        "            best_adapter=best,\n",
        "",
        "training/resuming",
    ),
    a_fault(
        "a run that ended early goes on",
        "training/loop.py",
        "            ended_early=state.ended_early,\n",
        "",
        "training/resuming",
    ),
    a_fault(
        "best weights not saved",
        "training/loop.py",
        '            tensors["best_adapter"] = progress.best_adapter\n',
        "            pass\n",
        "training/resuming",
    ),
    a_fault(
        "the best checkpoint deleted",
        "training/checkpoint.py",
        " | {best_step}",
        "",
        "training/resuming",
    ),
    a_fault(
        "a checkpoint written in its final place",
        "training/checkpoint.py",
        'draft = folder / f".{name}.draft"',
        "draft = place",
        "training/resuming",
    ),
    a_fault(
        "no checkpoint when asked to stop",
        "training/loop.py",
        "        if self.progress.step and self._saved_step != self.progress.step:\n"
        "            self._save()\n",
        "",
        "training/resuming",
    ),
    a_fault(
        "back-off forgotten at a resume",
        "training/loop.py",
        "            self.learner.budget_tokens = state.layouts[-1].micro_step_tokens\n",
        "",
        "training/resuming",
    ),
    # ---- stopping
    a_fault(
        "a wish to stop not looked for within a step",
        "training/step.py",
        "            if stop_wanted():\n",
        "            if number == 0 and stop_wanted():\n",
        "training/stopping",
    ),
    a_fault(
        "a step that was given up applied",
        "training/loop.py",
        "        if result.stop_wanted:\n            self._halt()\n",
        "",
        "training/stopping",
        "training/resuming",
    ),
    a_fault(
        "a run that ends before its checkpoint is written",
        "training/loop.py",
        "        self._writer.finish()\n        raise RunStopped",
        "        raise RunStopped",
        "training/stopping",
    ),
    # ---- several GPUs
    a_fault(
        "ranks that do not add up",
        "training/distributed.py",
        "            dist.all_reduce(tensor)",
        "            pass",
        "training/distributed",
    ),
    a_fault(
        "all ranks drop the same",
        "training/step.py",
        "(step * 64 + self.ranks.rank)",
        "(step * 64)",
        "training/step",
    ),
    a_fault(
        "ranks outlive their launcher",
        "training/distributed.py",
        "    _end_with_parent()\n    on_gpu",
        "    on_gpu",
        "training/distributed",
    ),
    # ---- robustness
    a_fault(
        "no back-off for memory that others than torch lack",
        "ipc/failures.py",
        "any(words in said for words in _NO_MEMORY)",
        "False",
        "training/step",
    ),
    a_fault(
        "a loss that is no number restored for ever",
        "training/loop.py",
        "if self._restored_once or not kept",
        "if not kept",
        "training/loop",
    ),
    a_fault(
        "nothing to go back to before the first checkpoint",
        "training/loop.py",
        "            self._write(told=False)  # a first",
        "            pass  # a first",
        "training/loop",
        "training/resuming",
    ),
    a_fault(
        "patience one longer",
        "training/loop.py",
        "0 < patience <= progress.without_gain",
        "0 < patience < progress.without_gain",
        "training/loop",
    ),
    a_fault(
        "a held-out loss that is no number is the best",
        "training/loop.py",
        "if math.isfinite(loss) and (progress",
        "if (progress",
        "training/loop",
    ),
    # ---- what a step says
    a_fault(
        "time left reckoned with the step that compiles",
        "training/pace.py",
        "            self._first = (tokens, seconds)\n            return\n",
        "            self._first = (tokens, seconds)\n",
        "training/loop",
        "training/stopping",
    ),
    a_fault(
        "utilisation of the whole run's mean row",
        "training/loop.py",
        "        return 100 * flops / (",
        "        return 7 * flops / (",
        "training/loop",
    ),
    a_fault(
        "throughput upside down",
        "training/loop.py",
        "throughput_tokens_per_second=step.tokens / seconds",
        "throughput_tokens_per_second=step.tokens * seconds",
        "training/loop",
    ),
)
