"""Every route there is: who is let in, whose records are reached, and where it is documented."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from brightrun import errors
from functions.api.description.order_of_use import ORDER_OF_USE
from functions.api.documentation import documentation
from functions.api.errors import EDGE_CODES, STATUS
from functions.api.native import native_resolver
from tests.support.api.bodies import BODIES, ORDER
from tests.support.api.http_calls import BOB_CALLS, NOBODY, Call, identity
from tests.support.factories import ADA, DATASET_ID, JOB_ID, KEY_ID, MODEL_ID, NOTE_ID

DOCS = ("GET /docs", "GET /docs/style.css", "GET /docs/theme.js")
PUBLIC = {"GET /", "GET /api/health", "GET /api/config", "GET /openapi.json", *DOCS}
WORKER = identity(user_id=ADA, job_id=JOB_ID, attempt="1") | {"kind": "worker"}
ADMIN = identity(user_id="root", admin="true")
IDS = {
    "<dataset_id>": DATASET_ID,
    "<job_id>": JOB_ID,
    "<model_id>": MODEL_ID,
    "<notification_id>": NOTE_ID,
    "<key_id>": KEY_ID,
    "<user_id>": ADA,
}


def routes() -> Iterator[str]:
    """Every route of the table, as `METHOD /path/<id>`; RunPod's hooks carry no identity."""
    for resolver in (native_resolver(), documentation):
        for route in resolver._static_routes + resolver._dynamic_routes:
            if "/hooks/" not in route.path:
                yield f"{route.method} {route.path}"


NATIVE = sorted(route for route in routes() if "/worker/" not in route)
FOR_WORKERS = sorted(route for route in routes() if "/worker/" in route)
FOR_ADMINS = [route for route in NATIVE if "/admin/" in route]
WITH_IDS = [route for route in NATIVE if "<" in route and route not in FOR_ADMINS]


def filled(route: str) -> str:
    for name, value in (IDS | {"<attempt>": "1"}).items():
        route = route.replace(name, value)
    return route


def test_the_walk_finds_every_route() -> None:
    assert len(NATIVE) >= 40
    assert len(WITH_IDS) >= 16
    assert len(FOR_ADMINS) >= 2
    assert len(FOR_WORKERS) == 7


# ---- who is let in


@pytest.mark.parametrize("route", [*NATIVE, *FOR_WORKERS])
def test_nobody_is_let_in_anywhere_but_where_everybody_is(api: Call, route: str) -> None:
    answer = api(filled(route), BODIES.get(route), caller=NOBODY)

    if route in PUBLIC:
        assert answer.status == 200
    else:
        assert answer.refusal == (401, "unauthenticated")
        assert answer.body["error"] == "no token was sent"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", sorted(set(NATIVE) - PUBLIC))
def test_a_worker_reaches_nothing_but_its_protocol(api: Call, route: str) -> None:
    assert api(filled(route), BODIES.get(route), caller=WORKER).refusal == (403, "forbidden")


@pytest.mark.parametrize("route", FOR_WORKERS)
def test_a_user_cannot_speak_for_a_worker(api: Call, route: str) -> None:
    assert api(filled(route), {}).refusal == (403, "forbidden")


@pytest.mark.parametrize("route", FOR_ADMINS)
def test_only_administrators_see_what_is_theirs(api: Call, route: str) -> None:
    refused = api(filled(route), BODIES.get(route))
    shown = api(filled(route), BODIES.get(route), caller=ADMIN)

    assert refused.refusal == (403, "forbidden")
    assert shown.status == (404 if "<key_id>" in route else 200)


def test_identity_is_judged_before_a_single_byte_of_the_body(api: Call) -> None:
    assert api("POST /api/jobs", raw="{", caller=NOBODY).status == 401


# ---- whose records


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize("route", WITH_IDS)
def test_another_users_id_is_answered_like_one_that_does_not_exist(api: Call, route: str) -> None:
    theirs = api(filled(route), BODIES.get(route), caller=BOB_CALLS)
    nobodys = api(filled(route), BODIES.get(route), caller=identity(user_id="carol"))

    assert theirs.status == 404
    assert theirs.refusal[1].endswith("_not_found")
    assert theirs.body == nobodys.body


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize("route", ["POST /api/jobs", "POST /api/jobs/estimate"])
def test_another_users_dataset_cannot_be_named_in_a_body(api: Call, route: str) -> None:
    assert api(route, ORDER, caller=BOB_CALLS).refusal == (404, "dataset_not_found")


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize(
    "route",
    sorted(
        route
        for route in set(NATIVE) - set(FOR_ADMINS)
        if route.startswith("GET") and "<" not in route
    ),
)
def test_no_list_shows_another_users_records(api: Call, route: str) -> None:
    shown = api(route, caller=BOB_CALLS).text

    ids = set(IDS.values()) - {ADA}
    assert not [item_id for item_id in ids if item_id in shown]


# ---- the table of errors


def leaves(kind: type[errors.PlatformError]) -> set[type[errors.PlatformError]]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*(leaves(child) for child in below))


def test_each_error_has_a_status_and_nothing_else_has() -> None:
    assert set(STATUS) == leaves(errors.PlatformError)


def test_the_errors_page_lists_every_code_with_its_status() -> None:
    page = Path("docs/errors.md").read_text()
    expected = {kind.code: status for kind, status in STATUS.items()} | EDGE_CODES

    missing = [
        code for code, status in expected.items() if f"| `{code}` | {int(status)} |" not in page
    ]
    assert missing == []


def test_the_api_page_names_every_route() -> None:
    page = Path("docs/api.md").read_text()
    only_a_greeting = ["GET /"]

    assert [route for route in NATIVE if f"`{route}`" not in page] == only_a_greeting


def test_the_page_tells_the_calls_in_the_order_of_use_as_the_document_does(api: Call) -> None:
    described = {
        call["operationId"]: f"{method.upper()} {path}"
        for path, methods in api("GET /openapi.json", caller=NOBODY).body["paths"].items()
        for method, call in methods.items()
    }
    shown = re.findall(r'class="call-body" id="(\w+)"', api("GET /docs", caller=NOBODY).text)
    told = re.findall(r"^\| `([A-Z]+ /[^`]+)`", Path("docs/api.md").read_text(), re.MULTILINE)
    written = [route.replace("<", "{").replace(">", "}") for route in told]

    assert sorted(shown) == sorted(described)
    assert set(ORDER_OF_USE) == described.keys()
    assert [described[name] for name in ORDER_OF_USE if described[name] in written] == written
    for before, after in [("estimate_job", "create_job"), ("create_dataset", "confirm_dataset")]:
        assert shown.index(before) < shown.index(after)


def test_the_page_of_the_api_runs_no_script_of_its_own_and_names_every_call(api: Call) -> None:
    answer = api("GET /docs", caller=NOBODY)
    described = api("GET /openapi.json", caller=NOBODY).body["paths"]
    policy = answer.headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert re.findall(r"<script[^>]*>(.*?)</script>", answer.text) == [""]
    assert re.findall(r' (?:style|on[a-z]+)="', answer.text) == []
    assert [path for path in described if f">{path}</code>" not in answer.text] == []


@pytest.mark.parametrize("name", ["style.css", "theme.js"])
def test_what_the_page_needs_comes_from_its_own_origin(api: Call, name: str) -> None:
    page = api("GET /docs", caller=NOBODY).text
    file = api(f"GET /docs/{name}", caller=NOBODY)

    assert f'"/docs/{name}"' in page
    assert file.status == 200
    assert file.headers["Content-Type"].startswith("text/")
    assert "//" not in re.sub(r"/\*.*?\*/|^\s*//.*$", "", file.text, flags=re.DOTALL | re.MULTILINE)


def test_the_page_wears_the_dashboards_own_tokens_and_theme() -> None:
    """What is copied into the API is the dashboard's, byte for byte."""
    reference, web = Path("functions/api/reference"), Path("web/src")

    assert (reference / "tokens.css").read_text() == (web / "styles" / "tokens.css").read_text()
    assert (reference / "theme.js").read_text() == (web / "theme.js").read_text()
