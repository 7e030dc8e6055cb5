"""Every call of a job's life goes wrong in every way, one at a time, and no promise is broken.

A first life without faults counts the calls, so that a new call is covered too. The job's main
life meets every fault at every call; the other lives meet one fault at each call, in turn, unless
BRIGHTRUN_WALK=all.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.support.fault_injection import Fault, Seam
from tests.support.invariants import wrongs_of
from tests.support.simulation import Life, a_life
from tests.support.workers.simulated_gpu import (
    Script,
    die_once,
    fetch_and_train,
    leave_at_addresses,
    run_out_of_memory,
)

READS = {
    "table.query",
    "table.get_item",
    "store.head_object",
    "store.get_object",
    "store.list_objects_v2",
    "store.list_parts",
    "store.list_multipart_uploads",
    "runpod.status",
    "runpod.health",
}
FAULTS_OF_A_READ = (Fault.FAIL_BEFORE, Fault.LATE_CALL, Fault.LATE_ANSWER, Fault.DIE_BEFORE)
"""A read changes nothing: failing before it or after it is the same, and so is asking twice."""

Plan = tuple[int, Fault]


@dataclass(frozen=True)
class Story:
    """A life, what a GPU does in it, and the only ways it may end."""

    name: str
    live: Callable[[Life], None]
    script: Script
    endings: frozenset[str]


def undisturbed(life: Life) -> None:
    life.create()
    life.live_until_quiet()


def cancelled_while_training(life: Life) -> None:
    life.create()
    life.live_until(lambda: any(worker.is_training for worker in life.workers))
    life.cancel()
    life.live_until_quiet()


def paused_and_resumed(life: Life) -> None:
    life.create()
    life.live_until(lambda: any(worker.is_training for worker in life.workers))
    life.pause()
    life.live_until(life.is_paused)
    life.resume()
    life.live_until_quiet()


MAIN = Story("main", undisturbed, fetch_and_train, frozenset({"completed"}))
OTHERS = (
    Story("worker dies", undisturbed, die_once, frozenset({"completed"})),
    Story("too small a GPU", undisturbed, run_out_of_memory, frozenset({"out_of_memory"})),
    Story(
        "cancel", cancelled_while_training, fetch_and_train, frozenset({"cancelled", "completed"})
    ),
    Story("a worker other than ours", undisturbed, leave_at_addresses, frozenset({"completed"})),
    Story("pause", paused_and_resumed, fetch_and_train, frozenset({"completed"})),
)


def lived(story: Story, planned: Plan | None = None) -> Life:
    life = a_life(Seam(planned), story.script)
    story.live(life)
    return life


def ending_of(life: Life) -> str:
    job = life.world.job()
    return job.error_code or job.status


def every_fault_at_every_call(calls: list[str]) -> Iterator[Plan]:
    for number, name in enumerate(calls):
        for fault in FAULTS_OF_A_READ if name in READS else Fault:
            yield number, fault


def one_fault_at_each_write(calls: list[str]) -> Iterator[Plan]:
    kinds = tuple(Fault)
    writes = [number for number, name in enumerate(calls) if name not in READS]
    for count, number in enumerate(writes):
        yield number, kinds[count % len(kinds)]


def walk(story: Story, plans: Iterator[Plan], calls: list[str]) -> list[str]:
    """Live once for each plan; return what was wrong afterwards, and print what was tried."""
    wrongs: list[str] = []
    endings: Counter[str] = Counter()
    for number, fault in plans:
        life = lived(story, (number, fault))
        ending = ending_of(life)
        endings[ending] += 1
        where = f"{story.name}: call {number}, {calls[number]}, {fault}"
        wrongs += [f"{where}: {wrong}" for wrong in wrongs_of(life)]
        if ending not in story.endings:
            wrongs.append(f"{where}: ended {ending}")
    ended = ", ".join(f"{count} {ending}" for ending, count in endings.items())
    sys.stdout.write(
        f"\n{story.name}: {len(calls)} calls, {endings.total()} fault points tried: {ended}\n"
    )
    return wrongs


def test_a_life_without_faults_keeps_every_promise_and_breaks_no_step() -> None:
    life = lived(MAIN)

    assert wrongs_of(life) == []
    assert (life.broken_steps, ending_of(life)) == (0, "completed")
    assert set(life.seam.calls) >= {
        "table.transact_write_items", "store.copy_object", "runpod.run", "bus.put_events",
        "api.create_job", "api.start", "api.report", "api.checkpoint", "api.finish", "storage.put",
        "api.uploads", "api.complete", "store.list_parts", "store.create_multipart_upload",
        "store.complete_multipart_upload", "store.upload_part_copy",
    }  # fmt: skip


@pytest.mark.slow
def test_any_call_may_go_wrong_in_any_way_and_the_job_still_makes_one_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls = lived(MAIN).seam.calls
    with capsys.disabled():
        wrongs = walk(MAIN, every_fault_at_every_call(calls), calls)

    assert wrongs == []


@pytest.mark.slow
@pytest.mark.parametrize("story", OTHERS, ids=lambda story: story.name)
def test_a_life_with_trouble_of_its_own_survives_a_fault_at_any_call(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = lived(story).seam.calls
    thorough = os.environ.get("BRIGHTRUN_WALK") == "all"
    plans = every_fault_at_every_call(calls) if thorough else one_fault_at_each_write(calls)
    with capsys.disabled():
        wrongs = walk(story, plans, calls)

    assert wrongs == []
