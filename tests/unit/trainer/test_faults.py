"""The faults that are put in on purpose are still faults of this code."""

from pathlib import Path

import pytest

from tests.mutation.fault import Fault
from tests.mutation.faults import FAULTS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_can_still_be_put_in(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.sound) == 1
    assert fault.sound != fault.broken
    assert all((ROOT / test).is_file() for test in fault.tests)
