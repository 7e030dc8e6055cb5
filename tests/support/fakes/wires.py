"""Everything a handler may touch, in memory: for what must be run thousands of times."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

import httpx

from brightrun.ports.dynamodb.table import Table
from brightrun.ports.eventbridge import Bus
from brightrun.ports.runpod.jobs import RunPod
from brightrun.ports.s3.objects import Store
from brightrun.runtime import Deps
from brightrun.settings import Settings
from tests.support.catalogs import load_catalog
from tests.support.factories import NOON
from tests.support.fakes.store import MemoryBus, MemoryStore
from tests.support.fakes.table import MemoryTable


@dataclass(frozen=True)
class Wires:
    """What lies behind the clients, to be looked at directly."""

    table: MemoryTable
    store: MemoryStore
    bus: MemoryBus


def wires() -> Wires:
    """Return an AWS with nothing in it."""
    return Wires(MemoryTable(), MemoryStore(), MemoryBus())


def deps_of(
    behind: Wires,
    *,
    wrapped: Callable[[Any, str], Any] = lambda client, _: client,
    transport: httpx.BaseTransport | None = None,
) -> Deps:
    """Return dependencies whose clients are `wrapped`; RunPod is down unless it is given."""
    numbers = count(1)
    nobody = httpx.MockTransport(lambda _: httpx.Response(503))
    settings = Settings(
        stage="test",
        table_name="records",
        bucket_name="storage",
        bus_name="pipeline",
        gpu_endpoints={"A100-80GB": "endpoint-a100-x1", "A100-80GB x2": "endpoint-a100"},
        storage_flat_usd=Decimal("0.50"),
    )
    http = httpx.Client(transport=transport or nobody, base_url="https://runpod.test")
    return Deps(
        settings=settings,
        table=Table(wrapped(behind.table, "table"), "records", sleep=_no_wait),
        store=Store(wrapped(behind.store, "store"), "storage"),
        bus=Bus(lambda: wrapped(behind.bus, "bus"), "pipeline"),
        runpod=RunPod(http, _no_wait),
        catalog=load_catalog(settings.extra_base_models, settings.gpu_endpoints),
        now=lambda: NOON,
        new_id=lambda: f"019aa0c0-0000-7000-8000-{next(numbers):012d}",
        new_secret=lambda: "s" * 43,
        sleep=_no_wait,
    )


def _no_wait(_: float) -> None:
    return None
