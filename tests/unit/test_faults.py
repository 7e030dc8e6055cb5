"""The faults that are put in on purpose are still faults of this code."""

from collections import Counter
from pathlib import Path

import pytest

from tests.mutation.areas import areas, faults_of
from tests.mutation.fault import Fault

ROOT = Path(__file__).parents[2]
EVERY = [(area, fault) for area in areas() for fault in faults_of(area)]


def test_the_areas_are_found() -> None:
    assert {"jobs", "trainer"} <= set(areas())
    assert all(faults_of(area) for area in areas())


def test_no_two_faults_of_an_area_share_a_name() -> None:
    """A fault is asked for by its name."""
    names = Counter((area, fault.name) for area, fault in EVERY)

    assert not [name for name, times in names.items() if times > 1]


@pytest.mark.parametrize(
    "fault", [fault for _, fault in EVERY], ids=[f"{area}: {fault.name}" for area, fault in EVERY]
)
def test_a_fault_can_still_be_put_in(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.sound) == 1
    assert fault.sound != fault.broken
    assert fault.tests
    assert all(_is_there(test) for test in fault.tests)


def _is_there(test: str) -> bool:
    file, _, name = test.partition("::")
    if not (ROOT / file).is_file():
        return False
    return not name or f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
