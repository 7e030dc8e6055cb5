"""The catalogue is configuration: pushed without a deployment, and never taken down by itself."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from brightrun.datasets.record import Dataset
from brightrun.ports.s3.catalogs import CurrentCatalog
from brightrun.runtime import Deps
from brightrun.training.catalog import Catalog
from brightrun.training.catalog_document import CatalogDocument, catalog_of, shipped_document
from functions.api.app import handle
from tests.support.api.bodies import ORDER
from tests.support.api.http_calls import ADA_CALLS, Answer, Call, an_event, answered, identity
from tests.support.factories import NOON

ADMIN = identity(user_id="root", admin="true")


class Hands:
    """A clock moved by hand."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def deps(deps: Deps, clock: Hands) -> Deps:
    return replace(deps, now=clock, catalogs=process(deps))


def process(deps: Deps) -> CurrentCatalog:
    """Return what a process that has just begun knows of the catalogue."""

    def offered(document: CatalogDocument, on: date) -> Catalog:
        return catalog_of(document, deps.settings.gpu_endpoints, on=on)

    return CurrentCatalog(deps.store, offered, shipped_document())


@pytest.fixture
def call(deps: Deps) -> Call:
    def calling(route: str, body: object = None, caller: dict[str, str] = ADMIN) -> Answer:
        return answered(handle(an_event(route, body, caller, None, None, None), None, deps))

    return calling


def priced(rate: str, since: str = "2026-11-01") -> dict[str, Any]:
    document: dict[str, Any] = shipped_document().model_dump(mode="json")
    document["gpus"][0]["prices"].append({"hourly_rate_usd": float(rate), "effective_from": since})
    if since == "2026-11-01":
        document["gpus"][0]["prices"].pop(0)
    return document


def rate_of(answer: Answer) -> float:
    return float(answer.data["gpu_types"][0]["hourly_rate"])


def test_a_price_changes_without_a_deployment_for_jobs_created_after_it(
    call: Call, clock: Hands, dataset: Dataset
) -> None:
    before = call("POST /api/jobs", ORDER, ADA_CALLS).data
    call("PUT /api/admin/catalog", {"document": priced("2.74")})
    clock.now += timedelta(seconds=61)

    after = call("POST /api/jobs", ORDER, ADA_CALLS).data

    kept = call(f"GET /api/jobs/{before['id']}", None, ADA_CALLS).data["job"]
    assert (kept["hourly_rate_usd"], after["hourly_rate_usd"]) == (3.5, 2.74)
    assert after["estimated_total_cost"] < before["estimated_total_cost"]


def test_a_price_of_tomorrow_is_told_today_and_holds_tomorrow(call: Call, clock: Hands) -> None:
    call("PUT /api/admin/catalog", {"document": priced("9.00", "2026-11-21")})
    clock.now += timedelta(minutes=2)
    today = call("GET /api/catalog")
    clock.now += timedelta(hours=12)

    assert rate_of(today) == 3.5
    told = [{"hourly_rate": 9.0, "effective_from": "2026-11-21"}]
    assert today.data["gpu_types"][0]["later_prices"] == told
    assert rate_of(call("GET /api/catalog")) == 9.0


def test_versions_are_counted_kept_and_read(call: Call, clock: Hands) -> None:
    first = call("PUT /api/admin/catalog", {"document": priced("2.74")}).data
    second = call("PUT /api/admin/catalog", {"document": priced("2.50")}).data
    clock.now += timedelta(minutes=2)

    assert (first["version"], second["version"], second["pushed_by"]) == (1, 2, "root")
    held = call("GET /api/admin/catalog").data
    assert (held["version"], held["document"]) == (2, second["document"])
    assert rate_of(call("GET /api/catalog")) == 2.5
    assert call("GET /api/catalog").data["version"] == 2


def test_what_is_shown_can_be_pushed_again(call: Call) -> None:
    shown = call("GET /api/admin/catalog").data

    assert shown["version"] == 0
    assert call("PUT /api/admin/catalog", {"document": shown["document"]}).data["version"] == 1


def test_a_wrong_document_is_refused_with_its_fields_and_changes_nothing(
    call: Call, deps: Deps
) -> None:
    document = priced("2.74")
    document["gpus"][0]["colour"] = "red"

    answer = call("PUT /api/admin/catalog", {"document": document})

    assert answer.refusal == (400, "invalid_request")
    assert list(answer.body["details"]) == ["document.gpus.0.colour"]
    assert deps.store.client.list_objects_v2(Bucket="storage").get("KeyCount") == 0


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b'{"version": 2}', b"\xff\xfe", json.dumps({"document": {}}).encode()],
)
def test_a_broken_object_leaves_the_last_good_one_and_is_told(
    call: Call, deps: Deps, clock: Hands, broken: bytes
) -> None:
    call("PUT /api/admin/catalog", {"document": priced("2.74")})
    deps.store.client.put_object(Bucket="storage", Key="catalog/000002.json", Body=broken)
    clock.now += timedelta(minutes=2)

    assert rate_of(call("GET /api/catalog")) == 2.74
    health = call("GET /api/health").data
    assert (health["status"], health["catalog"]["version"]) == ("degraded", 1)
    assert "version 2" in health["catalog"]["problem"]


def test_a_process_that_begins_with_a_broken_one_finds_the_one_before(
    call: Call, deps: Deps
) -> None:
    call("PUT /api/admin/catalog", {"document": priced("2.74")})
    deps.store.client.put_object(Bucket="storage", Key="catalog/000002.json", Body=b"{")

    found = process(deps).at(NOON)

    assert (found.version, str(found.gpus[0].hourly_rate_usd)) == (1, "2.74")


def test_with_nothing_good_the_shipped_one_holds(call: Call, deps: Deps, clock: Hands) -> None:
    deps.store.client.put_object(Bucket="storage", Key="catalog/000001.json", Body=b"{")
    clock.now += timedelta(minutes=2)

    assert rate_of(call("GET /api/catalog")) == 3.5
    assert call("GET /api/health").data["catalog"]["version"] == 0


def test_a_broken_one_that_is_mended_by_a_push_is_told_no_longer(
    call: Call, deps: Deps, clock: Hands
) -> None:
    deps.store.client.put_object(Bucket="storage", Key="catalog/000001.json", Body=b"{")
    call("PUT /api/admin/catalog", {"document": priced("2.74")})
    clock.now += timedelta(minutes=2)

    assert call("GET /api/health").data["catalog"] == {"version": 2, "problem": None}


def test_storage_that_is_away_costs_nobody_the_catalogue(
    call: Call, deps: Deps, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    call("PUT /api/admin/catalog", {"document": priced("2.74")})
    known = process(deps)
    known.at(NOON)

    class Away:
        def get_paginator(self, _: str) -> Any:
            raise ClientError({"Error": {"Code": "SlowDown"}}, "ListObjectsV2")

    away: Any = Away()
    known.store = replace(deps.store, client=away)

    found = known.at(NOON + timedelta(minutes=2))

    assert str(found.gpus[0].hourly_rate_usd) == "2.74"
    assert found.problem is not None
    assert "catalogue unusable" in caplog.text


def test_it_is_read_once_a_minute(deps: Deps) -> None:
    class Counted:
        asked = 0

        def get_paginator(self, name: str) -> Any:
            self.asked += 1
            return deps.store.client.get_paginator(name)  # type: ignore[call-overload]

    counted: Any = Counted()
    known = process(deps)
    known.store = replace(deps.store, client=counted)
    for seconds in (0, 20, 40, 59, 60, 61):
        known.at(NOON + timedelta(seconds=seconds))

    assert counted.asked == 2


def test_of_two_who_push_at_once_one_is_told(call: Call, deps: Deps) -> None:
    class Slow:
        """The other pushes between our look and our write."""

        def __getattr__(self, name: str) -> Any:
            return getattr(deps.store.client, name)

        def put_object(self, **asked: Any) -> Any:
            call("PUT /api/admin/catalog", {"document": priced("2.50")})
            return deps.store.client.put_object(**asked)

    slow: Any = Slow()
    slower = replace(deps, store=replace(deps.store, client=slow))
    event = an_event("PUT /api/admin/catalog", {"document": priced("9")}, ADMIN, None, None, None)

    assert answered(handle(event, None, slower)).refusal == (409, "conflict")


def test_only_an_administrator_pushes(call: Call) -> None:
    body = {"document": priced("0.01")}

    assert call("PUT /api/admin/catalog", body, ADA_CALLS).refusal == (403, "forbidden")
    assert call("GET /api/admin/catalog", None, ADA_CALLS).refusal == (403, "forbidden")


@pytest.mark.parametrize("version", [1, 7, 999_999])
def test_a_version_that_is_not_there_is_refused(call: Call, deps: Deps, version: int) -> None:
    event = an_event("GET /api/admin/catalog", None, ADMIN, None, None, {"version": version})

    assert answered(handle(event, None, deps)).refusal == (400, "invalid_request")
