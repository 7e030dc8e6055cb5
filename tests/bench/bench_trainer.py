"""Useful tokens per CPU second of our training loop against TRL and transformers.Trainer.

    python -m tests.bench.bench_trainer [--rounds 5] [--task default_step] [--only ours]

Needs `trl==1.16.0`, `datasets==5.2.0` and `pyarrow<26` beside the development requirements; without
them only our own loop is measured. Each loop has a process of its own, on one thread, that stays
from round to round: they train in turns, so that what else the machine does falls on all of them,
and our factor is the median of the rounds'. CPU seconds are counted, because the machine is shared.
All have the same fp32 weights, LoRA pairs and dropout, torch's SDPA, fused AdamW, and nothing
recomputed: the others are better off than by TRL's own defaults, which recompute every layer. What
a padded loop computes of padding is its own affair: tokens are those of the rows.
A model this small overstates what attention masks and frameworks cost: the factor is an upper
bound for short rows, not a forecast for a GPU.
"""

import argparse
import json
import os
import subprocess
import sys
from contextlib import ExitStack, redirect_stdout
from dataclasses import asdict
from importlib.util import find_spec
from statistics import median
from typing import Any

from trainer_image.machine.versions import installed_versions

NAMES = ("ours", "trl_padded", "trl_padding_free", "trl_packed", "transformers_trainer")
WANTED_FACTORS = {"full_passes": 2.3, "default_step": 3.0, "host_bound_step": 3.0}
Round = dict[str, dict[str, Any]]


def main() -> int:
    """Print the figures as JSON; fail when we are not as much faster as is promised."""
    arguments = _arguments()
    if arguments.loop:
        return _serve(arguments.loop, arguments.task)
    names = [arguments.only] if arguments.only else list(NAMES)
    if not find_spec("trl"):
        names = ["ours"]
    tasks = [arguments.task] if arguments.task else list(WANTED_FACTORS)
    report: dict[str, Any] = {}
    for task in tasks:
        rounds = _in_turns(names, task, arguments.rounds)
        loops = {name: _figures([each[name] for each in rounds]) for name in names}
        report[task] = {"loops": loops, "factor_over_best_other": _factor(rounds)}
    sys.stdout.write(json.dumps({**report, "versions": _versions()}, indent=2) + "\n")
    factors = {task: report[task]["factor_over_best_other"] for task in tasks}
    return int(any(factor and factor < WANTED_FACTORS[task] for task, factor in factors.items()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--task", choices=list(WANTED_FACTORS))
    parser.add_argument("--only", choices=NAMES)
    parser.add_argument("--loop", choices=NAMES, help=argparse.SUPPRESS)
    return parser.parse_args()


def _serve(name: str, task_name: str) -> int:
    """Train once for every line that is read, and answer with a line."""
    from tests.bench.trainer_loops import LOOPS, TASKS, token_rows  # noqa: PLC0415 - imports torch

    task = TASKS[task_name]
    rows = token_rows(task)
    tokens = sum(len(row.ids) for row in rows)
    for _ in sys.stdin:
        with redirect_stdout(sys.stderr):  # trainers print their logs
            measured = asdict(LOOPS[name](task, rows))
        sys.stdout.write(json.dumps({**measured, "tokens": tokens}) + "\n")
        sys.stdout.flush()
    return 0


def _in_turns(names: list[str], task: str, count: int) -> list[Round]:
    """Return the rounds; one more comes first and is not counted: everybody's first is slower."""
    with ExitStack() as running:
        loops = {name: running.enter_context(_process(name, task)) for name in names}
        rounds = [{name: _train(loop) for name, loop in loops.items()} for _ in range(count + 1)]
        for loop in loops.values():
            loop.communicate()
    return rounds[1:]


def _process(name: str, task: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TRANSFORMERS_VERBOSITY": "error"}
    return subprocess.Popen(  # noqa: S603 - this module
        [sys.executable, "-m", "tests.bench.bench_trainer", "--loop", name, "--task", task],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _train(loop: subprocess.Popen[str]) -> dict[str, Any]:
    assert loop.stdin is not None
    assert loop.stdout is not None
    loop.stdin.write("train\n")
    loop.stdin.flush()
    answer = loop.stdout.readline()
    if not answer:
        raise SystemExit(f"{loop.args!r} broke off: run it and type a line to see why")
    measured: dict[str, Any] = json.loads(answer)
    return measured


def _factor(rounds: list[Round]) -> float | None:
    """Return the median over the rounds of our speed over that of the best other."""
    others = [name for name in rounds[0] if name != "ours"]
    if not others or "ours" not in rounds[0]:
        return None
    seconds = {name: [float(each[name]["cpu_seconds"]) for each in rounds] for name in rounds[0]}
    best = min(others, key=lambda name: median(seconds[name]))
    pairs = zip(seconds[best], seconds["ours"], strict=True)
    return round(median(other / ours for other, ours in pairs), 2)


def _figures(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """Return the best of the rounds, for noise only ever adds, and the median of their times."""
    best = min(rounds, key=lambda each: float(each["cpu_seconds"]))
    return {
        "tokens_per_cpu_second": round(best["tokens"] / best["cpu_seconds"], 1),
        "cpu_seconds": round(best["cpu_seconds"], 2),
        "median_cpu_seconds": round(median(each["cpu_seconds"] for each in rounds), 2),
        "peak_megabytes": round(best["peak_megabytes"]),
        "first_loss": round(best["losses"][0], 4),
        "last_loss": round(best["losses"][-1], 4),
    }


def _versions() -> dict[str, str | None]:
    from importlib.metadata import version  # noqa: PLC0415

    trl = {"trl": version("trl")} if find_spec("trl") else {}
    return {**installed_versions(), **trl}


if __name__ == "__main__":
    raise SystemExit(main())
