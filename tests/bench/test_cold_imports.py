"""What a cold start has to load, and what it takes to its first answer, beside a bare function.

`make bundle` builds what is measured, bytecode included. A first answer counts for itself: what
an import leaves out, the first request of a resource has to load.
"""

import pytest

from local.emulator import BUILT
from local.invoke import STEPS
from tests.support.cold_start import BARE, an_empty_account, answering, seconds_of

MOST = 1.5
"""Times a bare function, which any of ours may take to load."""
MOST_TO_AN_ANSWER = 2.3
"""Times a bare function, which any resource of the API may take to load and answer once."""
LISTS = ("jobs", "datasets", "models", "notifications", "costs", "catalog", "me")
IMPORT = "from functions.{}.app import lambda_handler"

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not BUILT.is_dir(), reason="nothing was built: run `make bundle`"),
]


def test_what_each_function_loads_beside_a_bare_one() -> None:
    bare = seconds_of(BARE, "ApiFunction")
    print(f"{'bare':20} {bare:.2f} s")
    shares = {}
    for step, function in STEPS.items():
        taken = seconds_of(IMPORT.format(step), function)
        shares[step] = taken / bare
        print(f"{step:20} {taken:.2f} s  {shares[step]:.1f} times")

    assert shares["api"] < MOST


def test_what_the_api_takes_to_its_first_answer() -> None:
    shares = {}
    with an_empty_account() as reach:
        bare = seconds_of(BARE + answering("/api/things"), "ApiFunction", **reach)
        print(f"{'bare':20} {bare:.2f} s")
        for resource in LISTS:
            code = IMPORT.format("api") + answering(f"/api/{resource}")
            taken = seconds_of(code, "ApiFunction", **reach)
            shares[resource] = taken / bare
            print(f"{resource:20} {taken:.2f} s  {shares[resource]:.1f} times")

    assert max(shares.values()) < MOST_TO_AN_ANSWER


def test_the_build_carries_its_bytecode() -> None:
    sources = list((BUILT / "SharedLayer" / "python" / "brightrun").rglob("*.py"))
    compiled = list((BUILT / "SharedLayer" / "python" / "brightrun").rglob("*.cpython-313.pyc"))

    assert len(sources) > 100
    assert len(compiled) >= len(sources)
