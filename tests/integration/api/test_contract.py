"""The API held against its own description: made-up calls by made-up callers, whatever they send.

Nothing is an accident (5xx), and each answer has a status, a media type and a shape that
`docs/openapi.json` names.
"""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, EVENT, NOBODY, identity
from tests.support.factories import ADA, JOB_ID

EXAMPLES = 6
BASE_URL = "http://api"
PUBLIC = {"/", "/api/health", "/api/config"}
ADMIN = identity(user_id="root", admin="true")
WORKER = identity(user_id=ADA, job_id=JOB_ID, attempt="1") | {"kind": "worker"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

described = schemathesis.openapi.from_path("docs/openapi.json")
described.config.phases.coverage.enabled = False
described.config.generation.modes = [schemathesis.GenerationMode.POSITIVE]
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def called(
    case: schemathesis.Case[Any], caller: dict[str, str], deps: Deps
) -> schemathesis.Response:
    """Send a case through the handler as API Gateway would, and return what came back."""
    sent = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
    answer = handle(event_of(sent, caller), None, deps)
    return schemathesis.Response(
        status_code=answer["statusCode"],
        headers={name.lower(): [value] for name, value in answer["headers"].items()},
        content=answer["body"].encode(),
        request=sent,
        elapsed=0,
        verify=False,
    )


def event_of(sent: requests.PreparedRequest, caller: dict[str, str]) -> dict[str, Any]:
    url = urlsplit(str(sent.url))
    http = {**EVENT["requestContext"]["http"], "method": sent.method, "path": url.path}
    context = {**EVENT["requestContext"], "http": http, "authorizer": {"lambda": caller}}
    body = sent.body.decode() if isinstance(sent.body, bytes) else sent.body
    return {
        **EVENT,
        "rawPath": url.path,
        "rawQueryString": url.query,
        "queryStringParameters": dict(parse_qsl(url.query, keep_blank_values=True)),
        "headers": {name.lower(): str(value) for name, value in sent.headers.items()},
        "requestContext": context,
        "body": body,
    }


def caller_for(path: str) -> dict[str, str]:
    """Whoever is let in at a path."""
    if path.startswith("/worker/"):
        return WORKER
    return ADMIN if path.startswith("/api/admin") else ADA_CALLS


@described.parametrize()
@bounded
def test_every_answer_is_one_that_the_description_names(
    case: schemathesis.Case[Any], deps: Deps
) -> None:
    answer = called(case, caller_for(case.operation.path), deps)

    case.validate_response(answer, checks=CHECKS)


@described.parametrize()
@settings(bounded, max_examples=2)
def test_nobody_is_refused_as_the_description_says(
    case: schemathesis.Case[Any], deps: Deps
) -> None:
    answer = called(case, NOBODY, deps)

    case.validate_response(answer, checks=CHECKS)
    assert (answer.status_code == 401) == (case.operation.path not in PUBLIC)
