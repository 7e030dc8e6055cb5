"""What a cold start has to load: each built function beside a bare one, in the same run.

Processor seconds of a fresh interpreter of the runtime's Python, the least of five; a busy machine
adds to all. The bare one has what any function of this kind has: a logger, a resolver that
validates, boto3. `make bundle` builds what is measured, bytecode included.
"""

import os
import resource
import subprocess

import pytest

from local.emulator import BUILT, PYTHON
from local.invoke import STEPS

BARE = """
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
import boto3
Logger(service="bare")
APIGatewayHttpResolver(enable_validation=True)
"""
TIMES = 5
MOST = 2.6
"""Times a bare function; the API was 3 times one without bytecode, and is 2.1 with it."""

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not BUILT.is_dir(), reason="nothing was built: run `make bundle`"),
]


def seconds_of(code: str, function: str) -> float:
    """Return the processor seconds that an interpreter takes for this, at the least."""
    path = f"{BUILT / function}:{BUILT / 'SharedLayer' / 'python'}"
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    taken = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([PYTHON, "-c", code], env=environment, cwd=BUILT / function, check=True)  # noqa: S603 - the runtime's own
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def test_what_each_function_loads_beside_a_bare_one() -> None:
    bare = seconds_of(BARE, "ApiFunction")
    print(f"{'bare':20} {bare:.2f} s")
    shares = {}
    for step, function in STEPS.items():
        taken = seconds_of(f"import functions.{step}.app", function)
        shares[step] = taken / bare
        print(f"{step:20} {taken:.2f} s  {shares[step]:.1f} times")

    assert max(shares.values()) < MOST


def test_the_build_carries_its_bytecode() -> None:
    sources = list((BUILT / "SharedLayer" / "python" / "brightrun").rglob("*.py"))
    compiled = list((BUILT / "SharedLayer" / "python" / "brightrun").rglob("*.cpython-313.pyc"))

    assert len(sources) > 100
    assert len(compiled) >= len(sources)
