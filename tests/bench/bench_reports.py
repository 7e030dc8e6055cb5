"""What reports of many active jobs ask of AWS: requests, write units, and the busiest partition.

    python -m tests.bench.bench_reports [--jobs 10000]

One job's reports go through the real route and rule into a table in memory, whose writes are
priced as DynamoDB prices them: a kilobyte begun is a unit, a transaction takes two, and an index
entry takes one for a place that stays and two for one that moves. That, times the jobs; the
partitions they fall into are drawn.
"""

import argparse
import json
import math
import sys
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from brightrun.training.protocol import Point
from brightrun.work import Work, work_of
from tests.support.fakes.table import MemoryTable
from tests.support.fakes.wires import Wires, deps_of, wires
from tests.support.harness import World, a_world

REPORTS = 60
POINTS_EACH = 5
PARTITION_UNITS = 1000
"""What one partition takes in a second. Source: DynamoDB's developer guide, burst and adaptive."""
WORK_KEYS = ("work", "due_at")


def size_of(value: Any) -> int:
    """Return an attribute's bytes as DynamoDB counts them, to within a few."""
    if isinstance(value, dict):
        return 3 + sum(len(name.encode()) + 1 + size_of(inner) for name, inner in value.items())
    if isinstance(value, list):
        return 3 + sum(1 + size_of(inner) for inner in value)
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return len(str(value)) // 2 + 2
    return 1 if value is None or isinstance(value, bool) else len(str(value).encode())


def units(item: dict[str, Any]) -> int:
    """Return the write units of one item."""
    return math.ceil(sum(len(n.encode()) + size_of(v) for n, v in item.items()) / 1024)


@dataclass
class Meter:
    """A table that counts what its writes cost."""

    table: MemoryTable
    base: int = 0
    work: int = 0
    list: int = 0
    requests: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.table, name)

        def counted(**request: Any) -> Any:
            self.requests[name] += 1
            before = dict(self.table.items)
            answer = real(**request)
            if name in {"put_item", "transact_write_items"}:
                self._price(before, twice=name == "transact_write_items")
            return answer

        return counted

    def _price(self, before: dict[Any, Any], *, twice: bool) -> None:
        for key, item in self.table.items.items():
            old = before.get(key)
            if old == item:
                continue
            self.base += units(item) * (2 if twice else 1)
            self.work += _index_units(old, item, WORK_KEYS)
            self.list += _index_units(old, item, ("list_pk", "list_sk"))


def _index_units(old: dict[str, Any] | None, new: dict[str, Any], keys: tuple[str, ...]) -> int:
    was = tuple(old.get(k) for k in keys) if old else None
    place = tuple(new.get(k) for k in keys)
    removed = units(old) if old and was and None not in was and was != place else 0
    return removed + (units(new) if None not in place else 0)


def measured() -> tuple[Meter, float]:
    """Return what a job's reports cost, and the seconds between two of them."""
    behind = wires()
    meter = Meter(behind.table)
    deps = deps_of(Wires(behind.table, behind.store, behind.bus), wrapped=_metered(meter))
    world = a_world(deps)
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    meter.base = meter.work = meter.list = 0
    meter.requests.clear()
    interval = deps.limits.report_interval_seconds
    for number in range(REPORTS):
        world.clock.now += timedelta(seconds=interval)
        first = number * POINTS_EACH + 1
        worker.report(step=first, points=_points(world, first), execution_seconds=number * interval)
    return meter, interval


def _points(world: World, first: int) -> list[Point]:
    return [
        Point(step=step, epoch=0.1, timestamp=world.clock.now, training_loss=1.0)
        for step in range(first, first + POINTS_EACH)
    ]


def _metered(meter: Meter) -> Any:
    return lambda client, name: meter if name == "table" else client


def main() -> None:
    """Print what so many jobs ask for, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    jobs = parser.parse_args().jobs
    meter, interval = measured()
    a_second = jobs / interval
    shares = Counter(str(work_of(Work.WATCH, str(uuid.uuid4()))) for _ in range(jobs))
    busiest = max(shares.values()) / jobs
    work = meter.work / REPORTS * a_second
    told = {
        "jobs": jobs,
        "requests_per_second": round(a_second, 1),
        "write_units_per_report": round((meter.base + meter.work + meter.list) / REPORTS, 2),
        "of_the_table": round(meter.base / REPORTS, 2),
        "of_the_work_index": round(meter.work / REPORTS, 2),
        "calls_per_report": {n: round(c / REPORTS, 2) for n, c in sorted(meter.requests.items())},
        "work_index_units_per_second": round(work),
        "partitions": len(shares),
        "busiest_partition_units_per_second": round(work * busiest),
        "jobs_a_partition_limit_allows": round(jobs * PARTITION_UNITS / (work * busiest)),
    }
    json.dump(told, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
