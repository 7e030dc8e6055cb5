"""Fixtures shared by every folder: the table, bucket and bus of template.yaml, in process."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, settings
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse

from brightrun.ports.dynamodb.table import Table
from brightrun.ports.eventbridge import Bus
from brightrun.ports.runpod.jobs import RunPod
from brightrun.ports.s3.objects import Store
from brightrun.runtime import Deps
from brightrun.settings import Settings
from local.deploy import ENGINE_KEY
from tests.support.catalogs import load_catalog
from tests.support.deployment.permissions import Guard
from tests.support.factories import NOON
from tests.support.stack.table_engine import left_alone, table_engine

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client

ROOT = Path(__file__).parent.parent

# No clock decides about a test: the machine may be busy.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """Return template.yaml as written; `!Ref X` reads as {"Ref": "X"}."""
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed


@dataclass(frozen=True)
class Clients:
    """Clients take 0.1 s each to make and hold nothing, so one set serves all tests."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    events: "EventBridgeClient"


@pytest.fixture(scope="session")
def guard(template: dict[str, Any]) -> Guard:
    """Refuses what the role of the calling function in template.yaml does not allow."""
    return Guard(template)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tables be another engine's: `make tables` runs the data-access tests so."""
    parser.addoption("--tables", help="embedded: the local stack's engine; or an engine's address")


@pytest.fixture(scope="session")
def tables_at(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str | None]:
    """The address of the engine that holds the tables; None: they are moto's, in this process."""
    with table_engine(pytestconfig.getoption("--tables"), tmp_path_factory.mktemp("tables")) as at:
        yield at


@pytest.fixture(scope="session")
def clients(guard: Guard, tables_at: str | None) -> Clients:
    session = boto3.Session(ENGINE_KEY, ENGINE_KEY, region_name="us-east-1")
    guard.watch(session)
    return Clients(
        # The resource's client speaks plain Python values.
        dynamodb=session.resource("dynamodb", endpoint_url=tables_at).meta.client,
        s3=session.client("s3", config=Config(signature_version="s3v4")),
        events=session.client("events"),
    )


@pytest.fixture
def aws(
    monkeypatch: pytest.MonkeyPatch, clients: Clients, tables_at: str | None
) -> Iterator[Clients]:
    """An AWS in this process that is empty, and gone after the test."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws(config=left_alone(tables_at)):
        yield clients


@pytest.fixture
def table(aws: Clients, template: dict[str, Any]) -> Iterator[Table]:
    """The table with the keys and indexes that template.yaml declares."""
    declared = template["Resources"]["Table"]["Properties"]
    shape = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    aws.dynamodb.create_table(TableName="records", **{name: declared[name] for name in shape})
    yield Table(aws.dynamodb, "records", sleep=_no_wait)
    aws.dynamodb.delete_table(TableName="records")


@pytest.fixture
def store(aws: Clients) -> Store:
    """An empty bucket."""
    aws.s3.create_bucket(Bucket="storage")
    return Store(aws.s3, "storage")


@pytest.fixture
def bus(aws: Clients) -> Bus:
    """The pipeline's event bus."""
    aws.events.create_event_bus(Name="pipeline")
    return Bus(lambda: aws.events, "pipeline")


@pytest.fixture
def deps(table: Table, store: Store, bus: Bus) -> Deps:
    """Everything a handler may touch; it is noon, ids count up, and RunPod is down.

    `dataclasses.replace(deps, …)` gives a test another RunPod, clock or setting.
    """
    numbers = count(1)
    nobody = httpx.MockTransport(lambda _: httpx.Response(503))
    settings = Settings(
        stage="test",
        table_name=table.name,
        bucket_name=store.bucket,
        bus_name=bus.name,
        gpu_endpoints={"A100-80GB": "endpoint-a100-x1", "A100-80GB x2": "endpoint-a100"},
        cognito_client_id="client",
        cognito_issuer="https://issuer.test/pool",
    )
    return Deps(
        settings=settings,
        table=table,
        store=store,
        bus=bus,
        runpod=RunPod(httpx.Client(transport=nobody, base_url="https://runpod.test"), _no_wait),
        catalog=load_catalog(settings.extra_base_models, settings.gpu_endpoints),
        now=lambda: NOON,
        new_id=lambda: f"019aa0c0-0000-7000-8000-{next(numbers):012d}",
        new_secret=lambda: "s" * 43,
        sleep=_no_wait,
    )


def _no_wait(_: float) -> None:
    return None
