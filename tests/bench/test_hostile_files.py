"""What the worst files cost: memory under 800 MB, time that grows no faster than the file."""

import json
import multiprocessing
import resource
import sys
import time
from multiprocessing.connection import Connection
from random import Random

import pytest

from brightrun.datasets.validation.validator import validate
from tests.support.datasets.hostile_files import SHAPES

pytestmark = pytest.mark.bench

SUSPICIOUS = ("cards", "ibans", "addresses", "tables", "dates", "decimals", "hexadecimals")
ROUNDS = 3
MEGABYTES = {"short rows": 320, "blank": 300} | dict.fromkeys(("plain", *SUSPICIOUS), 160)
USUAL_MEGABYTES = 40
MOST_PEAK_MB = 800


def measured(name: str, size_bytes: int, answer: Connection) -> None:
    began = time.process_time()
    verdict = validate(SHAPES[name](Random(1), size_bytes)).verdict
    seconds = time.process_time() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    answer.send((seconds, peak_mb, verdict.training_ready or bool(verdict.error_message)))


def figures_of(name: str, size_bytes: int) -> tuple[float, float, bool]:
    """CPU seconds, peak memory, and whether there was a verdict; in a process of its own."""
    mine, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    child = spawn.Process(target=measured, args=(name, size_bytes, theirs))
    child.start()
    found: tuple[float, float, bool] = mine.recv()
    child.join()
    return found


def test_the_worst_files_cost_what_they_may() -> None:
    speeds, peaks, growth = {}, {}, {}
    for name in SHAPES:
        size = MEGABYTES.get(name, USUAL_MEGABYTES) << 20
        half, _, _ = figures_of(name, size // 2)
        seconds, peak, judged = figures_of(name, size)
        speeds[name] = round(size / 1e6 / seconds, 1)
        peaks[name] = round(peak)
        growth[name] = round(seconds / max(half, 0.05), 2)
        line = {"shape": name, "mb_per_s": speeds[name], "peak_mb": peaks[name]}
        sys.stdout.write(json.dumps({**line, "twice_the_file": growth[name]}) + "\n")

        assert judged, name

    assert max(peaks.values()) < MOST_PEAK_MB
    assert max(growth.values()) < 3


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_suspicious_text_is_read_at_half_the_speed_of_plain_text(name: str) -> None:
    """The two take turns, for the machine is shared; the best of each counts."""
    size = MEGABYTES["plain"] << 20
    turns = [(figures_of("plain", size)[0], figures_of(name, size)[0]) for _ in range(ROUNDS)]
    plain, suspicious = (min(seconds) for seconds in zip(*turns, strict=True))
    share = round(plain / suspicious, 2)
    line = {"shape": name, "mb_per_s": round(size / 1e6 / suspicious, 1), "share_of_plain": share}
    sys.stdout.write(json.dumps(line) + "\n")

    assert share > 0.5
