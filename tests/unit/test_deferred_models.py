"""A model is built when it is first needed, whoever else needs it at the same moment."""

import sys
import threading
from collections.abc import Iterator

import pytest

from brightrun.records import Record

ROUNDS, THREADS = 100, 8


@pytest.fixture(autouse=True)
def hasty_threads() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def used_by_many_at_once() -> list[str]:
    """Let threads be the first to need a class, all together; return what went wrong."""

    class Part(Record):
        number: int
        name: str = "part"

    class Whole(Record):
        part: Part
        parts: tuple[Part, ...] = ()

    gate = threading.Barrier(THREADS)
    wrong: list[str] = []

    def use() -> None:
        gate.wait()
        try:
            made = Whole.model_validate({"part": {"number": 2}, "unknown": 1})
            assert made.model_dump() == {"part": {"number": 2, "name": "part"}, "parts": ()}
        except Exception as error:  # noqa: BLE001 - whatever a thread meets
            wrong.append(repr(error))

    threads = [threading.Thread(target=use) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_threads_may_be_the_first_to_need_a_model_together() -> None:
    assert [wrong for _ in range(ROUNDS) for wrong in used_by_many_at_once()] == []
