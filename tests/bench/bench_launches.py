"""What one layer costs the host in the default preset's step: calls of kernels, and Python's time.

    python -m tests.bench.bench_launches

Calls are counted on fake CUDA tensors at an 8B's real widths (`counted_step`): four rows of about
200 tokens, dropout 0.1; operators that only make a view, or memory, launch nothing. Time is that of
a CPU, on a 36-layer toy with rows of three tokens, where next to nothing but the host is left.
"""

import time
from collections import Counter
from dataclasses import replace
from statistics import median

from tests.bench.trainer_loops import HOST_BOUND_STEP, ours_learner, token_rows
from tests.support.trainer.counted_step import Scene, a_fake_learner, take_gradients

SCENE = Scene(documents=(176, 240, 150, 212), dropout=0.1, supervised_share=0.5)
_NO_LAUNCH = frozenset(
    {"view", "_unsafe_view", "reshape", "t", "transpose", "permute", "expand", "slice", "select"}
    | {"squeeze", "unsqueeze", "split", "split_with_sizes", "as_strided", "alias", "detach"}
    | {
        "empty",
        "empty_like",
        "new_empty",
        "empty_strided",
        "new_empty_strided",
        "lift_fresh",
        "device",
    }
)
_STEPS = 12


def main() -> None:
    """Print calls per layer, by operator, with weights unpacked at each use and kept; then time."""
    for unpacked in (False, True):
        calls = calls_per_layer(replace(SCENE, unpacked=unpacked))
        how = "kept unpacked" if unpacked else "unpacked at each use"
        print(f"{sum(calls.values())} launching calls per layer, weights {how}")
        print("  " + ", ".join(f"{name} {count}" for name, count in calls.most_common()))
    print(f"{host_milliseconds():.2f} ms of the host per layer")


def calls_per_layer(scene: Scene) -> Counter[str]:
    """Return how often each operator runs for one layer more, there and back."""
    few, many = (_calls(replace(scene, layers=layers)) for layers in (2, 3))
    return many - few


def _calls(scene: Scene) -> Counter[str]:
    with a_fake_learner(scene) as (learner, count):
        count.calls.clear()
        take_gradients(learner)
    named = ((name.partition("::")[2], times) for name, times in count.calls.items())
    return Counter({name: times for name, times in named if name not in _NO_LAUNCH})


def host_milliseconds() -> float:
    """Return CPU time per layer and step: the least of a dozen, for noise only ever adds."""
    task = replace(HOST_BOUND_STEP, rows=4, log_tokens=1.0, spread=0.1, shortest=3, longest=3)
    rows = token_rows(task)
    learner = ours_learner(task, rows)
    seconds = []
    for _ in range(_STEPS):
        began = time.process_time()
        learner.gradients(learner.plan.step(0))
        learner.apply(0.0)
        seconds.append(time.process_time() - began)
    layers = 36
    print(f"(median {1000 * median(seconds) / layers:.2f} ms)")
    return 1000 * min(seconds) / layers


if __name__ == "__main__":
    main()
