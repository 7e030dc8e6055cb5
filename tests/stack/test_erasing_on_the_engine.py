"""The embedded AWS forgets as the real one does: versions, markers, items; a push happens once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from brightrun.errors import Conflict
from brightrun.ports.dynamodb.accounts.erasing import forget_group
from brightrun.ports.dynamodb.key_shapes import Group
from brightrun.ports.dynamodb.table import Table
from brightrun.ports.s3 import catalogs
from brightrun.ports.s3.erasing import erase_under
from brightrun.ports.s3.objects import Store
from brightrun.ports.user_pool import UserPool
from brightrun.records import UserId
from brightrun.training.catalog_document import PushedCatalog, shipped_document
from local.deploy import ENGINE_KEY, Aws
from local.processes.children import start, stop
from local.settings import REGION, read_settings
from local.stack import engine
from tests.support.stack.ports import own_settings

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(),
        reason="no .venv-engine: `make test` makes it",
    ),
]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    own = own_settings(tmp_path_factory.mktemp("engine"))
    start(engine(own), leashed=True)
    yield Aws(own.aws_url)
    stop(engine(own))


@pytest.fixture(scope="module")
def store(aws: Aws) -> Store:
    client: Any = aws.client("s3")
    client.create_bucket(Bucket="storage")
    client.put_bucket_versioning(Bucket="storage", VersioningConfiguration={"Status": "Enabled"})
    return Store(client, "storage")


def test_every_version_and_every_marker_is_gone(store: Store) -> None:
    for key in ("datasets/ada/1/f", "datasets/ada/10/f"):
        for body in (b"one", b"two"):
            store.client.put_object(Bucket="storage", Key=key, Body=body)
    store.client.delete_object(Bucket="storage", Key="datasets/ada/1/f")

    erased = erase_under(store, "datasets/ada/1/", has_time=lambda: True)

    left = store.client.list_object_versions(Bucket="storage", Prefix="datasets/")
    assert erased
    assert [each["Key"] for each in left.get("Versions", [])] == ["datasets/ada/10/f"] * 2
    assert left.get("DeleteMarkers", []) == []


def test_every_item_of_a_group_is_gone(aws: Aws) -> None:
    plain = boto3.resource(
        "dynamodb", endpoint_url=aws.url, region_name=REGION,
        aws_access_key_id=ENGINE_KEY, aws_secret_access_key=ENGINE_KEY,
    )  # fmt: skip
    client: Any = plain.meta.client
    client.create_table(
        TableName="records",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    for number in range(60):
        client.put_item(TableName="records", Item={"pk": "JOB#1", "sk": f"EVENT#{number:02d}"})
    client.put_item(TableName="records", Item={"pk": "JOB#2", "sk": "EVENT#1"})

    gone = forget_group(Table(client, "records"), Group("JOB#1", ""), lambda: True)

    assert gone
    assert [item["pk"] for item in client.scan(TableName="records")["Items"]] == ["JOB#2"]


def test_a_user_of_the_pool_is_gone_and_may_be_removed_again(aws: Aws) -> None:
    client: Any = aws.client("cognito-idp")
    pool_id = client.create_user_pool(PoolName="users")["UserPool"]["Id"]
    pool = UserPool(lambda: client, pool_id)
    for name in ("ada", "bob"):
        client.admin_create_user(UserPoolId=pool_id, Username=name)

    pool.delete(UserId("ada"))
    pool.delete(UserId("ada"))

    assert [user["Username"] for user in client.list_users(UserPoolId=pool_id)["Users"]] == ["bob"]


def test_a_version_of_the_catalogue_is_pushed_once(store: Store) -> None:
    pushed = PushedCatalog(version=1, pushed_at=NOW, pushed_by="root", document=shipped_document())
    catalogs.push(store, pushed)

    assert catalogs.versions(store) == [1]
    assert catalogs.read_version(store, 1, on=NOW.date()) == pushed
    with pytest.raises(Conflict):
        catalogs.push(store, pushed)
