"""A cold start in an interpreter of its own: what is loaded, and what a first request then takes.

Processor seconds, the least of several tries; a busy machine adds to all. What AWS would answer
comes from `an_empty_account`, so that nothing but the function's own work is counted.
"""

import json
import os
import resource
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.emulator import BUILT, PYTHON
from local.processes.loopback import HOST

TIMES = 5

BARE = """
from typing import Any
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
import boto3
from pydantic import BaseModel
log = Logger(service="bare")
app = APIGatewayHttpResolver(enable_validation=True)
class Thing(BaseModel):
    name: str
@app.get("/api/things")
def things() -> list[Thing]:
    found = boto3.resource("dynamodb").Table("records").scan()
    return [Thing.model_validate(item) for item in found["Items"]]
def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    answer = app.resolve(event, context)
    log.info("answered", status=answer["statusCode"])
    return answer
"""
"""What any function of this kind has: a logger, a resolver that validates, boto3, one route."""

_EVENT = {
    "version": "2.0",
    "routeKey": "$default",
    "rawQueryString": "",
    "headers": {"content-type": "application/json"},
    "isBase64Encoded": False,
}
_ADA = {"kind": "user", "admin": "false", "user_id": "ada"}


def an_event(path: str) -> dict[str, object]:
    """Return what API Gateway passes on of a user's GET."""
    context = {
        "http": {"method": "GET", "path": path, "sourceIp": "192.0.2.1"},
        "requestId": "1",
        "stage": "$default",
        "authorizer": {"lambda": _ADA},
    }
    return {**_EVENT, "rawPath": path, "requestContext": context}


def answering(path: str) -> str:
    """Return the code that has `lambda_handler` answer a GET and stops unless that went well."""
    event = json.dumps(an_event(path))
    return f"""
import json
answer = lambda_handler(json.loads('''{event}'''), None)
assert answer["statusCode"] == 200, answer
"""


class _Empty(BaseHTTPRequestHandler):
    """DynamoDB and S3 of an account that has nothing yet."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer("application/x-amz-json-1.0", b'{"Items": [], "Count": 0, "ScannedCount": 0}')

    def do_GET(self) -> None:
        self._answer(
            "application/xml", b"<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"
        )

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def an_empty_account() -> Iterator[dict[str, str]]:
    """Serve an AWS that has nothing, and say by which variables it is reached."""
    server = ThreadingHTTPServer((HOST, 0), _Empty)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield {"AWS_ENDPOINT_URL": f"http://{HOST}:{server.server_port}"}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def seconds_of(code: str, function: str, **variables: str) -> float:
    """Return the processor seconds that a new interpreter of the runtime's Python takes."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": f"{BUILT / function}:{BUILT / 'SharedLayer' / 'python'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",  # pragma: allowlist secret
        "BRIGHTRUN_STAGE": "bench",
        "BRIGHTRUN_TABLE_NAME": "records",
        "BRIGHTRUN_BUCKET_NAME": "storage",
        "BRIGHTRUN_BUS_NAME": "pipeline",
        **variables,
    }
    taken = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(  # noqa: S603 - the runtime's own interpreter
            [PYTHON, "-c", code],
            env=environment,
            cwd=BUILT / function,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)
