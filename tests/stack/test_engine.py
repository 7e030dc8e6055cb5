"""The embedded AWS does what the rest relies on: the gate for every bump of its version."""

import base64
import hashlib
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from botocore.exceptions import ClientError

from local.deploy import Aws, DeployFailed, deploy
from local.engine.version import ENGINE_VERSION
from local.processes.children import NotReady, answers, running, start, stop
from local.settings import LocalSettings, read_settings
from local.stack import engine
from tests.support.stack.ports import eventually, own_settings

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).with_name("small")

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(),
        reason="no .venv-engine: `make test` makes it",
    ),
]


def started(settings: LocalSettings) -> None:
    command = engine(settings)
    quick = replace(command, arguments=(*command.arguments, "--save-every", "0.5"))
    start(quick, leashed=True)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSettings]:
    own = own_settings(tmp_path_factory.mktemp("engine"))
    started(own)
    yield own
    stop(engine(own))


@pytest.fixture(scope="module")
def outputs(settings: LocalSettings) -> dict[str, str]:
    return deploy(settings, SMALL / "template.yaml", {"Greeting": "hello"})


@pytest.fixture
def aws(settings: LocalSettings) -> Aws:
    return Aws(settings.aws_url)


def test_the_pinned_version_is_the_one_the_gaps_were_closed_for() -> None:
    pinned = (ROOT / "local" / "engine-requirements.txt").read_text()

    assert re.findall(r"^ministack==(.+)$", pinned, re.MULTILINE) == [ENGINE_VERSION]


@pytest.mark.usefixtures("outputs")
def test_a_request_reaches_the_function_through_the_authorizer(settings: LocalSettings) -> None:
    answer = httpx.get(f"{settings.front_url}/api/a%20b", headers={"Authorization": "Bearer me"})

    assert answer.status_code == 200
    assert answer.json()["path"] == "/api/a b"
    assert answer.json()["who"] == "Bearer me"
    assert answer.json()["greeting"] == "hello"


@pytest.mark.usefixtures("outputs")
def test_a_request_without_a_token_reaches_the_function_too(settings: LocalSettings) -> None:
    answer = httpx.get(f"{settings.front_url}/api/x")

    assert answer.json()["who"] == "nobody"


@pytest.mark.usefixtures("outputs")
def test_a_method_without_a_route_is_not_found(settings: LocalSettings) -> None:
    assert httpx.post(f"{settings.front_url}/api/x").status_code == 404


@pytest.mark.usefixtures("outputs")
def test_a_function_has_only_the_rights_of_its_role(settings: LocalSettings) -> None:
    assert httpx.get(f"{settings.front_url}/api/x").json()["listing"] == "AccessDenied"


@pytest.mark.usefixtures("outputs")
def test_a_preflight_is_answered_from_the_apis_own_cors(settings: LocalSettings) -> None:
    asked = {"Origin": "https://pages.test", "Access-Control-Request-Method": "GET"}
    allowed = httpx.options(f"{settings.front_url}/api/x", headers=asked)
    refused = httpx.options(
        f"{settings.front_url}/api/x", headers=asked | {"Origin": "https://other.test"}
    )

    assert allowed.headers["access-control-allow-origin"] == "https://pages.test"
    assert "access-control-allow-origin" not in refused.headers


def test_what_cloudformation_leaves_out_is_there(aws: Aws, outputs: dict[str, str]) -> None:
    ttl = aws.client("dynamodb").describe_time_to_live(TableName=outputs["TableName"])
    function = aws.client("lambda").get_function(FunctionName=outputs["HeardName"])

    assert ttl["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires_at",
    }
    assert function["Concurrency"]["ReservedConcurrentExecutions"] == 3
    assert "Undelivered" in function["Configuration"]["DeadLetterConfig"]["TargetArn"]


def test_an_uploaded_object_wakes_the_function_that_waits_for_it(
    aws: Aws, outputs: dict[str, str]
) -> None:
    aws.client("s3").put_object(Bucket=outputs["BucketName"], Key="heard/1.jsonl", Body=b"{}")
    dynamodb = aws.client("dynamodb")
    key = {"pk": {"S": "heard/1.jsonl"}}

    assert eventually(
        lambda: dynamodb.get_item(TableName=outputs["TableName"], Key=key).get("Item")
    )


def test_a_second_deploy_changes_what_changed_and_nothing_else(
    settings: LocalSettings, outputs: dict[str, str], tmp_path: Path
) -> None:
    shutil.copytree(SMALL, tmp_path / "small")
    template = tmp_path / "small" / "template.yaml"
    template.write_text(template.read_text().replace('"/{proxy+}"', '"/api/only/{proxy+}"'))
    changed = deploy(settings, template, {"Greeting": "good day"})
    elsewhere = httpx.get(f"{settings.front_url}/api/x")
    here = httpx.get(f"{settings.front_url}/api/only/x")
    again = deploy(settings, SMALL / "template.yaml", {"Greeting": "hello"})

    assert changed == outputs == again
    assert elsewhere.status_code == 404
    assert here.json()["greeting"] == "good day"


def test_a_presigned_upload_is_bound_to_what_was_signed(aws: Aws, outputs: dict[str, str]) -> None:
    body = b"exactly this"
    checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
    url = aws.client("s3").generate_presigned_url(
        "put_object",
        Params={
            "Bucket": outputs["BucketName"],
            "Key": "signed",
            "ContentLength": len(body),
            "ChecksumSHA256": checksum,
        },
    )
    headers = {"x-amz-checksum-sha256": checksum}

    assert httpx.put(url, content=b"exactly thus", headers=headers).status_code == 400
    assert httpx.put(url, content=body + b"!", headers=headers).status_code >= 400
    assert httpx.put(url, content=body, headers=headers).status_code == 200


def test_nobody_can_wipe_the_stack_by_asking(
    settings: LocalSettings, aws: Aws, outputs: dict[str, str]
) -> None:
    answer = httpx.post(f"{settings.aws_url}/_ministack/reset")

    assert answer.status_code == 403
    assert outputs["TableName"] in aws.client("dynamodb").list_tables()["TableNames"]


def test_of_many_transactions_at_once_exactly_the_possible_ones_happen(
    aws: Aws, outputs: dict[str, str]
) -> None:
    table, client = outputs["TableName"], aws.client("dynamodb")
    client.put_item(TableName=table, Item={"pk": {"S": "purse"}, "coins": {"N": "10"}})
    take = {
        "Update": {
            "TableName": table,
            "Key": {"pk": {"S": "purse"}},
            "UpdateExpression": "SET coins = coins - :one",
            "ConditionExpression": "coins >= :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    taken: list[int] = []

    def take_four(first: int) -> None:
        own = aws.client("dynamodb")
        for number in range(first, first + 4):
            note = {"Put": {"TableName": table, "Item": {"pk": {"S": f"taken-{number}"}}}}
            try:
                own.transact_write_items(TransactItems=[take, note])
            except ClientError:
                continue
            taken.append(number)

    threads = [threading.Thread(target=take_four, args=(4 * i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    items = client.scan(TableName=table)["Items"]
    purse = next(item for item in items if item["pk"]["S"] == "purse")

    assert len(taken) == 10
    assert purse["coins"] == {"N": "0"}
    assert sorted(i["pk"]["S"] for i in items if i["pk"]["S"].startswith("taken")) == sorted(
        f"taken-{number}" for number in taken
    )


def test_after_kill_9_the_stack_is_back_with_its_data(tmp_path: Path) -> None:
    own = own_settings(tmp_path)
    started(own)
    made = deploy(own, SMALL / "template.yaml", {"Greeting": "kept"})
    key = {"pk": {"S": "precious"}}
    Aws(own.aws_url).client("dynamodb").put_item(TableName=made["TableName"], Item=key)
    saved = tmp_path / "state" / "services"
    parts = [saved / f"{name}.json" for name in ("dynamodb", "lambda", "apigateway", "iam")]
    eventually(lambda: all(part.is_file() for part in parts) and "precious" in parts[0].read_text())
    process = running(engine(own))
    assert process is not None
    process.send_signal(signal.SIGKILL)
    eventually(lambda: not running(engine(own)))
    started(own)
    found = Aws(own.aws_url).client("dynamodb").get_item(TableName=made["TableName"], Key=key)
    served = httpx.get(f"{own.front_url}/api/x", headers={"Authorization": "Bearer me"})
    stop(engine(own))

    assert found["Item"] == key
    assert served.json().get("greeting") == "kept", served.text


def test_stopping_leaves_no_process_and_the_next_start_no_old_folder(tmp_path: Path) -> None:
    own = own_settings(tmp_path)
    started(own)
    deploy(own, SMALL / "template.yaml", {})
    httpx.get(f"{own.front_url}/api/x")
    process = running(engine(own))
    assert process is not None
    below = process.children(recursive=True)
    left_behind = len(list((tmp_path / "state" / "tmp").iterdir()))
    stop(engine(own))
    alive = psutil.wait_procs([process, *below], timeout=5)[1]
    started(own)
    after = list((tmp_path / "state" / "tmp").glob("ministack-lambda-*"))
    stop(engine(own))

    assert len(below) >= 2
    assert left_behind >= 2
    assert alive == []
    assert after == []


def test_the_engine_ends_with_the_process_that_leashed_it(tmp_path: Path) -> None:
    own = own_settings(tmp_path)
    command = [*engine(own).arguments, "--leashed"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - our own
    eventually(lambda: answers(engine(own).health_url))
    process.communicate(timeout=10)

    assert process.returncode == 0


def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    own = own_settings(tmp_path)
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", own.front_port))
        squatter.listen()
        with pytest.raises(NotReady, match=f"port {own.front_port} is taken.*BRIGHTRUN_FRONT_PORT"):
            started(own)


def test_a_stack_that_never_came_up_is_replaced_by_one_that_does(tmp_path: Path) -> None:
    own = own_settings(tmp_path)
    started(own)
    shutil.copytree(SMALL, tmp_path / "small")
    template = tmp_path / "small" / "template.yaml"
    whole = template.read_text()
    template.write_text(whole.replace("Type: AWS::SQS::Queue", "Type: AWS::SQS::NoSuchThing"))
    with pytest.raises(DeployFailed, match="NoSuchThing"):
        deploy(own, template, {})
    template.write_text(whole)
    made = deploy(own, template, {})
    stop(engine(own))

    assert set(made) == {"TableName", "BucketName", "HeardName"}
