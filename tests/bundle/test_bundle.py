"""What `sam build` made, under the real Lambda runtime: imports, answers, is stopped in time.

The emulator is AWS's own; the Python has nothing but what AWS puts there, so that a package
missing from the bundle or the layer shows here. `make bundle` builds what this runs. Serial on
purpose: the emulator takes one request at a time.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from local import emulator
from local.emulator import BUILT, ROOT, built, event
from local.processes.loopback import HOST

BACKGROUND_EVENTS = [
    ("ValidateDatasetFunction", "s3_object_created"),
    ("ValidateDatasetFunction", "dataset_confirmed"),
    ("ValidateDatasetFunction", "schedule"),
    ("ProcessJobsFunction", "job_created"),
    ("ProcessJobsFunction", "job_stop_requested"),
    ("ProcessJobsFunction", "attempt_started"),
    ("ProcessJobsFunction", "attempt_finished"),
    ("ProcessJobsFunction", "schedule"),
    ("CreateArtifactsFunction", "job_collectable"),
    ("CreateArtifactsFunction", "schedule"),
]

pytestmark = [
    pytest.mark.bundle,
    pytest.mark.skipif(not BUILT.is_dir(), reason="nothing was built: run `make bundle`"),
]


class EmptyTable(BaseHTTPRequestHandler):
    """DynamoDB's wire, over a table that holds nothing; S3's, over an empty bucket."""

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = b'{"Items": [], "Count": 0, "ScannedCount": 0}'
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the test's own output is read."""


@pytest.fixture(scope="module")
def aws_url() -> Iterator[str]:
    with ThreadingHTTPServer((HOST, 0), EmptyTable) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}"
        server.shutdown()


@contextmanager
def running(
    function: str, *, timeout_seconds: int, aws_url: str, without: str = ""
) -> Iterator[str]:
    """The built function behind the emulator; gives the address to invoke it at.

    `without` names a variable that the environment lacks.
    """
    variables = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": aws_url,
        "BRIGHTRUN_STAGE": "bundle",
        "BRIGHTRUN_TABLE_NAME": "records",
        "BRIGHTRUN_BUCKET_NAME": "storage",
        "BRIGHTRUN_BUS_NAME": "pipeline",
    }
    variables.pop(without, None)
    with emulator.running(built(function), variables, timeout_seconds=timeout_seconds) as url:
        yield url


def invoke(url: str, payload: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(emulator.invoke(url, payload))
    return answer


def test_the_authorizer_knows_nobody_without_a_token(aws_url: str) -> None:
    with running("AuthorizerFunction", timeout_seconds=10, aws_url=aws_url) as url:
        answer = invoke(url, event("authorizer"))

    assert answer == {
        "isAuthorized": True,
        "context": {"kind": "anonymous", "admin": "false", "reason": "no token was sent"},
    }


def test_the_authorizer_looks_up_an_api_key(aws_url: str) -> None:
    asked = event("authorizer")
    asked["headers"]["authorization"] = "Bearer brk_" + "x" * 43
    with running("AuthorizerFunction", timeout_seconds=10, aws_url=aws_url) as url:
        answer = invoke(url, asked)

    assert answer["context"]["reason"] == "the API key is not known"


def test_the_api_refuses_nobody_in_the_envelope(aws_url: str) -> None:
    asked = event("api_request")
    asked["requestContext"]["authorizer"] = {"lambda": {"kind": "anonymous", "reason": "no token"}}
    with running("ApiFunction", timeout_seconds=29, aws_url=aws_url) as url:
        answer = invoke(url, asked)

    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["code"] == "unauthenticated"


def test_the_api_describes_itself(aws_url: str) -> None:
    asked = event("api_request")
    asked["requestContext"]["authorizer"] = {"lambda": {"kind": "anonymous"}}
    asked["requestContext"]["http"] |= {"method": "GET", "path": "/openapi.json"}
    asked |= {"rawPath": "/openapi.json", "body": None}
    with running("ApiFunction", timeout_seconds=29, aws_url=aws_url) as url:
        answer = invoke(url, asked)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["openapi"].startswith("3.1")


@pytest.mark.parametrize(("function", "told"), BACKGROUND_EVENTS)
def test_a_background_function_finds_nothing_to_do(function: str, told: str, aws_url: str) -> None:
    with running(function, timeout_seconds=30, aws_url=aws_url) as url:
        answer = invoke(url, event(told))

    assert "errorMessage" not in answer
    assert all(count in {0, 1} for count in answer.values())


def test_every_event_there_is_was_sent() -> None:
    sent = {told for _, told in BACKGROUND_EVENTS} | {"authorizer", "api_request"}

    assert sent == {file.stem for file in (ROOT / "events").glob("*.json")}
    assert len(sent) == 10


def test_the_layer_has_nothing_that_no_function_imports() -> None:
    """`tokenizers` names the Hub's client, which was more than half of the layer."""
    packages = {path.name for path in (BUILT / "SharedLayer" / "python").iterdir()}

    assert {"brightrun", "pydantic", "tokenizers"} <= packages
    assert not packages & {"huggingface_hub", "hf_xet", "click", "yaml", "tqdm", "boto3"}


def test_a_missing_setting_stops_a_function_with_its_name(aws_url: str) -> None:
    missing = "BRIGHTRUN_TABLE_NAME"
    with running("ProcessJobsFunction", timeout_seconds=9, aws_url=aws_url, without=missing) as url:
        answer = invoke(url, event("schedule"))

    assert answer["errorType"] == "WrongSetting"
    assert f"TableName ({missing})" in answer["errorMessage"]


def test_a_function_that_hangs_is_stopped_in_its_time() -> None:
    """AWS accepts the connection and never answers: the runtime ends the call, not the client."""
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        dead_url = f"http://{HOST}:{silent.getsockname()[1]}"
        with running("ProcessJobsFunction", timeout_seconds=2, aws_url=dead_url) as url:
            began = time.monotonic()
            answer = emulator.invoke(url, event("schedule"))
            seconds = time.monotonic() - began

    assert "Task timed out after 2.00 seconds" in answer
    assert seconds < 10
