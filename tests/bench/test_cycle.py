"""Promises about speed and memory, each measured in a process of its own."""

import subprocess
import sys

import pytest


@pytest.mark.bench
def test_a_cycle_over_a_thousand_due_jobs_takes_under_ten_seconds_and_300_mb() -> None:
    command = [sys.executable, "-m", "tests.bench.bench_cycle"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - our own
    sys.stdout.write(done.stdout)

    assert done.returncode == 0, done.stderr
