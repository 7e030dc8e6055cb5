"""Useful tokens per CPU second of our training loop against TRL and transformers.Trainer.

    python -m tests.bench.bench_trainer [--rounds 2] [--only ours]

Needs `trl==1.16.0` and `datasets==5.2.0` beside the development requirements; without them only
our own loop is measured. Each loop runs in a process of its own, on one thread; CPU seconds are
counted because the machine is shared. A model this small overstates what attention masks and
frameworks cost: the factor is an upper bound for short rows, not a forecast for a GPU.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from trainer_image.machine.versions import installed_versions

NAMES = ("ours", "trl_padded", "trl_padding_free", "trl_packed", "transformers_trainer")
WANTED_FACTOR = 2.0


def main() -> int:
    """Print the figures as JSON; fail when we are not twice as fast as the best other loop."""
    arguments = _arguments()
    if arguments.loop:
        return _one(arguments.loop)
    names = [arguments.only] if arguments.only else list(NAMES)
    if not find_spec("trl"):
        names = ["ours"]
    rounds = [{name: _apart(name) for name in names} for _ in range(arguments.rounds)]
    figures = {name: _figures([each[name] for each in rounds]) for name in names}
    others = [figures[name]["tokens_per_cpu_second"] for name in names if name != "ours"]
    factor = figures["ours"]["tokens_per_cpu_second"] / max(others) if others else None
    report = {"loops": figures, "factor_over_best_other": factor, "versions": _versions()}
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0 if factor is None or factor >= WANTED_FACTOR else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", choices=NAMES)
    parser.add_argument("--loop", choices=NAMES, help=argparse.SUPPRESS)
    return parser.parse_args()


def _one(name: str) -> int:
    from tests.bench.trainer_loops import LOOPS, token_rows  # noqa: PLC0415 - imports torch

    rows = token_rows()
    measured = asdict(LOOPS[name](rows))
    tokens = sum(len(row.ids) for row in rows)
    sys.stdout.write("\n" + json.dumps({**measured, "tokens": tokens}) + "\n")
    return 0


def _apart(name: str) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TRANSFORMERS_VERBOSITY": "error"}
    done = subprocess.run(  # noqa: S603 - this module
        [sys.executable, "-m", "tests.bench.bench_trainer", "--loop", name],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr[-2000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _figures(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """Return the best of the rounds: noise only ever adds."""
    best = min(rounds, key=lambda each: float(each["cpu_seconds"]))
    return {
        "tokens_per_cpu_second": round(best["tokens"] / best["cpu_seconds"], 1),
        "cpu_seconds": round(best["cpu_seconds"], 2),
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
