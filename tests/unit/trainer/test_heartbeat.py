"""Signs of progress: said now and then, and never where nothing gets on."""

import threading
from collections.abc import Iterator
from itertools import chain, repeat

from trainer_image.ipc.events import Beat, Event, parse_event
from trainer_image.ipc.heartbeat import Heartbeat


def test_of_many_beats_one_every_few_seconds_is_said() -> None:
    said: list[Event] = []
    seconds = iter([0.0, 1.0, 4.9, 5.0, 6.0, 11.0])
    beat = Heartbeat(said.append, clock=lambda: next(seconds))

    for _ in range(6):
        beat()

    assert said == [Beat()] * 3  # at 0, 5 and 11 seconds
    assert parse_event(Beat().model_dump_json().encode()) == Beat()


def beats_while(measured: Iterator[int], until: int) -> int:
    """Return how often it beat while `measured` was looked at `until` times."""
    said: list[Event] = []
    looked = 0
    done = threading.Event()

    def measure() -> int:
        nonlocal looked
        looked += 1
        if looked == until:
            done.set()
        return next(measured)

    beat = Heartbeat(said.append, apart_seconds=0)
    with beat.while_changing(measure, look_seconds=0.001):
        done.wait()
    return len(said)


def test_what_grows_beats_and_what_stands_still_does_not() -> None:
    assert beats_while(iter(range(10**9)), until=10) >= 8
    assert beats_while(repeat(7), until=10) == 0
    assert beats_while(chain([1, 2, 3], repeat(3)), until=10) == 2
